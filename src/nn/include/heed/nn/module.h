#pragma once
#include <cstdint>
#include <string>

#include "heed/autograd/parameter.h"
#include "heed/base/export.h"
#include "heed/base/rng.h"
#include "heed/nn/initial_options.h"

namespace HEED_ENGINE_API heed {

/// A part of a model that owns parameters. visit() names each exactly once, always in the same order: loading, saving,
/// counting and optimising all go through it.
class Module {
 public:
  virtual ~Module() = default;
  virtual void visit(const ParameterVisitor& visitor) = 0;
};

/// The sizes of a module's weights: the multiply-adds of its products for one row.
struct WeightSizes {
  double stepped = 0;
  double hoisted = 0;  ///< of ParameterRole::kHoistedWeight
  double all() const { return stepped + hoisted; }
};
WeightSizes weight_sizes(Module& module);

/// Allocates every parameter of a module and sets its initial values, a function of `rng`'s state and the options.
void initialize(Module& module, Rng& rng, const InitialOptions& options = {});

// Parameters have an initializer, and no values until initialize() or loading.

/// A weight [in, out]. `gates` equal parts of the columns are initialised as separate matrices.
Parameter make_weight(std::string name, std::int64_t in, std::int64_t out, int gates = 1);
/// The same for a weight whose training products are hoisted (ParameterRole::kHoistedWeight).
Parameter make_hoisted_weight(std::string name, std::int64_t in, std::int64_t out, int gates = 1);
/// A weight [hidden, gates * hidden] of a cell's own state (InitialOptions::recurrent).
Parameter make_recurrent_weight(std::string name, std::int64_t hidden, int gates);
/// A vector of zeros.
Parameter make_vector(std::string name, std::int64_t size);
/// A table of normal values with this deviation, unless InitialOptions::embedding says another.
Parameter make_embedding(std::string name, std::int64_t rows, std::int64_t columns, double deviation = 1);

}  // namespace heed
