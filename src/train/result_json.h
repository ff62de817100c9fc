#pragma once
#include <nlohmann/json.hpp>

#include "heed/train/trainer.h"

namespace heed {

/// A validation's numbers as position.json and history.jsonl hold them.
inline nlohmann::ordered_json to_json(const ValidationResult& v) {
  return {
      {"epoch", v.epoch}, {"update", v.update},     {"train_loss", v.train_loss},       {"perplexity", v.perplexity},
      {"bleu", v.bleu},   {"accuracy", v.accuracy}, {"learning_rate", v.learning_rate}, {"seconds", v.seconds},
      {"best", v.best}};
}

inline ValidationResult validation_from(const nlohmann::ordered_json& j) {
  return {j.at("epoch"),    j.at("update"),        j.at("train_loss"), j.at("perplexity"), j.at("bleu"),
          j.at("accuracy"), j.at("learning_rate"), j.at("seconds"),    j.at("best")};
}

}  // namespace heed
