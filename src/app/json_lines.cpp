#include "json_lines.h"

#include <fmt/format.h>

#include <cmath>

#include "heed/base/error.h"
#include "heed/base/utf8.h"

namespace heed::app {
namespace {

Json to_json(const Translation& translation, bool attention) {
  Json out = {{"text", translation.text},
              {"tokens", translation.tokens},
              {"score", translation.score},
              {"log_probability", translation.log_probability}};
  if (attention) out["attention"] = short_numbers(translation.attention);
  return out;
}

void check(const Translation& translation, std::size_t source_tokens) {
  if (translation.attention.empty()) return;
  if (translation.attention.size() != translation.tokens.size()) {
    throw Error(fmt::format("attention has {} rows for {} target tokens", translation.attention.size(),
                            translation.tokens.size()));
  }
  for (const auto& row : translation.attention) {
    if (row.size() == source_tokens) continue;
    throw Error(fmt::format("a row of attention has {} columns for {} source tokens", row.size(), source_tokens));
  }
}

}  // namespace

Json short_number(float value) {
  constexpr double kSteps = 1e8;
  if (!std::isfinite(value)) return nullptr;
  return std::round(static_cast<double>(value) * kSteps) / kSteps;
}

Json short_numbers(const std::vector<std::vector<float>>& rows) {
  Json out = Json::array();
  for (const auto& row : rows) {
    Json& numbers = out.emplace_back(Json::array());
    for (const float value : row) numbers.push_back(short_number(value));
  }
  return out;
}

std::string to_json_line(const Translated& translated, bool attention) {
  Json translations = Json::array();
  for (const Translation& translation : translated.translations)
    translations.push_back(to_json(translation, attention));
  const Json out = {{"source", translated.source},
                    {"source_tokens", translated.source_tokens},
                    {"translations", std::move(translations)}};
  return out.dump() + "\n";
}

std::string to_json_line(const SentencePair& pair, const Scored& scored, bool attention) {
  Json out = {{"source", pair.source},
              {"target", pair.target},
              {"source_tokens", scored.source_tokens},
              {"target_tokens", scored.target_tokens},
              {"log_probability", scored.log_probability},
              {"log_probabilities", scored.log_probabilities}};
  if (attention) out["attention"] = short_numbers(scored.attention);
  return out.dump() + "\n";
}

Translated from_json_line(std::string_view line) {
  constexpr const char* kExpected = "expected a line of `heed translate --format jsonl --attention`";
  Translated out;
  try {
    const Json json = Json::parse(line);
    out.source = json.at("source").get<std::string>();
    out.source_tokens = json.at("source_tokens").get<std::vector<std::string>>();
    for (const Json& translation : json.at("translations")) {
      Translation& to = out.translations.emplace_back();
      to.text = translation.at("text").get<std::string>();
      to.tokens = translation.at("tokens").get<std::vector<std::string>>();
      to.score = translation.value("score", 0.0);
      to.log_probability = translation.value("log_probability", 0.0);
      if (translation.contains("attention")) {
        to.attention = translation.at("attention").get<std::vector<std::vector<float>>>();
      }
    }
  } catch (const Json::exception& error) {
    throw Error(fmt::format("{}: {}", kExpected, error.what()));
  }
  for (const Translation& translation : out.translations) check(translation, out.source_tokens.size());
  return out;
}

}  // namespace heed::app
