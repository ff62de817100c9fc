#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "heed/base/error.h"
#include "heed/base/json_depth.h"
#include "heed/base/json_fault.h"
#include "heed/record/json_lines.h"
#include "source_features.h"

namespace heed {
namespace {

using Parsed = nlohmann::json;  // finds a key at once, however many there are; ordered_json does not

constexpr float kMostWeight = 1.001f;  // sums of rounded numbers

// A key that is optional leaves what it stands for as it is.

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
  for (const Fate fate : {Fate::kKept, Fate::kFinished, Fate::kCut, Fate::kPruned}) {
    if (name == name_of(fate)) return fate;
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
  if (json.contains("features")) out.features = features_from(json.at("features"));
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
