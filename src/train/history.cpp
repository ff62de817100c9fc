#include "heed/train/history.h"

#include <nlohmann/json.hpp>
#include <sstream>

#include "heed/base/atomic_file.h"
#include "heed/base/checksums.h"
#include "heed/base/error.h"
#include "heed/base/exchanged.h"
#include "heed/base/json_depth.h"
#include "heed/base/json_fault.h"
#include "heed/base/regular_file.h"
#include "heed/model/bundle.h"
#include "heed/model/file_names.h"
#include "heed/record/json_lines.h"
#include "history_writer.h"
#include "json_numbers.h"
#include "result_json.h"

namespace heed {
namespace {

using Json = nlohmann::ordered_json;

// Bytes that are no UTF-8 (of pieces that are single bytes) have no JSON.
std::string line(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"; }

// A record of its translation, whose mean attention has the four decimals that pictures and pages show.
Json to_json(const ValidationSample& sample) {
  Json out = Json::parse(to_sample_line(sample.translated, {.layers = false, .decimals = 4}));
  out["reference"] = sample.reference;
  return out;
}

void read_line(const Json& j, TrainingHistory& out) {
  const std::string kind = j.at("kind");
  if (kind == "start") {
    out.starts.push_back({j.at("time"),
                          {j.at("heed"), j.at("command").get<std::vector<std::string>>()},
                          {j.at("resumed"), count_at<int>(j, "epoch"), count_at<long>(j, "update"),
                           count_at<long>(j, "parameters"), j.at("precision")},
                          count_at<int>(j, "threads")});
  } else if (kind == "progress") {
    out.points.push_back({j.at("epoch"), count_at<long>(j, "update"), j.at("loss"), j.at("learning_rate"),
                          j.at("gradient_norm"), j.at("target_tokens_per_second"), j.at("seconds")});
  } else if (kind == "validation") {
    HistoryValidation& validation = out.validations.emplace_back();
    validation.result = validation_from(j);
    for (const Json& sample : j.at("samples")) {
      validation.samples.push_back({sample.at("reference"), read_json_line(sample.dump())});
    }
  }
}

}  // namespace

void HistoryWriter::add(const HistoryStart& start) {
  Json out = {{"kind", "start"}, {"time", start.time}};
  out.update(heed::to_json(start));
  text_ += line(out);
}

void HistoryWriter::add(const HistoryPoint& point) {
  text_ += line({{"kind", "progress"},
                 {"epoch", point.epoch},
                 {"update", point.update},
                 {"loss", point.loss},
                 {"learning_rate", point.learning_rate},
                 {"gradient_norm", point.gradient_norm},
                 {"target_tokens_per_second", point.target_tokens_per_second},
                 {"seconds", point.seconds}});
}

void HistoryWriter::add(const ValidationResult& result, std::span<const ValidationSample> samples) {
  Json out = {{"kind", "validation"}};
  out.update(heed::to_json(result));
  out["samples"] = Json::array();
  for (const ValidationSample& sample : samples) out["samples"].push_back(to_json(sample));
  text_ += line(out);
}

TrainingHistory TrainingHistory::load(const std::filesystem::path& directory) {
  const std::filesystem::path path = directory / kTrainingState / kHistoryFile;
  if (!std::filesystem::exists(path)) {
    throw Error(ErrorKind::kModel,
                "'" + path.string() + "' is missing: '" + directory.string() +
                    "' is no run of `heed train`, or one of a version that kept no history",
                {.file = path.string()});
  }
  TrainingHistory out;
  const std::string content = read_directory(directory, [&path] {
    std::string text = read_regular_file(path, kAnySize);
    Checksums::load(path.parent_path()).check(kHistoryFile, text);
    return text;
  });
  std::istringstream lines(content);
  long number = 0;
  for (std::string text; std::getline(lines, text);) {
    ++number;
    try {
      check_json_depth(text);
      read_line(Json::parse(text), out);
    } catch (const std::exception& error) {
      throw Error::at({.file = path.string(), .line = number}, "damaged: " + json_fault(error.what()),
                      ErrorKind::kModel);
    }
  }
  return out;
}

}  // namespace heed
