#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "heed/model/bundle.h"
#include "heed/record/translation.h"
#include "heed/translate/probe.h"

namespace heed {

/// A source as the model reads it; its EOS, if it has one, stands for itself.
struct SourceForm {
  std::vector<int> tokens;
  std::vector<int> copies = {};    ///< of each token; empty: the model does not copy
  std::vector<int> features = {};  ///< of each feature an id of each position
  SourceEnd end = {};

  std::size_t positions() const { return end.positions(tokens.size()); }
};

/// A pair of which the source has a token.
struct ProbePair {
  SourceForm source;
  std::vector<int> inputs;  ///< what the decoder reads at each step: BOS, then the target
  std::vector<int> labels;  ///< what it should give: the target, then EOS

  std::size_t steps() const { return labels.size(); }
};

/// The source without the tokens at `places`, ascending.
SourceForm erase(const SourceForm& source, std::span<const int> places, Erasure how);

}  // namespace heed
