#pragma once
#include <cstdint>

#include "cells.h"
#include "graph.h"

namespace heed::onnx {

/// A direction of an encoder's layer.
struct Direction {
  CellName cell;
  std::int64_t hidden = 0;
  int depth = 1;
  bool backwards = false;
};

/// Sentences that it reads.
struct Sequences {
  Value x;        ///< [B, S, in]
  Value inside;   ///< [B, S] 1 in the sentence, 0 beyond
  Value lengths;  ///< [B, 1]
};

struct DirectionStates {
  Value all;       ///< [B, S, H]; beyond a sentence any numbers
  CellState last;  ///< of a backward one at the first position
};

DirectionStates run_direction(Graph& g, const Direction& direction, const Sequences& sequences);

}  // namespace heed::onnx
