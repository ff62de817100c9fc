#pragma once
#include <vector>

#include "heed/search/search.h"
#include "heed/search/step_scorer.h"

namespace heed {

/// Notes what a search does with its candidates; does nothing if nobody asked.
class Tracer {
 public:
  static constexpr int kRoot = -1;      ///< BOS
  static constexpr int kUntraced = -2;  ///< not noted: the trace is full, or there is none

  /// `traces` gets one for each sentence; nullptr: none is kept.
  Tracer(std::vector<SearchTrace>* traces, std::size_t sentences);
  bool on() const { return traces_ != nullptr; }
  /// Notes a candidate of a sentence, which came out of the scorer's row `row` in this step. Returns its place.
  int add(int sentence, TracedCandidate candidate, const StepScorer& scorer, int row);

 private:
  std::vector<SearchTrace>* traces_;
  std::vector<std::vector<int>> rows_;  // of each sentence and parent + 1: its attention's place, or -1
};

}  // namespace heed
