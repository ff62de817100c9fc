#include "source_lines.h"

#include <fmt/format.h>

#include <algorithm>

#include "heed/base/error.h"
#include "heed/base/utf8.h"
#include "heed/data/pair_reader.h"
#include "heed/record/source_line.h"

namespace heed::app {

SourceLines::SourceLines(const std::string& path, SourceFormat format, const TextSide& side)
    : lines_(path), format_(std::move(format)), side_(side), features_(side.options().features()) {
  if (format_.name == "text" && !features_.empty()) {
    throw UsageError(
        fmt::format("the model reads features ({}), which lines of text do not have: give --input-format jsonl, with "
                    "\"features\", or tsv",
                    side.options().feature_names()));
  }
  if (format_.name != "tsv") return;
  std::vector<int>& columns = format_.columns;
  if (columns.size() > 1 && columns.size() != 1 + features_.size()) {
    throw UsageError(
        fmt::format("--columns: {} are not right; expected: that of the source{}", columns.size(),
                    features_.empty() ? "" : fmt::format(", and then of {}", side.options().feature_names())));
  }
  if (columns.empty()) columns = {1};
  if (columns.size() == 1) {
    for (const FeatureOptions& feature : features_) columns.push_back(feature.column);
  }
}

std::optional<ReadSource> SourceLines::next() {
  const std::optional<Line> line = lines_.next();
  if (!line) return std::nullopt;
  ReadSource out{std::string(line->text), {}, line->number, line->fault};
  if (!out.fault.empty() || format_.name == "text") return out;
  try {
    format_.name == "tsv" ? split(line->text, out) : parse(line->text, out);
  } catch (const Error& error) {
    out.source = line->text;
    out.fault = error.what();
  }
  return out;
}

void SourceLines::split(std::string_view line, ReadSource& out) const {
  std::vector<std::string_view> texts;
  if (const std::string fault = split_columns(line, format_.columns, texts); !fault.empty()) throw Error(fault);
  out.source = texts.front();
  out.features.assign(texts.begin() + 1, texts.end());
  check(out);
}

void SourceLines::parse(std::string_view line, ReadSource& out) const {
  SourceLine read = read_source_line(line);
  out.source = std::move(read.source);
  for (const FeatureOptions& feature : features_) {
    const auto found = read.features.find(feature.name);
    if (found == read.features.end()) {
      if (utf8::is_blank(out.source)) return;
      throw Error(fmt::format("features: '{}' is missing", feature.name));
    }
    out.features.push_back(std::move(found->second));
    read.features.erase(found);
  }
  if (!read.features.empty()) {
    throw Error(fmt::format("features: the model has no '{}'; it reads {}", read.features.begin()->first,
                            features_.empty() ? "none" : side_.options().feature_names()));
  }
  check(out);
}

void SourceLines::check(ReadSource& out) const {
  for (std::size_t f = 0; f < features_.size(); ++f) {
    if (const std::string fault = feature_fault(out.features[f], out.source); !fault.empty())
      throw Error(fmt::format("feature '{}' has {}", features_[f].name, fault));
  }
}

}  // namespace heed::app
