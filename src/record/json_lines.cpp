#include "heed/record/json_lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "heed/base/error.h"
#include "heed/base/json_depth.h"
#include "heed/base/json_fault.h"

namespace heed {
namespace {

using Json = nlohmann::ordered_json;
using Parsed = nlohmann::json;  // finds a key at once, however many there are; ordered_json does not

constexpr std::array<std::pair<Fate, const char*>, 4> kFates = {
    {{Fate::kKept, "kept"}, {Fate::kFinished, "finished"}, {Fate::kCut, "cut"}, {Fate::kPruned, "pruned"}}};
constexpr float kMostWeight = 1.001f;  // sums of rounded numbers

// Writing.

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
  if (!translation.log_probabilities.empty()) out["token_log_probabilities"] = translation.log_probabilities;
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
  for (const auto& [end, escaped] : kEnds) {
    if (line.find(end) == std::string::npos) continue;
    std::string out;
    std::size_t from = 0;
    for (std::size_t at = 0; (at = line.find(end, from)) != std::string::npos; from = at + end.size())
      (out += std::string_view(line).substr(from, at - from)) += escaped;
    line = out + line.substr(from);
  }
  return line;
}

std::string line_of(const Json& json) {
  return with_escaped_ends(json.dump(-1, ' ', false, Json::error_handler_t::replace)) + "\n";
}

// Reading. A key that is optional leaves what it stands for as it is.

/// What messages show of a value that is not right; lists and texts may be long.
std::string shown(const Parsed& json) {
  if (json.is_number() || json.is_boolean() || json.is_null()) return json.dump();
  return json.is_string() ? "a text" : json.is_array() ? "a list" : "an object";
}

const Parsed& list_of(const Parsed& json, const char* what) {
  if (!json.is_array()) throw Error(fmt::format("{} is {}; expected a list", what, shown(json)));
  return json;
}

const Parsed& object_of(const Parsed& json, const char* what) {
  if (!json.is_object()) throw Error(fmt::format("{} is {}; expected an object", what, shown(json)));
  return json;
}

std::string text_of(const Parsed& json, const char* what) {
  if (!json.is_string()) throw Error(fmt::format("{} is {}; expected a text", what, shown(json)));
  return json.get<std::string>();
}

std::vector<std::string> texts_of(const Parsed& json, const char* what) {
  std::vector<std::string> out;
  for (const Parsed& text : list_of(json, what)) {
    if (!text.is_string()) throw Error(fmt::format("{} has {}; expected texts", what, shown(text)));
    out.push_back(text.get<std::string>());
  }
  return out;
}

void read_texts(const Parsed& json, const char* key, std::vector<std::string>& to) {
  if (const auto found = json.find(key); found != json.end()) to = texts_of(*found, key);
}

void read_flag(const Parsed& json, const char* key, bool& to) {
  const auto found = json.find(key);
  if (found == json.end()) return;
  if (!found->is_boolean()) throw Error(fmt::format("{} is {}; expected true or false", key, shown(*found)));
  to = found->get<bool>();
}

/// null is a number that was not finite.
double number_of(const Parsed& json, const char* what) {
  if (json.is_null()) return std::numeric_limits<double>::quiet_NaN();
  if (!json.is_number()) throw Error(fmt::format("{} is {}; expected a number", what, shown(json)));
  return json.get<double>();
}

void read_number(const Parsed& json, const char* key, double& to) {
  if (const auto found = json.find(key); found != json.end()) to = number_of(*found, key);
}

int index_of(const Parsed& json, const char* what, int least) {
  constexpr int kMost = std::numeric_limits<int>::max();
  const bool fits = json.is_number_unsigned() ? json.get<std::uint64_t>() <= kMost
                                              : json.is_number_integer() && json.get<std::int64_t>() >= least;
  if (!fits) throw Error(fmt::format("{} has {}; expected a whole number from {} on", what, shown(json), least));
  return json.get<int>();
}

std::vector<float> read_row(const Parsed& json, std::size_t row, const std::string& what = "attention") {
  std::vector<float> weights;
  for (const Parsed& weight : list_of(json, ("a row of " + what).c_str())) {
    const float value = weight.is_number() ? weight.get<float>() : -1.0F;
    if (!(value >= 0 && value <= kMostWeight)) {
      throw Error(fmt::format("{}: row {} has {}; weights lie between 0 and 1", what, row, shown(weight)));
    }
    weights.push_back(value);
  }
  return weights;
}

AttentionWeights read_weights(const Parsed& json, const std::string& what) {
  AttentionWeights weights;
  for (const Parsed& row : list_of(json, what.c_str())) weights.push_back(read_row(row, weights.size(), what));
  return weights;
}

void read_measures(const Parsed& json, Translation& to) {
  const auto found = json.find("measures");
  if (found == json.end()) return;
  for (const auto& [name, values] : object_of(*found, "measures").items()) {
    to.measures.push_back({name, read_weights(values, "measures: " + name)});
  }
}

void read_ranges(const Parsed& json, const char* key, std::vector<ByteRange>& to) {
  const auto found = json.find(key);
  if (found == json.end() || found->is_null()) return;
  for (const Parsed& range : list_of(*found, key)) {
    ByteRange& out = to.emplace_back();
    if (range.is_null()) continue;
    if (!range.is_array() || range.size() != 2 || !range[0].is_number_unsigned() || !range[1].is_number_unsigned()) {
      throw Error(fmt::format("{}: that of token {} is neither [begin, end] nor null", key, to.size()));
    }
    out = {range[0].get<std::size_t>(), range[1].get<std::size_t>()};
  }
}

void read_layers(const Parsed& json, AttentionLayers& to) {
  const auto found = json.find("attention_layers");
  if (found == json.end()) return;
  for (const Parsed& layer : list_of(*found, "attention_layers")) {
    auto& heads = to.emplace_back();
    for (const Parsed& head : list_of(layer, "attention_layers"))
      heads.push_back(read_weights(head, "attention_layers"));
  }
}

void read_members(const Parsed& json, std::vector<MemberAttention>& to) {
  const auto found = json.find("attention_members");
  if (found == json.end()) return;
  for (const Parsed& from : list_of(*found, "attention_members")) {
    object_of(from, "one of attention_members");
    MemberAttention& member = to.emplace_back();
    read_texts(from, "source_tokens", member.source_tokens);
    read_ranges(from, "source_ranges", member.source_ranges);
    read_texts(from, "attention_names", member.attention_names);
    if (from.contains("attention")) member.attention = read_weights(from.at("attention"), "attention");
    read_layers(from, member.attention_layers);
  }
}

/// `text` and `tokens` are the keys of what is translated, or of what is scored.
Translation read_translation(const Parsed& json, const char* text, const char* tokens) {
  Translation to;
  to.text = text_of(json.at(text), text);
  to.tokens = texts_of(json.at(tokens), tokens);
  read_ranges(json, "ranges", to.ranges);
  read_flag(json, "cut", to.cut);
  read_number(json, "log_probability", to.log_probability);
  read_number(json, "score", to.score);
  for (const char* key : {"log_probabilities", "token_log_probabilities"}) {  // of a given pair, of an answer
    if (!json.contains(key)) continue;
    for (const Parsed& number : list_of(json.at(key), key)) {
      to.log_probabilities.push_back(number_of(number, key));
    }
  }
  if (json.contains("copied")) {
    to.copied.emplace();
    for (const Parsed& place : list_of(json.at("copied"), "copied")) to.copied->push_back(index_of(place, "copied", 0));
    std::sort(to.copied->begin(), to.copied->end());
  }
  if (json.contains("attention")) to.attention = read_weights(json.at("attention"), "attention");
  read_measures(json, to);
  read_layers(json, to.attention_layers);
  read_members(json, to.attention_members);
  return to;
}

Fate read_fate(const std::string& name) {
  for (const auto& [fate, its_name] : kFates) {
    if (name == its_name) return fate;
  }
  throw Error(fmt::format("trace: '{}' is no state; there are kept, finished, cut and pruned", name));
}

void read_trace(const Parsed& json, Translated& to) {
  std::map<std::vector<float>, int> rows;  // candidates that continue the same one share theirs
  for (const Parsed& from : list_of(json, "trace")) {
    object_of(from, "a candidate of trace");
    TracedCandidate& candidate = to.trace.candidates.emplace_back();
    candidate.parent = index_of(from.at("parent"), "trace: parent", -1);
    to.trace_tokens.push_back(text_of(from.at("token"), "trace: token"));
    candidate.log_probability = number_of(from.at("log_probability"), "trace: log_probability");
    candidate.score = number_of(from.at("score"), "trace: score");
    candidate.fate = read_fate(text_of(from.at("state"), "trace: state"));
    if (!from.contains("attention")) continue;
    std::vector<float> row = read_row(from.at("attention"), 0);
    if (row.empty()) continue;
    const auto [place, added] = rows.try_emplace(row, static_cast<int>(rows.size()));
    if (added) to.trace.attention.push_back(std::move(row));
    candidate.attention = place->second;
  }
}

Translated read_record(const Parsed& json) {
  object_of(json, "the line");
  Translated out;
  out.source = text_of(json.at("source"), "source");
  out.source_tokens = texts_of(json.at("source_tokens"), "source_tokens");
  read_ranges(json, "source_ranges", out.source_ranges);
  read_texts(json, "attention_names", out.attention_names);
  if (json.contains("translations")) {
    for (const Parsed& translation : list_of(json.at("translations"), "translations")) {
      object_of(translation, "one of translations");
      out.translations.push_back(read_translation(translation, "text", "tokens"));
      if (out.attention_names.empty()) read_texts(translation, "attention_names", out.attention_names);
    }
    // A line that was no text is shown as an empty one is; its "error" was told when it was translated.
    if (out.translations.empty() && json.contains("error")) out.translations.emplace_back();
    if (out.translations.empty()) throw Error("translations is empty: there is nothing to show");
  } else if (json.contains("text")) {
    out.translations.push_back(read_translation(json, "text", "tokens"));
  } else {
    Translation& target = out.translations.emplace_back(read_translation(json, "target", "target_tokens"));
    if (!target.tokens.empty()) target.score = target.log_probability / static_cast<double>(target.tokens.size());
  }
  if (json.contains("trace")) read_trace(json.at("trace"), out);
  read_flag(json, "trace_cut", out.trace.cut);
  return out;
}

}  // namespace

