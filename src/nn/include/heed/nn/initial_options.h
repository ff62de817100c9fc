#pragma once
#include <string>

#include "heed/base/export.h"

namespace HEED_API heed {

/// The values that parameters begin with: the keys model.initial.* of a config.
struct InitialOptions {
  /// Of weights: xavier (uniform) or xavier-normal, both of Glorot and Bengio 2010 by the widths of a weight; uniform
  /// in
  /// [-scale, scale], or normal with the deviation `scale`.
  std::string weights = "xavier";
  double scale = 0.1;
  /// Of the products with a cell's own state: as the other weights, or orthogonal, each gate's for itself (Saxe et al.
  /// 2014).
  std::string recurrent = "weights";
  double embedding = 0;    ///< deviation of embeddings; 0: 1, or with model.tied 1 / sqrt(their width)
  double forget_bias = 1;  ///< bias of an LSTM's forget gate (Jozefowicz et al. 2015)
};

}  // namespace heed
