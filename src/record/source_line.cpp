#include "heed/record/source_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "answer_tokens.h"
#include "heed/base/error.h"
#include "heed/base/json_depth.h"
#include "heed/base/utf8.h"
#include "source_features.h"

namespace heed {
namespace {

using Document = nlohmann::json;

Document object_from(std::string_view line, const char* expected) {
  check_json_depth(line);
  Document json = Document::parse(line, nullptr, false);
  if (!json.is_object()) throw Error(fmt::format("no JSON object; expected {}", expected));
  return json;
}

/// Of a key that has to be there.
std::string needed_text(const std::string& name, const Document& json) {
  const auto found = json.find(name);
  if (found == json.end() || !found->is_string()) throw Error(fmt::format("'{}' is missing, or no text", name));
  return text_from(name, *found);
}

int count_from(const std::string& name, const Document& json) {
  const bool fits = json.is_number_unsigned() && json.get<std::uint64_t>() >= 1 &&
                    json.get<std::uint64_t>() <= std::uint64_t{kMostOfRequest};
  if (!fits) throw Error(fmt::format("'{}' is not right; expected a whole number, 1 to {}", name, kMostOfRequest));
  return json.get<int>();
}

std::vector<std::string> phrases_from(const std::string& name, const Document& json) {
  if (!json.is_array()) throw Error(fmt::format("'{}' is no list; expected [\"...\", ...]", name));
  std::vector<std::string> out;
  for (const Document& phrase : json) {
    if (!phrase.is_string()) throw Error(fmt::format("'{}' has what is no text; expected [\"...\", ...]", name));
    out.push_back(text_from(name, phrase));
    if (utf8::is_blank(out.back())) throw Error(fmt::format("'{}' has a text without a word", name));
  }
  return out;
}

void read_key(const std::string& key, const Document& value, SourceLine& to) {
  SentenceRequest& request = to.request;
  if (key == "features") {
    to.features = features_from(value);
  } else if (key == "beam") {
    request.beam = count_from(key, value);
  } else if (key == "nbest") {
    request.nbest = count_from(key, value);
  } else if (key == "prefix") {
    request.prefix = text_from(key, value);
  } else if (key == "must") {
    request.must = phrases_from(key, value);
  } else if (key == "must_not") {
    request.must_not = phrases_from(key, value);
  } else if (key == "allowed") {
    request.allowed = phrases_from(key, value);
    if (request.allowed.empty()) throw Error("'allowed' is an empty list, which leaves no answer");
  } else if (key != "source") {
    throw Error(
        fmt::format("unknown key '{}'; expected: source, features, beam, nbest, prefix, must, must_not, allowed", key));
  }
}

/// Those of a target, if the line tells them.
std::vector<std::string> tokens_from(const std::string& name, const Document& json) {
  const auto found = json.find(name);
  return found == json.end() ? std::vector<std::string>() : answer_tokens(*found);
}

/// Of a line of `heed translate`; nothing if it has none, as where the line was no text.
const Document* best_translation(const Document& json) {
  const auto found = json.find("translations");
  if (found == json.end()) return nullptr;
  if (!found->is_array()) throw Error("'translations' is no list");
  return found->empty() ? nullptr : &found->front();
}

}  // namespace

SourceLine read_source_line(std::string_view line) {
  const Document json = object_from(line, "{\"source\": \"...\", \"features\": {...}}");
  SourceLine out;
  out.source = needed_text("source", json);
  for (const auto& [key, value] : json.items()) read_key(key, value, out);
  return out;
}

PairOfLine read_pair_line(std::string_view line) {
  const Document json = object_from(line, "{\"source\": \"...\", \"target\": \"...\"}");
  PairOfLine out;
  out.source = needed_text("source", json);
  const Document* best = best_translation(json);
  out.target = best != nullptr ? needed_text("text", *best) : needed_text("target", json);
  out.target_tokens = best != nullptr ? tokens_from("tokens", *best) : tokens_from("target_tokens", json);
  if (const auto features = json.find("features"); features != json.end()) out.features = features_from(*features);
  return out;
}

std::string read_text_line(std::string_view line) {
  const Document json = object_from(line, "a line of translations in JSON, or {\"text\": \"...\"}");
  if (const Document* best = best_translation(json)) return needed_text("text", *best);
  return json.contains("error") && json.contains("translations") ? "" : needed_text("text", json);
}

}  // namespace heed
