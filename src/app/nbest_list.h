#pragma once
#include <string>
#include <vector>

namespace heed::app {

/// An answer of an n-best list, and the values of its features.
struct NbestEntry {
  std::size_t sentence = 0;  ///< from 0
  std::string text;
  std::vector<double> features;
};

/// Moses' n-best lists: lines "i ||| text ||| Name0= value value Name1= value ||| score", sorted by i.
struct NbestList {
  std::vector<std::string> names;  ///< of the features; of several values each has the name
  std::vector<NbestEntry> entries;

  /// Reads a list for so many sentences. Lines "i ||| text ||| score", and those without features, have one, Score0.
  /// Throws Error with file:line for one that is no such line, or has other features than the first.
  static NbestList read(const std::string& path, std::size_t sentences);
  /// "Heed2": the first name of a kind that no feature has.
  std::string new_name(const std::string& kind) const;
  /// The line of an entry, with a score.
  std::string line_of(const NbestEntry& entry, double score) const;
};

}  // namespace heed::app
