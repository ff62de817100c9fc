#include "heed/record/json_lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "heed/base/error.h"
#include "heed/base/replace_all.h"

namespace heed {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::pair<Fate, const char*>, 4> kFates = {
    {{Fate::kKept, "kept"}, {Fate::kFinished, "finished"}, {Fate::kCut, "cut"}, {Fate::kPruned, "pruned"}}};

Json rounded(float value, double steps) {
  if (!std::isfinite(value)) return nullptr;
  return std::round(static_cast<double>(value) * steps) / steps;
}

double steps_of(const LineOptions& options) { return std::pow(10.0, options.decimals); }

Json to_json(const std::vector<float>& row, double steps) {
  Json out = Json::array();
  for (const float value : row) out.push_back(rounded(value, steps));
  return out;
}

Json to_json(const AttentionWeights& weights, double steps) {
  Json out = Json::array();
  for (const auto& row : weights) out.push_back(to_json(row, steps));
  return out;
}

/// null for a token that has no text.
Json to_json(const std::vector<ByteRange>& ranges) {
  Json out = Json::array();
  for (const ByteRange& range : ranges) {
    out.push_back(range.begin == range.end ? Json() : Json::array({range.begin, range.end}));
  }
  return out;
}

Json to_json(const AttentionLayers& layers, double steps) {
  Json out = Json::array();
  for (const auto& layer : layers) {
    Json& heads = out.emplace_back(Json::array());
    for (const AttentionWeights& head : layer) heads.push_back(to_json(head, steps));
  }
  return out;
}

Json to_json(const MemberAttention& member, double steps) {
  Json out = Json::object();
  if (!member.source_tokens.empty()) {
    out["source_tokens"] = member.source_tokens;
    out["source_ranges"] = to_json(member.source_ranges);
  }
  if (!member.attention.empty()) out["attention"] = to_json(member.attention, steps);
  if (!member.attention_layers.empty()) out["attention_layers"] = to_json(member.attention_layers, steps);
  if (!member.attention_names.empty()) out["attention_names"] = member.attention_names;
  return out;
}

void add_attention(const Translation& translation, const LineOptions& options, Json& out) {
  if (translation.copied) out["copied"] = *translation.copied;
  if (!options.attention) return;
  const double steps = steps_of(options);
  out["attention"] = to_json(translation.attention, steps);
  for (const TokenMeasure& measure : translation.measures) {
    out["measures"][measure.name] = to_json(measure.values, steps);
  }
  if (!options.layers) return;
  if (!translation.attention_layers.empty()) out["attention_layers"] = to_json(translation.attention_layers, steps);
  if (translation.attention_members.empty()) return;
  Json& members = out["attention_members"] = Json::array();
  for (const MemberAttention& member : translation.attention_members) members.push_back(to_json(member, steps));
}

Json to_json(const Translation& translation, const LineOptions& options) {
  Json out = {{"text", translation.text},
              {"tokens", translation.tokens},
              {"score", translation.score},
              {"log_probability", translation.log_probability},
              {"ranges", to_json(translation.ranges)}};
  if (translation.cut) out["cut"] = true;
  if (options.token_scores || !translation.log_probabilities.empty())
    out["token_log_probabilities"] = translation.log_probabilities;
  add_attention(translation, options, out);
  return out;
}

Json source_of(const Translated& translated) {
  return {{"source", translated.source},
          {"source_tokens", translated.source_tokens},
          {"source_ranges", to_json(translated.source_ranges)}};
}

Json to_json(const SearchTrace& trace, const std::vector<std::string>& tokens, double steps) {
  if (tokens.size() != trace.candidates.size()) {
    throw Error(ErrorKind::kArgument, fmt::format("trace_tokens has {} tokens for {} candidates of the trace",
                                                  tokens.size(), trace.candidates.size()));
  }
  Json out = Json::array();
  for (std::size_t i = 0; i < trace.candidates.size(); ++i) {
    const TracedCandidate& candidate = trace.candidates[i];
    Json& to = out.emplace_back(Json{{"id", i},
                                     {"parent", candidate.parent},
                                     {"token", tokens[i]},
                                     {"log_probability", candidate.log_probability},
                                     {"score", candidate.score},
                                     {"state", name_of(candidate.fate)}});
    if (candidate.attention < 0) continue;
    const auto row = static_cast<std::size_t>(candidate.attention);
    if (row >= trace.attention.size())
      throw Error(ErrorKind::kArgument, fmt::format("trace: candidate {} has attention that is not there", i));
    to["attention"] = to_json(trace.attention[row], steps);
  }
  return out;
}

const Translation& best_of(const Translated& translated) {
  if (!translated.translations.empty()) return translated.translations.front();
  throw Error(ErrorKind::kArgument, "the record has no translation to write");
}

/// Unicode's line ends escaped, which may be in texts: what splits at them, as Python's splitlines(), would cut the
/// line.
std::string with_escaped_ends(std::string line) {
  constexpr std::pair<std::string_view, std::string_view> kEnds[] = {
      {"\u2028", "\\u2028"}, {"\u2029", "\\u2029"}, {"\u0085", "\\u0085"}};
  for (const auto& [end, escaped] : kEnds) replace_all(line, end, escaped);
  return line;
}

std::string line_of(const Json& json) {
  return with_escaped_ends(json.dump(-1, ' ', false, Json::error_handler_t::replace)) + "\n";
}

}  // namespace

const char* name_of(Fate fate) {
  return std::find_if(kFates.begin(), kFates.end(), [&](const auto& each) { return each.first == fate; })->second;
}

std::string to_json_line(const Translated& translated, const LineOptions& options) {
  Json translations = Json::array();
  for (const Translation& translation : translated.translations) translations.push_back(to_json(translation, options));
  Json out = source_of(translated);
  if (!translated.features.empty()) out["features"] = translated.features;
  out["translations"] = std::move(translations);
  if (options.attention && options.layers && !translated.attention_names.empty()) {
    out["attention_names"] = translated.attention_names;
  }
  if (!translated.trace.candidates.empty()) {
    out["trace"] = to_json(translated.trace, translated.trace_tokens, steps_of(options));
  }
  if (translated.trace.cut) out["trace_cut"] = true;
  return line_of(out);
}

std::string to_scored_line(const Translated& scored, const LineOptions& options) {
  const Translation& target = best_of(scored);
  Json out = {{"source", scored.source},
              {"target", target.text},
              {"source_tokens", scored.source_tokens},
              {"target_tokens", target.tokens},
              {"source_ranges", to_json(scored.source_ranges)},
              {"ranges", to_json(target.ranges)},
              {"log_probability", target.log_probability},
              {"log_probabilities", target.log_probabilities}};
  if (!scored.features.empty()) out["features"] = scored.features;
  add_attention(target, options, out);
  if (!scored.attention_names.empty()) out["attention_names"] = scored.attention_names;
  return line_of(out);
}

std::string to_sample_line(const Translated& translated, const LineOptions& options) {
  Json out = source_of(translated);
  out.update(to_json(best_of(translated), options));
  return line_of(out);
}

std::string to_aligned_line(const std::string& source, const std::string& target, std::span<const Link> links,
                            const AttentionWeights& weights) {
  Json out = {{"source", source}, {"target", target}, {"links", Json::array()}};
  for (const Link& link : links) out["links"].push_back({link.source, link.target});
  out["weights"] = to_json(weights, 1e4);
  return line_of(out);
}

std::string to_error_line(const std::string& bytes, const std::string& fault) {
  return line_of(
      {{"source", bytes}, {"source_tokens", Json::array()}, {"translations", Json::array()}, {"error", fault}});
}

}  // namespace heed
