#include "position_json.h"

#include <limits>
#include <nlohmann/json.hpp>

#include "heed/base/error.h"
#include "heed/base/json_depth.h"
#include "heed/base/json_fault.h"
#include "json_numbers.h"
#include "result_json.h"

namespace heed {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kMost = std::numeric_limits<double>::max();

Json to_json(const DataFingerprint& data) {
  Json out = {{"training_pairs", data.training_pairs},
              {"training", data.training},
              {"validation_pairs", data.validation_pairs},
              {"validation", data.validation}};
  if (!data.ensemble.empty()) out["ensemble"] = data.ensemble;
  return out;
}

DataFingerprint fingerprint_from(const Json& j) {
  return {count_at<long>(j, "training_pairs"), j.at("training"), count_at<long>(j, "validation_pairs"),
          j.at("validation"), j.value("ensemble", "")};
}

TrainingPosition position_from(const Json& j) {
  constexpr double kMostRate = 1e6;
  TrainingPosition out;
  out.epoch = count_at<int>(j, "epoch");
  out.batch = count_at<int>(j, "batch");
  out.updates = count_at<long>(j, "updates");
  out.epoch_loss = number_at(j, "epoch_loss", 0, kMost);
  out.epoch_tokens = count_at<long>(j, "epoch_tokens");
  if (j.contains("window_loss")) {  // not in the states of version 0.1
    out.window_loss = number_at(j, "window_loss", 0, kMost);
    out.window_tokens = count_at<long>(j, "window_tokens");
  }
  if (j.contains("earlier_updates")) out.earlier_updates = count_at<long>(j, "earlier_updates");
  if (j.contains("tokens")) out.tokens = number_at(j, "tokens", 0, 1e15);  // likewise
  if (j.contains("skipped")) {                                             // likewise
    out.skipped = count_at<long>(j, "skipped");
    out.skipped_in_row = count_at<int>(j, "skipped_in_row");
    out.mean_norm = number_at(j, "mean_norm", 0, kMost);
    out.norms = count_at<int>(j, "norms");
  }
  // Before there was training.validate_every, each epoch was validated.
  out.validated_at = j.contains("validated_at") ? number_at(j, "validated_at", 0, 1e15) : out.epoch;
  out.learning_rate = number_at(j, "learning_rate", 0, kMostRate);
  const bool is_named = j.contains("plateau_best");  // after the metric, which was always perplexity
  out.plateau_best = number_at(j, is_named ? "plateau_best" : "best_perplexity", 0, kMost);
  out.plateau_bad = count_at<int>(j, is_named ? "plateau_bad" : "bad_perplexity");
  if (is_named) out.plateau_perplexity = number_at(j, "plateau_perplexity", 0, kMost);
  out.seconds = number_at(j, "seconds", 0, kMost);
  if (j.contains("start_rate")) {  // likewise
    out.start_rate = number_at(j, "start_rate", 0, kMostRate);
    out.clip_norm = number_at(j, "clip_norm", 0, kMost);
    out.not_finite = j.at("not_finite");
  }
  for (const Json& validation : j.at("validations")) out.validations.push_back(validation_from(validation));
  return out;
}

}  // namespace

std::string json_text(const ValidationResult& result) { return to_json(result).dump(); }

std::string to_json_text(const SavedPosition& saved) {
  const TrainingPosition& p = saved.position;
  Json out = {{"epoch", p.epoch},
              {"batch", p.batch},
              {"epoch_loss", p.epoch_loss},
              {"epoch_tokens", p.epoch_tokens},
              {"window_loss", p.window_loss},
              {"window_tokens", p.window_tokens},
              {"updates", p.updates},
              {"tokens", p.tokens},
              {"validated_at", p.validated_at},
              {"skipped", p.skipped},
              {"skipped_in_row", p.skipped_in_row},
              {"mean_norm", p.mean_norm},
              {"norms", p.norms},
              {"learning_rate", p.learning_rate},
              {"plateau_best", p.plateau_best},
              {"plateau_perplexity", p.plateau_perplexity},
              {"plateau_bad", p.plateau_bad},
              {"seconds", p.seconds},
              {"start_rate", p.start_rate},
              {"clip_norm", p.clip_norm},
              {"not_finite", p.not_finite},
              {"data", to_json(saved.data)},
              {"kept", saved.kept.value_or(std::vector<long>())},
              {"validations", Json::array()}};
  if (p.earlier_updates > 0) out["earlier_updates"] = p.earlier_updates;
  for (const ValidationResult& validation : p.validations) out["validations"].push_back(to_json(validation));
  return out.dump(1) + "\n";
}

SavedPosition position_from_text(const std::string& text) try {
  check_json_depth(text);
  const Json parsed = Json::parse(text);
  SavedPosition out;
  out.position = position_from(parsed);
  if (parsed.contains("kept")) {
    std::vector<long>& kept = out.kept.emplace();
    for (const Json& update : parsed.at("kept")) kept.push_back(count_of<long>(update, "kept"));
  }
  if (parsed.contains("data")) out.data = fingerprint_from(parsed.at("data"));
  return out;
} catch (const Json::exception& error) {
  throw Error(json_fault(error.what()));
}

}  // namespace heed
