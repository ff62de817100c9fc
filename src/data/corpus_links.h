#pragma once
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "heed/data/lines.h"

namespace heed {

/// The links of a corpus, a Pharaoh line for each pair, read beside it.
class CorpusLinks {
 public:
  /// `path`: empty, if there are none.
  explicit CorpusLinks(const std::string& path);
  /// Reads up to the line of a pair and keeps its links: pairs of a target and a source word. Throws Error with file
  /// and line for what is no link, or one of a word that is not there, and if the file ends first.
  void read(long line, std::string_view source, std::string_view target);
  /// Throws Error if the file goes on after that many lines.
  void check_end(const std::string& corpus, long lines);
  /// The links of a line that was read; they are forgotten, and asked for once.
  std::vector<int> take(long line);

 private:
  std::string path_;
  std::optional<LineReader> reader_;
  std::map<long, std::vector<int>> links_;  // of lines that were read and not asked for yet: those that are held out
};

/// Pairs of a target and a source token, ascending: the tokens of the words that links connect. `source` and `target`:
/// the word of each token.
std::vector<int> token_links(std::span<const int> words, std::span<const int> source, std::span<const int> target);

}  // namespace heed
