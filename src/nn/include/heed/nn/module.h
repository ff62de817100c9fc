#pragma once
#include <string>

#include "heed/autograd/parameter.h"
#include "heed/base/rng.h"

namespace heed {

/// A part of a model that owns parameters. visit() names each exactly once, always in the same order: loading, saving,
/// counting and optimising all go through it.
class Module {
 public:
  virtual ~Module() = default;
  virtual void visit(const ParameterVisitor& visitor) = 0;
};

/// A weight [in, out], Glorot and Bengio 2010 (uniform). `gates` equal parts of the columns count as matrices of their
/// own.
Parameter make_weight(std::string name, std::int64_t in, std::int64_t out, Rng& rng, int gates = 1);
/// The same for a weight whose training products are hoisted out of the steps (Role::kHoistedWeight).
Parameter make_hoisted_weight(std::string name, std::int64_t in, std::int64_t out, Rng& rng, int gates = 1);
/// A vector of zeros.
Parameter make_vector(std::string name, std::int64_t size);
/// A table of standard normal values.
Parameter make_embedding(std::string name, std::int64_t rows, std::int64_t columns, Rng& rng);

}  // namespace heed
