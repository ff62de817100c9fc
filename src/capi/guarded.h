#pragma once
#include <memory>
#include <utility>

#include "handles.h"
#include "heed/base/error.h"

namespace heed::capi {

/// The exception that is being handled, as an error; where there is no memory for one, an error that needs none.
heed_error* current_error() noexcept;

/// Runs what may throw anything, and gives what it makes to the caller: the one way out of C++.
template <typename Result, typename Make>
heed_error* guarded(Result** out, const Make& make) noexcept {
  try {
    if (out == nullptr) throw UsageError("out is NULL: there is no place for the result");
    std::unique_ptr<Result> made = make();
    *out = made.release();
    return nullptr;
  } catch (...) {
    return current_error();
  }
}

/// A model that a caller has to give.
inline const heed_model& given_model(const heed_model* model) {
  if (model == nullptr) throw UsageError("model is NULL");
  return checked(model);
}

}  // namespace heed::capi
