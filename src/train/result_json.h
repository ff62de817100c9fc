#pragma once
#include <algorithm>
#include <nlohmann/json.hpp>

#include "heed/metrics/registry.h"
#include "heed/train/history.h"
#include "json_numbers.h"

namespace heed {

/// A validation's numbers as position.json, history.jsonl and train.jsonl hold them.
inline nlohmann::ordered_json to_json(const ValidationResult& v) {
  nlohmann::ordered_json out = {
      {"epoch", v.epoch}, {"update", v.update}, {"train_loss", v.train_loss}, {"perplexity", v.perplexity}};
  for (const auto& [name, value] : v.metrics) out[name] = value;
  out.update({{"learning_rate", v.learning_rate}, {"seconds", v.seconds}, {"best", v.best}});
  if (v.cut) out["cut"] = true;
  if (v.attention_maximum > 0) {
    out["attention_entropy"] = v.attention_entropy;
    out["attention_maximum"] = v.attention_maximum;
    out["attention_movement"] = v.attention_movement;
  }
  return out;
}

/// What history.jsonl and train.jsonl say of a start, besides the time.
inline nlohmann::ordered_json to_json(const HistoryStart& start) {
  return {{"heed", start.origin.version},       {"command", start.origin.command},
          {"resumed", start.start.resumed},     {"epoch", start.start.epoch},
          {"update", start.start.update},       {"parameters", start.start.parameters},
          {"precision", start.start.precision}, {"threads", start.threads}};
}

inline ValidationResult validation_from(const nlohmann::ordered_json& j) {
  ValidationResult out;
  out.epoch = count_at<int>(j, "epoch");
  out.update = count_at<long>(j, "update");
  out.train_loss = j.at("train_loss");
  out.perplexity = j.at("perplexity");
  const std::vector<std::string> known = text_metrics();
  for (const auto& [name, value] : j.items()) {
    if (std::find(known.begin(), known.end(), name) != known.end()) out.metrics.emplace_back(name, value);
  }
  out.learning_rate = j.at("learning_rate");
  out.seconds = j.at("seconds");
  out.best = j.at("best");
  out.cut = j.value("cut", false);
  out.attention_entropy = j.value("attention_entropy", 0.0);  // not of models without attention, nor of version 0.1
  out.attention_maximum = j.value("attention_maximum", 0.0);
  out.attention_movement = j.value("attention_movement", 0.0);
  return out;
}

}  // namespace heed
