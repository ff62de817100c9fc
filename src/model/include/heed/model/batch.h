#pragma once
#include <span>
#include <vector>

namespace heed {

/// Sources of a batch, packed by time step: step t has a row for each sentence that is longer than t, longest sentence
/// first, so that there is no padding. Each source ends with the end mark.
struct SourceBatch {
  std::vector<int> ids;        ///< [rows] packed by step
  std::vector<int> step_rows;  ///< rows of each step, not increasing
  std::vector<int>
      by_sentence;            ///< [rows] the packed row of each position, sentence after sentence in the caller's order
  std::vector<int> offsets;   ///< first position of each sentence in that order
  std::vector<int> lengths;   ///< positions of each sentence
  std::vector<int> last_row;  ///< packed row of each sentence's last position
  std::vector<int> first_row;  ///< packed row of each sentence's first position
  int longest = 0;

  int sentences() const { return static_cast<int>(lengths.size()); }
};
/// Throws Error for an id that is not in [0, vocabulary).
SourceBatch pack_sources(std::span<const std::vector<int>> sources, int vocabulary);

/// Targets of a batch for teacher forcing, packed by time step likewise.
struct TargetBatch {
  std::vector<int> inputs;     ///< [rows] begin mark, then the target
  std::vector<int> labels;     ///< [rows] the target, then the end mark
  std::vector<int> step_rows;  ///< rows of each step
  std::vector<int> order;      ///< sentence of row r of a step: order[r]
  std::vector<int> lengths;    ///< labels of each sentence, in the caller's order
};
TargetBatch pack_targets(std::span<const std::vector<int>> targets, int vocabulary);

}  // namespace heed
