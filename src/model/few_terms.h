#pragma once
#include <array>
#include <span>

#include "heed/autograd/operations.h"

namespace heed {

/// The products of a sum, up to three, where a part of the model may lack some of them.
class FewTerms {
 public:
  /// Nothing for a weight that is not there, or an input that is empty.
  template <typename MaybeParameter>
  void add(const Variable& x, const MaybeParameter& weight) {
    if (weight && !x.empty()) all_[count_++] = {x, &*weight};
  }
  operator std::span<const LinearTerm>() const { return std::span(all_).first(count_); }

 private:
  std::array<LinearTerm, 3> all_ = {};
  std::size_t count_ = 0;
};

}  // namespace heed
