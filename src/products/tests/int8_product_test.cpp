#include "heed/kernels/int8_product.h"

#include <cstring>

#include "heed/base/rng.h"
#include "heed/kernels/conversions.h"
#include "heed/kernels/instruction_set.h"
#include "heed/products/quantized.h"
#include "products.h"
#include "targets.h"

namespace heed {
namespace {

class Int8Products : public OnEachTarget {};

using Multiply = void (*)(const Int8Product& of);
std::vector<std::pair<Multiply, bool>> kernels_adding_and_not() {
  std::vector<std::pair<Multiply, bool>> out = {{multiply_int8, false}, {multiply_int8, true}};
  if (has_instructions(Instructions::kDotProduct)) out.insert(out.end(), {{multiply_dot, false}, {multiply_dot, true}});
  return out;
}

INSTANTIATE_TEST_SUITE_P(Targets, Int8Products, testing::ValuesIn(kernel_targets()), target_name);

// Against sums one by one, of every number of rows that has code of its own, at the numbers' limits too.
TEST_P(Int8Products, AreScaledSumsOfWholeNumbers) {
  Rng rng(7);
  for (const int in : {1, 5, 64, 130}) {
    for (const int out : {1, 17, 64, 130}) {
      Values w = random_values(std::int64_t{in} * out, 8);
      for (int n = 0; n < out; n += 3) w[n] = 100;  // of its output the largest: 127
      QuantizedStorage storage;
      const QuantizedWeights packed = quantize_weights(matrix(w, in, out), storage);
      const Values q = whole_numbers(packed.blocks, in, out);
      const std::int64_t blocks = (in + 63) / 64;
      for (int rows = 1; rows <= 19; ++rows) {
        std::vector<std::int8_t> x;
        for (int i = 0; i < rows * in; ++i)
          x.push_back(static_cast<std::int8_t>(i % 7 == 0 ? -127 : rng.below(255) - 127));
        const Values row_scale = random_values(rows, 9);
        const Values start = random_values(std::int64_t{rows} * out, 10);
        x.resize(static_cast<std::size_t>((rows - 1) * in + blocks * 64), 99);
        std::vector<std::int16_t> words(static_cast<std::size_t>(rows * blocks * 64));
        std::vector<std::int16_t> panel(static_cast<std::size_t>(blocks * 64 * Int8Product::kMostPanel));
        for (const auto& [multiply, add] : kernels_adding_and_not()) {
          Values y = start;
          y.push_back(99);
          multiply({x.data(), in, packed.blocks.data(), packed.scale.data(), row_scale.data(), y.data(), rows, blocks,
                    out, add, words.data(), panel.data()});
          const std::vector<std::int32_t> no_offset(static_cast<std::size_t>(out));
          for (int r = 0; r < rows; ++r) {
            std::vector<std::int32_t> sums(static_cast<std::size_t>(out));
            for (int n = 0; n < out; ++n) {
              for (int k = 0; k < in; ++k) sums[n] += x[r * in + k] * static_cast<int>(q[k * out + n]);
            }
            Values expected(start.begin() + std::ptrdiff_t{r} * out, start.begin() + std::ptrdiff_t{r + 1} * out);
            const Dequantize scaling{sums.data(), packed.scale.data(), no_offset.data(), row_scale[r]};
            dequantize_row({&scaling, 1}, add, expected.data(), out);
            ASSERT_EQ(std::memcmp(expected.data(), y.data() + r * out, expected.size() * sizeof(float)), 0)
                << "row " << r << " of " << rows << " x " << in << " x " << out;
          }
          ASSERT_EQ(y.back(), 99) << "written beyond the end";
        }
      }
    }
  }
}

}  // namespace
}  // namespace heed
