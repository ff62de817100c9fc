#include "heed/kernels/conversions.h"

#include "fmt/format.h"
#include "kernel.h"

// Between float32 and narrow numbers: what a product of those does beside multiplying.
namespace heed::micro {
namespace {

constexpr std::int64_t kNear = 32 * 512;
constexpr std::int64_t kFar = std::int64_t{4} << 20;

std::string name_for(const char* what, std::int64_t count) {
  return fmt::format("narrow numbers/{}/{}", what, count == kNear ? "16 k" : "4 M");
}

double bytes_of(std::int64_t count, int for_each) { return for_each * static_cast<double>(count); }

void add_bfloat16(std::int64_t count) {
  add_kernel(name_for("to_bfloat16", count), {0, bytes_of(count, 4 + 2)}, [=] {
    return [=, x = random_buffer(1, count), y = std::vector<std::uint16_t>(static_cast<std::size_t>(count))]() mutable {
      to_bfloat16(x.view().data, y.data(), count);
    };
  });
  add_kernel(name_for("round_to_bfloat16", count), {0, bytes_of(count, 4 + 4)}, [=] {
    return [=, x = random_buffer(1, count), y = Buffer(1, count)] {
      round_to_bfloat16(x.view().data, y.view().data, count);
    };
  });
}

// Rows of 512, as the inputs of a product.
void add_quantize_row() {
  constexpr std::int64_t kRow = 512;
  add_kernel(name_for("quantize_row, 32 of 512", kNear), {0, bytes_of(kNear, 4 + 1)}, [=] {
    return [=, x = random_buffer(kNear / kRow, kRow), q = std::vector<std::uint8_t>(kNear)]() mutable {
      for (std::int64_t r = 0; r < x.view().rows; ++r) {
        benchmark::DoNotOptimize(quantize_row(x.view().row(r), q.data() + r * kRow, kRow));
      }
    };
  });
}

void add_dequantize_row(bool add) {
  add_kernel(
      name_for(add ? "dequantize_row, added" : "dequantize_row", kNear), {0, bytes_of(kNear, add ? 20 : 16)}, [=] {
        const std::vector<int> products = random_ids(kNear, 1 << 20);
        return [=, sums = random_ids(kNear, 1 << 20), scale = random_buffer(1, kNear, 1e-3), y = Buffer(1, kNear)] {
          const Dequantize part{products.data(), scale.view().data, sums.data(), 1e-6F};
          dequantize_row({&part, 1}, add, y.view().data, kNear);
        };
      });
}

}  // namespace

void add_conversions() {
  for (const std::int64_t count : {kNear, kFar}) add_bfloat16(count);
  add_quantize_row();
  for (const bool add : {false, true}) add_dequantize_row(add);
}

}  // namespace heed::micro
