#include "test_report.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "fmt/format.h"
#include "heed/base/atomic_file.h"
#include "heed/base/checksums.h"
#include "heed/base/error.h"
#include "heed/base/json_depth.h"
#include "heed/base/json_fault.h"
#include "heed/base/regular_file.h"
#include "heed/metrics/registry.h"
#include "heed/model/file_names.h"
#include "heed/ranks/ranks.h"
#include "json_numbers.h"

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

TestResult result_from(const Json& j) {
  TestResult out{count_at<int>(j, "epoch"), count_at<long>(j, "update"), count_at<long>(j, "sentences"),
                 count_at<int>(j, "beam"),  j.at("perplexity"),          {}};
  const std::vector<std::string> known = text_metrics();
  for (const auto& [name, value] : j.items()) {
    if (std::find(known.begin(), known.end(), name) != known.end()) out.metrics.emplace_back(name, value);
  }
  return out;
}

std::string checksum_of_bundle(const Config& config) {
  return checksum(read_regular_file(fs::path(config.output) / kParametersFile, kAnySize));
}

TestResult write_test(const Config& config, const Judged& judged, const ValidationResult& best) {
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
  const std::string text = out.dump(1) + "\n";
  write_file_atomically(fs::path(config.output) / kTestFile, text);
  return result_from(Json::parse(text));
}

}  // namespace

bool is_test_judged(const Config& config) {
  if (config.data.test.empty()) return true;
  const fs::path path = fs::path(config.output) / kTestFile;
  if (!fs::exists(path)) return false;
  const Json json = Json::parse(read_regular_file(path), nullptr, false);
  if (!json.is_object()) return false;
  return json.value("files", Json()) == files_of(config.data.test) &&
         json.value("parameters", Json()) == checksum_of_bundle(config);
}

TestResult judge_test(const Candidate& candidate, const ValidationResult& best, const std::atomic<bool>& stop) {
  Config whole = candidate.config;
  whole.training.validation_sentences = 0;
  const Judged judged = judge(candidate.data.test,
                              {whole, candidate.data, candidate.model, candidate.updater, {}, candidate.ranks}, stop);
  if (candidate.ranks != nullptr && !candidate.ranks->leads()) return {};
  return write_test(candidate.config, judged, best);
}

std::optional<TestResult> read_test(const fs::path& directory) {
  const fs::path path = directory / kTestFile;
  if (!fs::exists(path)) return std::nullopt;
  try {
    const std::string text = read_regular_file(path);
    check_json_depth(text);
    return result_from(Json::parse(text));
  } catch (const std::exception& error) {
    throw Error::at({.file = path.string()}, "damaged: " + json_fault(error.what()), ErrorKind::kModel);
  }
}

std::string test_text(const TestResult& result) {
  std::string out = fmt::format("test: perplexity {:.4g}", result.perplexity);
  for (const auto& [name, value] : result.metrics) out += fmt::format(", {} {:.2f}", find_metric(name).title, value);
  return out;
}

}  // namespace heed
