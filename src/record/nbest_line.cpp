#include "heed/record/nbest_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "answer_tokens.h"
#include "heed/base/error.h"
#include "heed/base/json_depth.h"
#include "source_features.h"

namespace heed {
namespace {

// Attention is most of a line, and is not looked at: what is read or changed is found by where it stands, so that
// nothing is made of the rest.

using Value = nlohmann::json;

constexpr std::string_view kBetween = " \t\r\n,:";

/// Steps through an object or a list that is known to be JSON.
class Steps {
 public:
  explicit Steps(std::string_view json) : json_(json) { skip_between(); }
  bool more() const { return json_[at_] != ']' && json_[at_] != '}'; }
  /// A value, or a key.
  std::string_view next() {
    const std::size_t begin = at_;
    if (is_open(json_[at_]) || json_[at_] == '"') {
      int depth = 0;
      do {
        if (json_[at_] == '"') skip_text();
        depth += is_open(json_[at_]) ? 1 : json_[at_] == ']' || json_[at_] == '}' ? -1 : 0;
        ++at_;
      } while (depth > 0);
    } else {
      at_ = json_.find_first_of(" \t\r\n,]}", at_);
    }
    const std::string_view out = json_.substr(begin, at_ - begin);
    skip_between();
    return out;
  }

 private:
  static bool is_open(char c) { return c == '[' || c == '{'; }
  void skip_between() { at_ = json_.find_first_not_of(kBetween, at_); }
  /// To its last mark.
  void skip_text() {
    for (++at_; json_[at_] != '"'; ++at_) at_ += json_[at_] == '\\' ? 1 : 0;
  }

