#include "heed/text/corpus.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "byte_source.h"
#include "heed/base/error.h"
#include "heed/base/utf8.h"

namespace heed {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr std::size_t kLongestLine = std::size_t{1} << 26;

using Visit = std::function<void(std::string_view, long)>;
using VisitBad = std::function<void(std::string_view, long, const std::string&)>;

// What is wrong with a line; nothing if it is text.
std::optional<std::string> fault_of(std::string_view line) {
  if (const auto bad = utf8::first_invalid(line)) return fmt::format("invalid UTF-8 at byte {}", *bad + 1);
  const std::size_t nul = line.find('\0');
  if (nul == std::string_view::npos) return std::nullopt;
  return fmt::format("a NUL byte at byte {}; expected plain text", nul + 1);
}

// Takes bytes as they come and gives whole lines, checked.
class LineCutter {
 public:
  LineCutter(const Visit& visit, const VisitBad& bad) : visit_(visit), bad_(bad) {}

  void take(std::string_view bytes) {
    for (std::size_t end = bytes.find('\n'); end != std::string_view::npos; end = bytes.find('\n')) {
      if (rest_.empty() && !too_long_) {
        finish(bytes.substr(0, end));
      } else {
        hold(bytes.substr(0, end));
        finish_held();
      }
      bytes.remove_prefix(end + 1);
    }
    hold(bytes);
  }
  // The last line may lack its end.
  long close() {
    if (!rest_.empty()) finish_held();
    return lines_;
  }

 private:
  // Of a line that is too long nothing is held, and it is told of at once: its end may be far away, or never come.
  void hold(std::string_view bytes) {
    if (too_long_) return;
    rest_ += bytes;
    if (rest_.size() <= kLongestLine) return;
    too_long_ = true;
    rest_ = {};
    bad_("", ++lines_, fmt::format("the line is longer than {} bytes; is this a file of lines?", kLongestLine));
  }
  void finish_held() {
    if (!too_long_) finish(rest_);
    too_long_ = false;
    rest_.clear();
  }
  void finish(std::string_view line) {
    ++lines_;
    if (lines_ == 1 && line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (const auto fault = fault_of(line)) {
      bad_(line, lines_, *fault);
    } else {
      visit_(line, lines_);
    }
  }

  const Visit& visit_;
  const VisitBad& bad_;
  std::string rest_;
  bool too_long_ = false;  // the line at hand
  long lines_ = 0;
};

std::vector<SentencePair> read_tsv(const std::string& path) {
  std::vector<SentencePair> pairs;
  for_each_line(path, [&](std::string_view line, long number) {
    const std::size_t tab = line.find('\t');
    if (tab == std::string_view::npos) {
      throw Error(fmt::format("{}:{}: no tab; expected 'source TAB target'", shown(path), number));
    }
    const std::string_view rest = line.substr(tab + 1);
    pairs.push_back({std::string(line.substr(0, tab)), std::string(rest.substr(0, rest.find('\t')))});
  });
  if (pairs.empty()) throw Error(shown(path) + " is empty");
  return pairs;
}

void check_counts(const CorpusFiles& files, std::size_t sources, std::size_t targets) {
  if (sources == 0) throw Error(shown(files.source) + " is empty");
  if (targets == 0) throw Error(shown(files.target) + " is empty");
  check_partners(files.source, sources, files.target, targets);
}

}  // namespace

std::string shown(const std::string& path) { return path == "-" ? "standard input" : path; }

void check_partners(const std::string& one, std::size_t lines_of_one, const std::string& other,
                    std::size_t lines_of_other) {
  if (lines_of_one == lines_of_other) return;
  throw Error(fmt::format("{} has {} lines but {} has {}: line {} of {} has no partner", shown(one), lines_of_one,
                          shown(other), lines_of_other, std::min(lines_of_one, lines_of_other) + 1,
                          shown(lines_of_one > lines_of_other ? one : other)));
}

void CorpusFiles::describe(Settings& settings, const std::string& prefix) {
  settings.text(prefix + ".source", &source, "file of source sentences, one a line (.gz and .zst too)");
  settings.text(prefix + ".target", &target, "file of target sentences, line by line the source's partners");
  settings.text(prefix + ".tsv", &tsv,
                "instead of both: one file of 'source TAB target' lines; columns after these are not read");
}

std::vector<std::string> read_lines(const std::string& path) {
  std::vector<std::string> lines;
  for_each_line(path, [&](std::string_view line, long) { lines.emplace_back(line); });
  return lines;
}

long for_each_line(const std::string& path, const Visit& visit) {
  return for_each_line(path, visit, [&](std::string_view, long number, const std::string& fault) {
    throw Error(fmt::format("{}:{}: {}", shown(path), number, fault));
  });
}

long for_each_line(const std::string& path, const Visit& visit, const VisitBad& bad) {
  const std::unique_ptr<ByteSource> bytes = open_bytes(path);
  LineCutter cutter(visit, bad);
  std::array<char, 1 << 16> buffer;
  while (const std::size_t count = bytes->read(buffer)) cutter.take({buffer.data(), count});
  return cutter.close();
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
}

std::vector<SentencePair> read_corpus(const CorpusFiles& files) {
  check_corpus(files);
  if (!files.tsv.empty()) return read_tsv(files.tsv);
  std::vector<std::string> sources = read_lines(files.source);
  std::vector<std::string> targets = read_lines(files.target);
  check_counts(files, sources.size(), targets.size());
  std::vector<SentencePair> pairs(sources.size());
  for (std::size_t i = 0; i < pairs.size(); ++i) pairs[i] = {std::move(sources[i]), std::move(targets[i])};
  return pairs;
}

}  // namespace heed
