#pragma once
#include <functional>
#include <istream>
#include <string>
#include <vector>

#include "heed/base/export.h"
#include "heed/base/settings.h"

namespace HEED_API heed {

/// Where parallel text lies: two files of equal line count, or one file of "source TAB target" lines (further columns
/// are ignored). Names ending in .gz or .zst are decompressed.
struct CorpusFiles {
  std::string source;
  std::string target;
  std::string tsv;
  void describe(Settings& settings, const std::string& prefix);  ///< binds prefix.source, prefix.target, prefix.tsv
  bool empty() const { return source.empty() && target.empty() && tsv.empty(); }
};

struct SentencePair {
  std::string source;
  std::string target;
};

/// A name for messages: "standard input" for "-".
std::string shown(const std::string& path);
/// Throws Error if two files differ in their number of lines: both counts, and the first line that has no partner.
void check_partners(const std::string& one, std::size_t lines_of_one, const std::string& other,
                    std::size_t lines_of_other);

/// All lines of a file, or of standard input for "-". CRLF ends are taken off, a byte-order mark too. Throws Error with
/// file:line for invalid UTF-8 or a NUL byte, and with the path for a missing, unreadable or damaged (gz, zst) file.
std::vector<std::string> read_lines(const std::string& path);
/// One line after the other, checked likewise, without holding the file. Returns the number of lines.
long for_each_line(const std::string& path, const std::function<void(std::string_view line, long number)>& visit);
/// The same, but a line that is no text ends nothing: it goes to `bad` with what is wrong with it ("invalid UTF-8 at
/// byte 3"), without its bytes if it is too long to be one.
long for_each_line(const std::string& path, const std::function<void(std::string_view line, long number)>& visit,
                   const std::function<void(std::string_view bytes, long number, const std::string& fault)>& bad);

/// What read_corpus() would throw for names and files alone, without reading: before long work that needs them later.
void check_corpus(const CorpusFiles& files);
/// Throws Error if the files are empty, if their line counts differ (both counts, and the number of the first line that
/// has no partner), or if a TSV line has no tab (file:line). UsageError if neither or both kinds of files are named.
std::vector<SentencePair> read_corpus(const CorpusFiles& files);

}  // namespace heed
