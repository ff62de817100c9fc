#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "heed/nn/attention.h"

namespace heed {
namespace {

// As parts of one projection [He, He] (Glorot and Bengio 2010, equation 16), not as matrices of their own.
TEST(MultiHead, FirstValuesDoNotDependOnTheNumberOfHeads) {
  constexpr int kEncoded = 64;
  for (const int heads : {1, 2, 8}) {
    AttentionOptions options;
    options.kind = "multi-head";
    options.heads = heads;
    const auto attention = make_attention("attention", {kEncoded, kEncoded}, options);
    Rng rng(1);
    initialize(*attention, rng);
    attention->visit([&](const Parameter& parameter) {
      if (parameter.role == ParameterRole::kVector) return;
      const Tensor& values = parameter.value.view();
      float largest = 0;
      for (std::int64_t i = 0; i < values.size(); ++i) largest = std::max(largest, std::abs(values.data[i]));
      const float limit = std::sqrt(6.0F / (2 * kEncoded));
      EXPECT_LE(largest, limit) << parameter.name << " of " << heads << " heads";
      EXPECT_GT(largest, 0.95F * limit) << parameter.name << " of " << heads << " heads";
    });
  }
}

}  // namespace
}  // namespace heed