  std::string_view json_;
  std::size_t at_ = 1;  // behind its bracket
};

using Member = std::pair<std::string_view, std::string_view>;  // the key, with its marks, and the value

std::vector<Member> members_of(std::string_view object) {
  std::vector<Member> out;
  for (Steps steps(object); steps.more();) {
    const std::string_view key = steps.next();
    out.emplace_back(key, steps.next());
  }
  return out;
}

/// Whether a key, with its marks, is this one, spelled with escapes or without.
bool is_key(std::string_view spelled, std::string_view key) {
  if (spelled.find('\\') != spelled.npos) return Value::parse(spelled).get_ref<const std::string&>() == key;
  return spelled.size() == key.size() + 2 && spelled.substr(1, key.size()) == key;
}

/// The last one of a key, as JSON's readers do; empty: there is none.
std::string_view find(const std::vector<Member>& members, std::string_view key) {
  for (auto at = members.rbegin(); at != members.rend(); ++at) {
    if (is_key(at->first, key)) return at->second;
  }
  return {};
}

std::string text_of(const std::vector<Member>& members, std::string_view key) {
  const std::string_view value = find(members, key);
  if (value.empty() || value.front() != '"') throw Error(fmt::format("'{}' is missing, or no text", key));
  auto text = Value::parse(value).get<std::string>();
  if (text.find('\0') != std::string::npos) throw Error(fmt::format("a NUL byte in '{}'", key));
  return text;
}

double number_of(std::string_view value, const std::string& what) {
  const Value number = Value::parse(value);
  if (!number.is_number()) throw Error(fmt::format("'{}' is no number", what));
  return number.get<double>();
}

/// A name that a list of Moses can have too.
std::string name_of_feature(std::string name) {
  const auto is_odd = [](unsigned char c) { return c <= ' ' || c == '|' || c == '=' || c == 127; };
  if (name.empty() || std::ranges::any_of(name, is_odd))
    throw Error("a feature's name is empty, or has a blank, '=' or '|' in it");
  return name;
}

NbestAnswer answer_of(std::string_view json) {
  if (json.front() != '{') throw Error("'translations' has what is no object");
  const std::vector<Member> members = members_of(json);
  NbestAnswer out{text_of(members, "text"), {}, {}, {}};
  if (out.text.find('\n') != std::string::npos) throw Error("a line end in 'text'");
  if (const std::string_view tokens = find(members, "tokens"); !tokens.empty())
    out.tokens = answer_tokens(Value::parse(tokens));
  const std::string_view features = find(members, "features");
  if (!features.empty() && features.front() != '{') throw Error("'features' is no object; expected {\"NAME\": NUMBER}");
  if (!features.empty()) {
    for (const auto& [key, value] : members_of(features)) {
      out.names.push_back(name_of_feature(Value::parse(key).get<std::string>()));
      out.features.push_back(number_of(value, out.names.back()));
    }
  }
  if (!out.names.empty()) return out;
  const std::string_view log_probability = find(members, "log_probability");
  const std::string_view score = log_probability.empty() ? find(members, "score") : log_probability;
  if (score.empty()) throw Error("a translation has neither 'features' nor 'log_probability' nor 'score'");
  out.names.emplace_back(log_probability.empty() ? "Score0" : "Heed0");
  out.features.push_back(number_of(score, log_probability.empty() ? "score" : "log_probability"));
  return out;
}

std::vector<std::string_view> translations_of(std::string_view list) {
  if (list.empty() || list.front() != '[') throw Error("'translations' is missing, or no list");
  std::vector<std::string_view> out;
  for (Steps steps(list); steps.more();) out.push_back(steps.next());
  return out;
}

std::string_view object_in(std::string_view line) {
  line.remove_prefix(std::min(line.find_first_not_of(kBetween), line.size()));
  return line;
}

std::string ranked(std::string_view translation, std::span<const std::string> names, const RankedAnswer& answer) {
  std::string features;
  for (std::size_t f = 0; f < names.size(); ++f)
    features += fmt::format("{}{}:{}", f == 0 ? "" : ",", Value(names[f]).dump(), Value(answer.features[f]).dump());
  const std::string own = fmt::format("\"score\":{},\"features\":{{{}}}", Value(answer.score).dump(), features);
  std::string out = "{";
  bool written = false;
  for (const auto& [key, value] : members_of(translation)) {
    const bool is_score = is_key(key, "score");
    if (is_key(key, "features") || (is_score && written)) continue;
    out += out.size() > 1 ? "," : "";
    written = written || is_score;
    out += is_score ? own : fmt::format("{}:{}", key, value);
  }
  return out + (written ? "" : "," + own) + "}";
}

}  // namespace

NbestLine read_nbest_line(std::string_view line) {
  check_json_depth(line);
  const std::string_view object = object_in(line);
  if (!Value::accept(line) || object.front() != '{')
    throw Error("no JSON object; expected a line of `heed translate`, in JSON");
  const std::vector<Member> members = members_of(object);
  const std::vector<std::string_view> translations = translations_of(find(members, "translations"));
  if (translations.empty()) {
    if (find(members, "error").empty()) throw Error("'translations' is empty: there is nothing to rank");
    return {};
  }
  NbestLine out{text_of(members, "source"), {}, {}};
  const std::string_view features = find(members, "features");
  if (!features.empty()) out.features = features_from(Value::parse(features));
  for (const std::string_view translation : translations) out.answers.push_back(answer_of(translation));
  return out;
}

std::string to_ranked_line(std::string_view line, std::span<const std::string> names,
                           std::span<const RankedAnswer> answers) {
  const std::string_view list = find(members_of(object_in(line)), "translations");
  const std::vector<std::string_view> translations = translations_of(list);
  std::string out(line.substr(0, static_cast<std::size_t>(list.data() - line.data())));
  out += "[";
  for (std::size_t a = 0; a < answers.size(); ++a)
    out += (a == 0 ? "" : ",") + ranked(translations[answers[a].place], names, answers[a]);
  out += "]";
  out += line.substr(static_cast<std::size_t>(list.data() - line.data()) + list.size());
  return out + "\n";
}

}  // namespace heed
