#pragma once
#include <vector>

#include "attention/look.h"
#include "cells.h"
#include "exchange.h"

namespace heed::onnx {

/// What a step has made when its last layer is done.
struct Stepped {
  Value token;        ///< [B] its input
  Value embedded;     ///< [B, E] of it
  Value hidden;       ///< [B, Hd] the last layer's state
  Value top;          ///< [B, Hd] the same with its input, if it is residual
  Value context;      ///< [B, context] of the last attention; or empty
  Value attentional;  ///< [B, O] h~
  std::vector<Attended> attended = {};
};

/// What goes under the tanh of h~ beside the context: [B, O].
Value without_context(Graph& g, const std::string& name, const Value& hidden, const Value& embedded);
/// Adds a step: from the previous token and the states, which the encoder begins with `first`.
Stepped add_decoder(Exchange& exchange, const std::vector<CellState>& first);
/// The mean weights of a step [B, S]; empty without attention.
Value mean_weights(Graph& g, const Stepped& step);

}  // namespace heed::onnx
