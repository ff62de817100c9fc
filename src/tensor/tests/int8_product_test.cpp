#include "kernels/int8_product.h"

#include "heed/base/rng.h"
#include "heed/tensor/quantized.h"
#include "products.h"
#include "targets.h"

namespace heed {
namespace {

class Int8Products : public OnEachTarget {};
INSTANTIATE_TEST_SUITE_P(Targets, Int8Products, testing::ValuesIn(kernel_targets()), target_name);

// Against sums one by one, of every number of rows that has code of its own, at the numbers' limits too.
TEST_P(Int8Products, AreSumsOfWholeNumbers) {
  Rng rng(7);
  for (const int in : {1, 5, 64, 130}) {
    for (const int out : {1, 17, 64, 130}) {
      Values w = random_values(std::int64_t{in} * out, 8);
      for (int n = 0; n < out; n += 3) w[n] = 100;  // of its output the largest: 127
      QuantizedStorage storage;
      const QuantizedWeights packed = quantize_weights(matrix(w, in, out), storage);
      const Values q = whole_numbers(packed.blocks, in, out);
      const std::int64_t blocks = (in + 63) / 64;
      for (int rows = 1; rows <= 9; ++rows) {
        std::vector<std::uint8_t> bytes;
        for (int i = 0; i < rows * in; ++i)
          bytes.push_back(static_cast<std::uint8_t>(i % 7 == 0 ? 255 : rng.below(256)));
        std::vector<std::int16_t> x(static_cast<std::size_t>(rows * blocks * 64), 99);
        for (int r = 0; r < rows; ++r) widen_bytes(bytes.data() + r * in, in, x.data() + r * blocks * 64);
        std::vector<std::int32_t> products(static_cast<std::size_t>(rows * out) + 1, 99);
        bytes.resize(static_cast<std::size_t>((rows - 1) * in + blocks * 64), 99);
        multiply_int8(
            {x.data(), bytes.data(), in, packed.blocks.data(), packed.sum.data(), products.data(), rows, blocks, out});
        for (int r = 0; r < rows; ++r) {
          for (int n = 0; n < out; ++n) {
            int sum = 0;
            for (int k = 0; k < in; ++k) sum += bytes[r * in + k] * static_cast<int>(q[k * out + n]);
            ASSERT_EQ(products[r * out + n], sum) << rows << " x " << in << " x " << out;
          }
        }
        ASSERT_EQ(products.back(), 99) << "written beyond the end";
      }
    }
  }
}

}  // namespace
}  // namespace heed
