#pragma once
#include <cstdint>
#include <string>

#include "heed/autograd/parameter.h"
#include "heed/base/export.h"
#include "heed/base/rng.h"

namespace HEED_ENGINE_API heed {

/// A part of a model that owns parameters. visit() names each exactly once, always in the same order: loading, saving,
/// counting and optimising all go through it.
class Module {
 public:
  virtual ~Module() = default;
  virtual void visit(const ParameterVisitor& visitor) = 0;
};

/// How many values a module's weights have: the multiply-adds of its products for one row.
struct WeightSizes {
  double stepped = 0;
  double hoisted = 0;  ///< of ParameterRole::kHoistedWeight
  double all() const { return stepped + hoisted; }
};
WeightSizes weight_sizes(Module& module);

/// Gives every parameter of a module memory and its first values, which the same generator always makes the same.
void initialize(Module& module, Rng& rng);

// Parameters know how their first values are made, and have none until initialize() or until they are loaded.

/// A weight [in, out], Glorot and Bengio 2010 (uniform). `gates` equal parts of the columns count as matrices of their
/// own.
Parameter make_weight(std::string name, std::int64_t in, std::int64_t out, int gates = 1);
/// The same for a weight whose training products are hoisted out of the steps (ParameterRole::kHoistedWeight).
Parameter make_hoisted_weight(std::string name, std::int64_t in, std::int64_t out, int gates = 1);
/// A vector of zeros.
Parameter make_vector(std::string name, std::int64_t size);
/// A table of standard normal values.
Parameter make_embedding(std::string name, std::int64_t rows, std::int64_t columns);

}  // namespace heed