const char* name_of(Fate fate) {
  return std::find_if(kFates.begin(), kFates.end(), [&](const auto& each) { return each.first == fate; })->second;
}

std::string to_json_line(const Translated& translated, const LineOptions& options) {
  Json translations = Json::array();
  for (const Translation& translation : translated.translations) translations.push_back(to_json(translation, options));
  Json out = source_of(translated);
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
  add_attention(target, options, out);
  if (!scored.attention_names.empty()) out["attention_names"] = scored.attention_names;
  return line_of(out);
}

std::string to_sample_line(const Translated& translated, const LineOptions& options) {
  Json out = source_of(translated);
  out.update(to_json(best_of(translated), options));
  return line_of(out);
}

std::string to_error_line(const std::string& bytes, const std::string& fault) {
  return line_of(
      {{"source", bytes}, {"source_tokens", Json::array()}, {"translations", Json::array()}, {"error", fault}});
}

Translated read_json_line(std::string_view line) {
  Translated out;
  try {
    check_json_depth(line);
    out = read_record(Parsed::parse(line));
  } catch (const Parsed::exception& error) {
    throw Error(
        fmt::format("expected a line of `heed translate` or `heed score` in the format jsonl, with attention: {}",
                    json_fault(error.what())));
  }
  check_record(out);
  return out;
}

}  // namespace heed
