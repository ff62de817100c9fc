#pragma once
#include <cstdint>
#include <string>

#include "heed/base/export.h"
#include "heed/nn/cell.h"

namespace HEED_ENGINE_API heed {

/// The cell `lstm`, equations in kernels/lstm.h; gates in the order i, f, g, o. Hochreiter and Schmidhuber 1997, forget
/// gate of Gers et al. 2000, its bias initially InitialOptions::forget_bias.
class LstmCell : public Cell {
 public:
  LstmCell(const std::string& name, std::int64_t in, std::int64_t hidden);
  void step(Tape& tape, const CellInput& read, const RnnState& previous, const RnnState& out) const override;
};

}  // namespace heed
