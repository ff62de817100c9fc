#include "nbest_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>
#include <iterator>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "heed/base/error.h"
#include "heed/base/utf8.h"
#include "heed/record/nbest_line.h"

namespace heed::app {
namespace {

// Those of a block, whose scores are computed together.
constexpr std::size_t kAnswersAtOnce = 2048;
constexpr std::size_t kBytesAtOnce = 16 << 20;  // of JSON lines, which may have attention
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

/// Throws Error with the line for what `read` finds wrong with it.
void at_line(const std::string& path, const Line& line, const std::function<void()>& read) {
  try {
    read();
  } catch (const Error& error) {
    throw Error::at({.file = shown(path), .line = line.number}, error.what(), ErrorKind::kData);
  }
}

}  // namespace

void NbestList::append(NbestList next) {
  names = std::move(next.names);
  std::ranges::move(next.entries, std::back_inserter(entries));
  std::ranges::move(next.sources, std::back_inserter(sources));
  std::ranges::move(next.lines, std::back_inserter(lines));
}

std::string NbestList::new_name(const std::string& kind) const {
  const std::unordered_set<std::string_view> taken(names.begin(), names.end());
  for (int i = 0;; ++i) {
    std::string name = kind + std::to_string(i);
    if (!taken.contains(name)) return name;
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

NbestReader::NbestReader(const std::string& path, NbestFormat format)
    : path_(path), format_(std::move(format)), lines_(path) {
  if (!format_.json) sources_ = read_lines(format_.source);
}

std::optional<NbestList> NbestReader::next() {
  NbestList out;
  out.first = sentences_;
  format_.json ? read_json(out) : read_moses(out);
  if (lines_.lines() == 0) throw Error(shown(path_) + " is empty");
  if (out.sources.empty()) return std::nullopt;
  out.names = names_;
  return out;
}

void NbestReader::order_by_names(NbestAnswer& answer) {
  if (names_.empty()) names_ = answer.names;
  if (answer.names == names_) return;
  std::vector<double> ordered;
  for (const std::string& name : names_) {
    const auto at = std::ranges::find(answer.names, name);
    if (at != answer.names.end()) ordered.push_back(answer.features[at - answer.names.begin()]);
  }
  if (ordered.size() != names_.size() || ordered.size() != answer.features.size())
    throw Error("other features than those of the first line");
  answer.features = std::move(ordered);
}

void NbestReader::check_names(const std::vector<std::string>& names) {
  if (names_.empty()) names_ = names;
  if (names != names_) throw Error("other features than those of the first line");
}

NbestEntry NbestReader::moses_entry(const Line& line) {
  std::vector<std::string> names;
  NbestEntry out = entry_of(line.text, names);
  out.line = line.number;
  check_names(names);
  if (out.sentence >= sources_.size())
    throw Error(fmt::format("sentence {} of {}, counted from 0", out.sentence, sources_.size()));
  if (out.sentence < last_) throw Error(fmt::format("sentence {} after a later one", out.sentence));
  last_ = out.sentence;
  return out;
}

void NbestReader::read_moses(NbestList& to) {
  if (held_) to.entries.push_back(*std::exchange(held_, std::nullopt));
  while (const std::optional<Line> line = lines_.next_text()) {
    NbestEntry entry;
    at_line(path_, *line, [&] { entry = moses_entry(*line); });
    ++to.lines_read;
    to.bytes_read += line->text.size() + 1;
    if (to.entries.size() >= kAnswersAtOnce && entry.sentence != to.entries.back().sentence) {
      held_ = std::move(entry);
      break;
    }
    to.entries.push_back(std::move(entry));
  }
  for (const std::size_t end = held_ ? held_->sentence : sources_.size(); sentences_ < end; ++sentences_)
    to.sources.push_back(std::move(sources_[sentences_]));
}

void NbestReader::read_json(NbestList& to) {
  while (to.entries.size() < kAnswersAtOnce && to.sources.size() < kAnswersAtOnce && to.bytes_read < kBytesAtOnce) {
    const std::optional<Line> line = lines_.next_text();
    if (!line) return;
    NbestLine read;
    at_line(path_, *line, [&] {
      read = read_nbest_line(line->text);
      for (NbestAnswer& answer : read.answers) order_by_names(answer);
    });
    for (NbestAnswer& answer : read.answers)
      to.entries.push_back(
          {sentences_, std::move(answer.text), std::move(answer.features), std::move(answer.tokens), line->number});
    to.sources.push_back(std::move(read.source));
    to.source_features.push_back(std::move(read.features));
    if (format_.keeps_lines) to.lines.emplace_back(line->text);
    ++sentences_;
    ++to.lines_read;
    to.bytes_read += line->text.size() + 1;
  }
}

}  // namespace heed::app
