#pragma once
#include <cstddef>
#include <span>
#include <vector>

#include "heed/model/bundle.h"
#include "heed/translate/ensemble.h"

namespace heed {

/// How the models of an ensemble read: those with the same source side share what it makes of a sentence.
struct Readers {
  /// `bundles` must live as long. Throws Error unless there are models, all may stand in one ensemble, and `options`
  /// are right for them.
  Readers(std::span<const Bundle> bundles, const EnsembleOptions& options);

  /// Of each way to read a model; the first is one that attends, if any does: the answers have its tokens.
  std::vector<const Bundle*> of_reading;
  std::vector<std::size_t> of_model;  ///< the reading of each model
  std::vector<bool> copy;             ///< whether each model copies
  std::size_t copying = 0;            ///< a reading of models that copy,
  bool any_copies = false;            ///< if there are any
};

}  // namespace heed
