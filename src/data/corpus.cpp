#include "heed/data/corpus.h"

#include <fmt/format.h>

#include <optional>

#include "byte_source.h"
#include "heed/base/error.h"
#include "heed/data/lines.h"

namespace heed {
namespace {

using Visit = std::function<void(std::string_view source, std::string_view target)>;

void visit_tsv(const std::string& path, const Visit& visit) {
  const long lines = for_each_line(path, [&](std::string_view line, long number) {
    const std::size_t tab = line.find('\t');
    if (tab == std::string_view::npos) {
      throw Error::at({.file = shown(path), .line = number}, "no tab; expected 'source TAB target'");
    }
    const std::string_view rest = line.substr(tab + 1);
    visit(line.substr(0, tab), rest.substr(0, rest.find('\t')));
  });
  if (lines == 0) throw Error(ErrorKind::kData, shown(path) + " is empty", {.file = shown(path)});
}

// Both files in step. Where one ends first, the other is read on, to tell how many lines it has.
void visit_files(const std::string& source_path, const std::string& target_path, const Visit& visit) {
  LineReader sources(source_path);
  LineReader targets(target_path);
  std::optional<Line> source, target;
  do {
    source = sources.next_text();
    target = targets.next_text();
    if (source && target) visit(source->text, target->text);
  } while (source || target);
  if (sources.lines() == 0)
    throw Error(ErrorKind::kData, shown(source_path) + " is empty", {.file = shown(source_path)});
  if (targets.lines() == 0)
    throw Error(ErrorKind::kData, shown(target_path) + " is empty", {.file = shown(target_path)});
  check_partners(source_path, static_cast<std::size_t>(sources.lines()), target_path,
                 static_cast<std::size_t>(targets.lines()));
}

}  // namespace

namespace {

constexpr const char* kSource = "file of source sentences, one a line (.gz and .zst too)";
constexpr const char* kTsv = "instead of both: one file of 'source TAB target' lines; columns after these are not read";

}  // namespace

void CorpusFiles::describe(Settings& settings, const std::string& prefix) {
  settings.text(prefix + ".source", &source, kSource);
  settings.text(prefix + ".target", &target, "file of target sentences, line by line the source's partners");
  settings.text(prefix + ".tsv", &tsv, kTsv);
}

void CorpusFiles::describe_references(Settings& settings, const std::string& prefix) {
  settings.text(prefix + ".source", &source, kSource);
  settings.text_and_others(prefix + ".target", &target, &more_targets,
                           "file of target sentences, line by line the source's partners; or several references of "
                           "them, of which perplexity takes the first, and an empty line is none");
  settings.text(prefix + ".tsv", &tsv, kTsv);
}

void check_corpus(const CorpusFiles& files) {
  const bool two = !files.source.empty() || !files.target.empty();
  if (two && !files.tsv.empty()) {
    throw UsageError("a corpus is two files (source and target) or one (tsv), not both: '" + files.tsv + "' and '" +
                     (files.source.empty() ? files.target : files.source) + "'");
  }
  if (!files.tsv.empty()) return check_readable(files.tsv);
  if (files.source.empty() || files.target.empty()) {
    const std::string& one = files.source.empty() ? files.target : files.source;
    throw UsageError(one.empty() ? "no corpus is given; expected source and target, or tsv"
                                 : "'" + one + "' has no partner; a corpus needs source and target, or tsv");
  }
  if (files.source == "-" && files.target == "-") throw UsageError("source and target can not both be standard input");
  check_readable(files.source);
  check_readable(files.target);
  for (const std::string& path : files.more_targets) {
    if (path == "-" || path.empty()) throw UsageError("a further reference has to be a file, not '" + path + "'");
    check_readable(path);
  }
}

void for_each_pair(const CorpusFiles& files, const Visit& visit) {
  check_corpus(files);
  files.tsv.empty() ? visit_files(files.source, files.target, visit) : visit_tsv(files.tsv, visit);
}

std::vector<SentencePair> read_corpus(const CorpusFiles& files) {
  std::vector<SentencePair> pairs;
  for_each_pair(files, [&](std::string_view source, std::string_view target) {
    pairs.push_back({std::string(source), std::string(target)});
  });
  return pairs;
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
