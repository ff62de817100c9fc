#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "heed/data/lines.h"
#include "heed/record/nbest_line.h"

namespace heed::app {

/// An answer of an n-best list, and the values of its features.
struct NbestEntry {
  std::size_t sentence = 0;  ///< from 0
  std::string text;
  std::vector<double> features;
  std::vector<std::string> tokens = {};  ///< as of NbestAnswer
  long line = 0;                         ///< of the file, from 1
};

/// Answers of sentences that follow each other, sorted by their sentence.
struct NbestList {
  std::vector<std::string> names;  ///< of the features; of several values each has the name
  std::vector<NbestEntry> entries;
  std::size_t first = 0;                                            ///< the number of the first sentence,
  std::vector<std::string> sources;                                 ///< and each of them
  std::vector<std::map<std::string, std::string>> source_features;  ///< of JSON, by name
  std::vector<std::string> lines;  ///< of JSON, where they are asked for: that of each sentence
  long lines_read = 0;
  std::size_t bytes_read = 0;  ///< of these, line ends among them

  /// Those of the next sentences, with the same features.
  void append(NbestList next);
  /// "Heed2": the first name of a kind that no feature has.
  std::string new_name(const std::string& kind) const;
  /// The line of an entry as Moses has it, with a score.
  std::string line_of(const NbestEntry& entry, double score) const;
};

/// What a list is: Moses' lines "i ||| text ||| Name0= value value Name1= value ||| score", sorted by i, where those
/// without features have one, Score0; or JSON lines of `heed translate`.
struct NbestFormat {
  bool json = false;
  bool keeps_lines = false;  ///< of JSON: fill NbestList::lines
  std::string source = {};   ///< of Moses' lines: the file of their sentences
};

/// Reads an n-best list, some sentences at a time.
class NbestReader {
 public:
  NbestReader(const std::string& path, NbestFormat format);
  /// The answers of the next sentences: 2,048, and what else the last of them has. Throws Error with file:line for a
  /// line that is none, or has other features than the first; and if there is no line at all.
  std::optional<NbestList> next();

 private:
  void read_moses(NbestList& to);
  void read_json(NbestList& to);
  NbestEntry moses_entry(const Line& line);
  void check_names(const std::vector<std::string>& names);
  /// Keys of a JSON object may come in any order.
  void order_by_names(NbestAnswer& answer);

  std::string path_;
  NbestFormat format_;
  LineReader lines_;
  std::vector<std::string> names_;
  std::size_t sentences_ = 0;         // so many are done
  std::vector<std::string> sources_;  // of Moses' lines,
  std::size_t last_ = 0;              // whose last one was of this sentence,
  std::optional<NbestEntry> held_;    // and whose first one of the next block is known
};

}  // namespace heed::app
