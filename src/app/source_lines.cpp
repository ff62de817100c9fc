#include "source_lines.h"

#include <fmt/format.h>

#include <algorithm>

#include "heed/base/error.h"
#include "heed/base/utf8.h"
#include "heed/data/pair_reader.h"

namespace heed::app {

namespace {

/// Those of the source and of the features, of which `given` may be the beginning.
std::vector<int> columns_of(std::vector<int> given, const DataOptions& trained) {
  const std::vector<FeatureOptions> features = trained.source.features();
  const std::string names = trained.source.feature_names();
  if (given.size() > 1 && given.size() != 1 + features.size()) {
    throw UsageError(fmt::format("--columns: {} are not right; expected: that of the source{}", given.size(),
                                 features.empty() ? "" : fmt::format(", and then of {}", names)));
  }
  std::vector<int> out = trained.corpora().front().columns;
  out.erase(out.begin() + 1);  // the target
  for (std::size_t f = out.size() - 1; f < features.size(); ++f) out.push_back(features[f].column);
  std::copy(given.begin(), given.end(), out.begin());
  for (std::size_t f = 0; f < features.size(); ++f) {
    if (std::count(out.begin(), out.begin() + 1 + static_cast<std::ptrdiff_t>(f), out[1 + f]) == 0) continue;
    throw UsageError(
        fmt::format("--columns: column {} cannot be '{}' too; expected: that of the source, and then of {}", out[1 + f],
                    features[f].name, names));
  }
  return out;
}

}  // namespace

SourceLines::SourceLines(const std::string& path, const SourceFormat& format, const DataOptions& trained)
    : lines_(path, format.part),
      kind_(format.name == "text"  ? Kind::kText
            : format.name == "tsv" ? Kind::kColumns
                                   : Kind::kJson),
      features_(trained.source.features()) {
  if (kind_ == Kind::kText && !features_.empty()) {
    throw UsageError(
        fmt::format("the model reads features ({}), which lines of text do not have: give --input-format jsonl, with "
                    "\"features\", or tsv",
                    trained.source.feature_names()));
  }
  if (kind_ == Kind::kColumns) columns_ = columns_of(format.columns, trained);
}

std::optional<ReadSource> SourceLines::next() {
  const std::optional<Line> line = lines_.next();
  if (!line) return std::nullopt;
  ReadSource out{std::string(line->text), {}, {}, line->number, line->fault};
  if (!out.fault.empty()) return out;
  try {
    if (kind_ == Kind::kColumns) split(line->text, out);
    if (kind_ == Kind::kJson) parse(line->text, out);
  } catch (const Error& error) {
    return ReadSource{std::string(line->text), {}, {}, line->number, error.what()};
  }
  return out;
}

void SourceLines::split(std::string_view line, ReadSource& out) const {
  std::vector<std::string_view> texts;
  if (const std::string fault = split_columns(line, columns_, texts); !fault.empty()) throw Error(fault);
  out.source = texts.front();
  out.features.assign(texts.begin() + 1, texts.end());
  check_features(features_, out.features, out.source);
}

void SourceLines::parse(std::string_view line, ReadSource& out) const {
  SourceLine read = read_source_line(line);
  out.source = std::move(read.source);
  refuse_other_features(features_, read.features);
  out.features = feature_values(features_, std::move(read.features), out.source);
  out.request = std::move(read.request);
}

}  // namespace heed::app
