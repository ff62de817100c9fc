#include "json_lines.h"

#include <fmt/format.h>

#include <cmath>

namespace heed::app {
namespace {

void add_attention(const AttentionWeights& mean, const AttentionLayers& layers, Json& out) {
  out["attention"] = short_numbers(mean);
  if (layers.empty()) return;
  Json& all = out["attention_layers"] = Json::array();
  for (const auto& layer : layers) {
    Json& heads = all.emplace_back(Json::array());
    for (const AttentionWeights& head : layer) heads.push_back(short_numbers(head));
  }
}

/// [begin, end) of each token; null for one that has no text.
Json to_json(const std::vector<ByteRange>& ranges) {
  Json out = Json::array();
  for (const ByteRange& range : ranges) {
    out.push_back(range.begin == range.end ? Json() : Json::array({range.begin, range.end}));
  }
  return out;
}

Json to_json(const Translation& translation, bool attention) {
  Json out = {{"text", translation.text},
              {"tokens", translation.tokens},
              {"score", translation.score},
              {"log_probability", translation.log_probability},
              {"ranges", to_json(translation.ranges)}};
  if (translation.cut) out["cut"] = true;
  if (translation.copied) out["copied"] = *translation.copied;
  if (attention) add_attention(translation.attention, translation.attention_layers, out);
  return out;
}

constexpr const char* name_of(Fate fate) {
  switch (fate) {
    case Fate::kKept:
      return "kept";
    case Fate::kFinished:
      return "finished";
    case Fate::kCut:
      return "cut";
    case Fate::kPruned:
      break;
  }
  return "pruned";
}

/// The candidates of a search. An id is the place in the list, from 0; -1 is BOS.
Json trace_of(const Translated& translated) {
  const SearchTrace& trace = translated.trace;
  Json out = Json::array();
  for (std::size_t i = 0; i < trace.candidates.size(); ++i) {
    const TracedCandidate& candidate = trace.candidates[i];
    Json& to = out.emplace_back(Json{{"id", i},
                                     {"parent", candidate.parent},
                                     {"token", translated.trace_tokens[i]},
                                     {"log_probability", candidate.log_probability},
                                     {"score", candidate.score},
                                     {"state", name_of(candidate.fate)}});
    if (candidate.attention < 0) continue;
    Json& weights = to["attention"] = Json::array();
    for (const float weight : trace.attention[candidate.attention]) weights.push_back(short_number(weight));
  }
  return out;
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
  Json out = {{"source", translated.source},
              {"source_tokens", translated.source_tokens},
              {"source_ranges", to_json(translated.source_ranges)},
              {"translations", std::move(translations)}};
  if (attention && !translated.attention_names.empty()) out["attention_names"] = translated.attention_names;
  if (!translated.trace.candidates.empty()) out["trace"] = trace_of(translated);
  if (translated.trace.cut) out["trace_cut"] = true;
  return out.dump() + "\n";
}

std::string to_json_line(const BadLine& line) {
  const Json out = {
      {"source", line.bytes}, {"source_tokens", Json::array()}, {"translations", Json::array()}, {"error", line.fault}};
  return out.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string to_json_line(const SentencePair& pair, const Scored& scored, bool attention) {
  Json out = {{"source", pair.source},
              {"target", pair.target},
              {"source_tokens", scored.source_tokens},
              {"target_tokens", scored.target_tokens},
              {"source_ranges", to_json(scored.source_ranges)},
              {"ranges", to_json(scored.target_ranges)},
              {"log_probability", scored.log_probability},
              {"log_probabilities", scored.log_probabilities}};
  if (scored.copied) out["copied"] = *scored.copied;
  if (attention) add_attention(scored.attention, scored.attention_layers, out);
  if (!scored.attention_names.empty()) out["attention_names"] = scored.attention_names;
  return out.dump() + "\n";
}

}  // namespace heed::app
