#include "nbest_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string_view>

#include "heed/base/error.h"
#include "heed/base/utf8.h"
#include "heed/data/lines.h"

namespace heed::app {
namespace {

constexpr std::string_view kBar = "|||";

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(' ');
  return begin == text.npos ? "" : text.substr(begin, text.find_last_not_of(' ') + 1 - begin);
}

template <typename Number>
Number number_of(std::string_view text, const char* what) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  bool right = error == std::errc() && end == text.data() + text.size();
  if constexpr (std::is_floating_point_v<Number>) right = right && std::isfinite(value);
  if (!right) throw Error(fmt::format("'{}' is no {}", text, what));
  return value;
}

/// The parts of a line; the text may have bars too.
struct Fields {
  std::string_view sentence, text, features, score;
};

Fields fields_of(std::string_view line) {
  const std::size_t first = line.find(kBar);
  const std::size_t last = line.rfind(kBar);
  if (first == line.npos || last < first + kBar.size())
    throw Error("no line of an n-best list; it would be like 'i ||| text ||| Name0= value ||| score'");
  const std::string_view between = line.substr(first + kBar.size(), last - first - kBar.size());
  Fields out{trimmed(line.substr(0, first)), trimmed(between), "", trimmed(line.substr(last + kBar.size()))};
  if (const std::size_t bar = between.rfind(kBar); bar != between.npos) {
    out.text = trimmed(between.substr(0, bar));
    out.features = trimmed(between.substr(bar + kBar.size()));
  }
  return out;
}

NbestEntry entry_of(std::string_view line, std::vector<std::string>& names) {
  const Fields fields = fields_of(line);
  NbestEntry out{number_of<std::size_t>(fields.sentence, "number of a sentence"), std::string(fields.text), {}};
  const auto score = number_of<double>(fields.score, "score");
  std::string name;
  for (const std::string_view word : utf8::words(fields.features)) {
    if (word.ends_with('=')) {
      name = word.substr(0, word.size() - 1);
      continue;
    }
    if (name.empty()) throw Error(fmt::format("the feature value '{}' has no name before it, as 'Name0='", word));
    names.push_back(name);
    out.features.push_back(number_of<double>(word, "value of a feature"));
  }
  if (names.empty()) {
    names.emplace_back("Score0");
    out.features.push_back(score);
  }
  return out;
}

}  // namespace

NbestList NbestList::read(const std::string& path, std::size_t sentences) {
  NbestList out;
  for_each_line(path, [&](std::string_view line, long number) {
    try {
      std::vector<std::string> names;
      out.entries.push_back(entry_of(line, names));
      if (out.entries.size() == 1) out.names = names;
      if (names != out.names) throw Error("other features than those of the first line");
      const std::size_t sentence = out.entries.back().sentence;
      if (sentence >= sentences) throw Error(fmt::format("sentence {} of {}, counted from 0", sentence, sentences));
      if (out.entries.size() > 1 && sentence < out.entries[out.entries.size() - 2].sentence)
        throw Error(fmt::format("sentence {} after a later one", sentence));
    } catch (const Error& error) {
      throw Error::at({.file = shown(path), .line = number}, error.what());
    }
  });
  if (out.entries.empty()) throw Error(shown(path) + " is empty");
  return out;
}

std::string NbestList::new_name(const std::string& kind) const {
  for (int i = 0;; ++i) {
    std::string name = kind + std::to_string(i);
    if (std::find(names.begin(), names.end(), name) == names.end()) return name;
  }
}

std::string NbestList::line_of(const NbestEntry& entry, double score) const {
  std::string features;
  for (std::size_t f = 0; f < names.size(); ++f) {
    if (f == 0 || names[f] != names[f - 1]) features += names[f] + "= ";
    features += fmt::format("{:.10g} ", entry.features[f]);
  }
  return fmt::format("{} ||| {} ||| {}||| {:.6f}\n", entry.sentence, entry.text, features, score);
}

}  // namespace heed::app
