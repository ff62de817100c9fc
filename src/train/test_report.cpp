#include "test_report.h"

#include <nlohmann/json.hpp>

#include "fmt/format.h"
#include "heed/base/atomic_file.h"
#include "heed/base/checksums.h"

namespace heed {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

Json files_of(const CorpusFiles& files) {
  if (!files.tsv.empty()) {
    Json out = {{"tsv", files.tsv}};
    if (files.columns != CorpusFiles{}.columns) out["columns"] = files.columns;
    return out;
  }
  std::vector<std::string> targets = files.more_targets;
  targets.insert(targets.begin(), files.target);
  return {{"source", files.source}, {"target", targets}};
}

std::string checksum_of_bundle(const Config& config) {
  return checksum(read_file(fs::path(config.output) / "parameters.safetensors"));
}

}  // namespace

bool is_test_judged(const Config& config) {
  if (config.data.test.empty()) return true;
  const fs::path path = fs::path(config.output) / kTestFile;
  if (!fs::exists(path)) return false;
  const Json json = Json::parse(read_file(path), nullptr, false);
  if (!json.is_object()) return false;
  return json.value("files", Json()) == files_of(config.data.test) &&
         json.value("parameters", Json()) == checksum_of_bundle(config);
}

void write_test(const Config& config, const Judged& judged, const ValidationResult& best) {
  Json out = {{"epoch", best.epoch},
              {"update", best.update},
              {"parameters", checksum_of_bundle(config)},
              {"files", files_of(config.data.test)},
              {"sentences", judged.sentences},
              {"beam", config.training.validation_beam},
              {"perplexity", judged.result.perplexity}};
  Json signatures = Json::object();
  Json details = Json::object();
  for (const MetricValue& value : judged.values) {
    out[value.name] = value.value;
    signatures[value.name] = value.signature;
    for (const auto& [name, number] : value.details) details[value.name][name] = number;
  }
  out["signatures"] = std::move(signatures);
  out["details"] = std::move(details);
  write_file_atomically(fs::path(config.output) / kTestFile, out.dump(1) + "\n");
}

std::string test_text(const ValidationResult& result) {
  std::string out = fmt::format("test: perplexity {:.4g}", result.perplexity);
  for (const auto& [name, value] : result.metrics) out += fmt::format(", {} {:.2f}", name, value);
  return out;
}

}  // namespace heed
