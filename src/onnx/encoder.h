#pragma once
#include <vector>

#include "cells.h"
#include "exchange.h"
#include "heed/model/encoder.h"

namespace heed::onnx {

/// Adds the encoder, and what each step reads of its states. Returns the last states of each layer.
std::vector<CellState> add_encoder(Exchange& exchange, const TextSide& source);
/// The decoder's first states, by the bridge, of each of its layers.
std::vector<CellState> add_bridges(Exchange& exchange, const std::vector<CellState>& last);

}  // namespace heed::onnx
