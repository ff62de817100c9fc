#include "heed/data/corpus.h"

#include <fmt/format.h>

#include <algorithm>

#include "byte_source.h"
#include "heed/base/error.h"
#include "heed/base/message.h"
#include "heed/base/settings.h"
#include "heed/data/lines.h"
#include "heed/data/pair_reader.h"

namespace heed {
namespace {

constexpr const char* kSource = "file of source sentences, one a line (.gz and .zst too)";
constexpr const char* kTsv = "instead of both: one file of columns with tabs between them";

void describe_tsv(CorpusFiles& files, Settings& settings, const std::string& prefix) {
  settings.text(prefix + ".tsv", &files.tsv, kTsv);
  settings.integers(prefix + ".columns", &files.columns, 2, {1, 1000},
                    "of tsv: those of source and target, from 1, and then of the features, if these are elsewhere than "
                    "data.source.features says");
}

std::optional<std::string_view> column_of(std::string_view line, int column) {
  for (; column > 1; --column) {
    const std::size_t tab = line.find('\t');
    if (tab == std::string_view::npos) return std::nullopt;
    line.remove_prefix(tab + 1);
  }
  return line.substr(0, line.find('\t'));
}

std::string missing_column(std::string_view line, int most) {
  const auto tabs = static_cast<std::size_t>(std::count(line.begin(), line.end(), '\t'));
  return fmt::format("{}, but column {} is asked for", count_of(tabs + 1, "column"), most);
}

}  // namespace

void CorpusFiles::describe(Settings& settings, const std::string& prefix) {
  settings.text(prefix + ".source", &source, kSource);
  settings.text(prefix + ".target", &target, "file of target sentences, line by line the source's partners");
  describe_tsv(*this, settings, prefix);
}

void CorpusFiles::describe_references(Settings& settings, const std::string& prefix) {
  settings.text(prefix + ".source", &source, kSource);
  settings.text_and_others(prefix + ".target", &target, &more_targets,
                           "file of target sentences, line by line the source's partners; or several references of "
                           "them, of which perplexity takes the first, and an empty line is none");
  describe_tsv(*this, settings, prefix);
}

std::string CorpusFiles::name() const { return tsv.empty() ? shown(source) + " and " + shown(target) : shown(tsv); }

void check_corpus(const CorpusFiles& files) {
  const bool two = !files.source.empty() || !files.target.empty();
  if (two && !files.tsv.empty()) {
    throw UsageError("a corpus is two files (source and target) or one (tsv), not both: '" + files.tsv + "' and '" +
                     (files.source.empty() ? files.target : files.source) + "'");
  }
  if (files.columns.size() < 2 || std::any_of(files.columns.begin(), files.columns.end(), [](int c) { return c < 1; }))
    throw UsageError("columns of '" + files.tsv + "' are two numbers, of source and target, from 1");
  if (!files.tsv.empty()) return check_readable(files.tsv);
  if (files.source.empty() || files.target.empty()) {
    const std::string& one = files.source.empty() ? files.target : files.source;
    throw UsageError(one.empty() ? "no corpus is given; expected source and target, or tsv"
                                 : "'" + one + "' has no partner; a corpus needs source and target, or tsv");
  }
  if (files.columns.size() > 2)
    throw UsageError(files.name() + " are two files, which have no columns of features; expected tsv");
  if (files.source == "-" && files.target == "-") throw UsageError("source and target can not both be standard input");
  check_readable(files.source);
  check_readable(files.target);
  for (const std::string& path : files.more_targets) {
    if (path == "-" || path.empty()) throw UsageError("a further reference has to be a file, not '" + path + "'");
    check_readable(path);
  }
}

namespace {

const CorpusFiles& checked(const CorpusFiles& files) {
  check_corpus(files);
  return files;
}

void refuse_empty(const std::string& path, const LineReader& lines) {
  if (lines.lines() == 0) throw Error(ErrorKind::kData, shown(path) + " is empty", {.file = shown(path)});
}

}  // namespace

PairReader::PairReader(const CorpusFiles& files, FilePart part)
    : files_(checked(files)), part_(part), sources_(files.tsv.empty() ? files.source : files.tsv, part) {
  if (!files.tsv.empty()) return;
  targets_ = std::make_unique<LineReader>(files.target);
  targets_->skip(sources_.before());
}

void PairReader::add_to(StreamChecksum& sum) {
  sources_.add_to(sum);
  if (targets_) targets_->add_to(sum);
}

std::optional<PairLine> PairReader::next() {
  const std::optional<Line> source = sources_.next();
  const std::optional<Line> target = targets_ ? targets_->next() : std::nullopt;
  if (!source || (targets_ && !target)) {
    check_end(source.has_value(), target.has_value());
    return std::nullopt;
  }
  if (!targets_) return split(*source);
  PairLine out{.source = source->text,
               .target = target->text,
               .number = source->number,
               .fault = source->fault,
               .trimmed = source->trimmed || target->trimmed};
  const bool of_target = out.fault.empty() && (!target->fault.empty() || !source->trimmed);
  if (out.fault.empty()) out.fault = target->fault;
  if (!out.fault.empty() || out.trimmed) out.file = shown(of_target ? files_.target : files_.source);
  return out;
}

std::optional<PairLine> PairReader::next_pair() {
  std::optional<PairLine> pair = next();
  if (pair && !pair->fault.empty()) throw Error::at({.file = pair->file, .line = before() + pair->number}, pair->fault);
  return pair;
}

PairLine PairReader::split(const Line& line) const {
  PairLine out{.number = line.number, .fault = line.fault, .trimmed = line.trimmed};
  const std::vector<int>& columns = files_.columns;
  std::vector<std::string_view>& texts = out.features;
  if (out.fault.empty()) out.fault = split_columns(line.text, columns, texts);
  const bool plain = *std::max_element(columns.begin(), columns.end()) == 2;
  if (line.fault.empty() && !out.fault.empty() && plain) out.fault = "no tab; expected 'source TAB target'";
  for (std::size_t c = 2; c < columns.size() && out.fault.empty(); ++c) {
    const std::string fault = feature_fault(texts[c], texts[0]);
    if (!fault.empty()) out.fault = fmt::format("column {} has {}", columns[c], fault);
  }
  if (!out.fault.empty() || out.trimmed) out.file = shown(files_.tsv);
  if (!out.fault.empty()) return out;
  out.source = texts[0];
  out.target = texts[1];
  texts.erase(texts.begin(), texts.begin() + 2);
  return out;
}

// Where one of two files ends first, the other is read on, to tell how many lines it has. What follows the sources of a
// part is that of the next, and a part may be empty.
void PairReader::check_end(bool more_sources, bool more_targets) {
  if (!more_sources && !part_.is_last()) return;
  while (more_sources) more_sources = sources_.next().has_value();
  while (more_targets) more_targets = targets_->next().has_value();
  if (part_.is_whole()) refuse_empty(targets_ ? files_.source : files_.tsv, sources_);
  if (!targets_) return;
  refuse_empty(files_.target, *targets_);
  check_partners(files_.source, static_cast<std::size_t>(before() + sources_.lines()), files_.target,
                 static_cast<std::size_t>(targets_->lines()));
}

void for_each_pair(const CorpusFiles& files,
                   const std::function<void(std::string_view source, std::string_view target)>& visit) {
  PairReader reader(files);
  while (const std::optional<PairLine> pair = reader.next_pair()) visit(pair->source, pair->target);
}

SentencePair reversed(SentencePair pair) {
  return {.source = std::move(pair.target),
          .target = std::move(pair.source),
          .source_tokens = std::move(pair.target_tokens),
          .target_tokens = std::move(pair.source_tokens)};
}

std::vector<SentencePair> read_corpus(const CorpusFiles& files) {
  std::vector<SentencePair> pairs;
  PairReader reader(files);
  while (const std::optional<PairLine> pair = reader.next_pair()) pairs.push_back(SentencePair(*pair));
  return pairs;
}

std::string split_columns(std::string_view line, const std::vector<int>& columns, std::vector<std::string_view>& out) {
  out.clear();
  for (const int column : columns) {
    const std::optional<std::string_view> text = column_of(line, column);
    if (!text) return missing_column(line, *std::max_element(columns.begin(), columns.end()));
    out.push_back(*text);
  }
  return "";
}

std::optional<std::vector<std::string_view>> ColumnReader::next() {
  const std::optional<Line> line = lines_.next_text();
  if (!line) {
    refuse_empty(tsv_, lines_);
    return std::nullopt;
  }
  std::vector<std::string_view> out;
  for (const int column : columns_) {
    const std::optional<std::string_view> text = column_of(line->text, column);
    if (!text && out.size() < needed_)
      throw Error::at({.file = shown(tsv_), .line = line->number}, missing_column(line->text, column));
    out.push_back(text.value_or(std::string_view()));
  }
  return out;
}

std::vector<std::vector<std::string>> read_more_targets(const CorpusFiles& files, std::size_t pairs) {
  std::vector<std::vector<std::string>> out;
  for (const std::string& path : files.more_targets) {
    out.push_back(read_lines(path));
    check_partners(files.source, pairs, path, out.back().size());
  }
  return out;
}

}  // namespace heed
