#include "ways.h"

#include <algorithm>
#include <string>

#include "avx512_products.h"
#include "float_panels.h"
#include "heed/base/error.h"
#include "heed/kernels/amx_product.h"
#include "heed/kernels/conversions.h"
#include "heed/kernels/float_product.h"
#include "heed/kernels/instruction_set.h"
#include "heed/tensor/scratch.h"
#include "int8_terms.h"
#include "row_blocks.h"
#include "weight_blocks.h"

namespace heed {
namespace {

template <auto kMultiply>
void in_row_blocks(const Tensor& x, const PackedWeights& weights, const Tensor& y, Accumulate accumulate) {
  each_row_block(x.rows, [&](std::int64_t row, std::int64_t count) {
    kMultiply(x.slice(row, count), weights, y.slice(row, count), accumulate);
  });
}

// ---- float32 from panels

std::size_t panel_bytes(std::int64_t in, std::int64_t out) { return FloatPanels::size(in, out) * sizeof(float); }

void pack_in_panels(const Tensor& weights, bool transposed, PackedWeights::Impl& to) {
  pack_panels(weights, transposed, static_cast<float*>(to.packed()));
}

void multiply_packed_panels(const Tensor& x, const PackedWeights& weights, const Tensor& y, Accumulate accumulate) {
  multiply_panels(x, static_cast<const float*>(weights.impl().data), y, accumulate);
}

void multiply_panels_in_place(const Tensor& x, const PackedWeights& weights, const Tensor& y, Accumulate accumulate) {
  multiply_lying(x, weights.impl().lying(), weights.impl().transposed, y, accumulate);
}

template <bool kToBfloat16>
void panel_gradient(std::span<const GradientRows> parts, const Tensor& dw, Accumulate accumulate) {
  multiply_gradient(parts, dw, accumulate, kToBfloat16);
}

// ---- bfloat16 in pairs

void pack_in_pairs(const Tensor& weights, bool transposed, PackedWeights::Impl& to) {
  pack_bfloat16(weights, transposed, static_cast<std::uint16_t*>(to.packed()));
}

// ---- bfloat16 by a way of float32: both operands are rounded first

Tensor rounded(const Tensor& values, Scratch<float>& memory) {
  float* out = scratch(memory, values.size());
  round_to_bfloat16(values.data, out, values.size());
  return {out, values.rows, values.columns};
}

template <auto kPack>
void pack_rounded(const Tensor& weights, bool transposed, PackedWeights::Impl& to) {
  thread_local Scratch<float> memory;
  kPack(rounded(weights, memory), transposed, to);
}

template <auto kMultiply>
void multiply_rounded(const Tensor& x, const PackedWeights& weights, const Tensor& y, Accumulate accumulate) {
  thread_local Scratch<float> memory;
  kMultiply(rounded(x, memory), weights, y, accumulate);
}

// ---- int8 by a kernel that multiplies bytes

template <BytesKernel kKernel>
void multiply_bytes(const Tensor& x, const PackedWeights& weights, const Tensor& y, Accumulate accumulate) {
  const ProductTerm term{x, &weights};
  multiply_bytes_terms(kKernel, {&term, 1}, y, accumulate);
}

template <BytesKernel kKernel>
void multiply_bytes_in_parts(const Tensor& x, const PackedWeights& weights, const Tensor& y, const OutputParts& parts) {
  multiply_bytes_in_parts(kKernel, {x, &weights}, y, parts);
}

template <BytesKernel kKernel>
void multiply_bytes_terms(std::span<const ProductTerm> terms, const Tensor& y, Accumulate accumulate) {
  multiply_bytes_terms(kKernel, terms, y, accumulate);
}

bool always() { return true; }
bool has_bfloat16() { return is_native(Precision::kBfloat16); }
bool has_int8() { return has_instructions(Instructions::kAvx512Vnni); }
bool has_amx() { return has_instructions(Instructions::kAmx); }
bool has_dot_product() { return has_instructions(Instructions::kDotProduct); }

constexpr ProductWay kWays[] = {
    {.name = "float32-avx512",
     .precision = Precision::kFloat32,
     .available = has_avx512,
     .packed_bytes = avx512_float32_bytes,
     .pack = pack_avx512_float32,
     .multiply = multiply_avx512<WideNumbers::kFloats>,
     .multiply_in_parts = multiply_avx512_in_parts<WideNumbers::kFloats>,
     .gradient = gradient_avx512<WideNumbers::kFloats>},
    {.name = "float32-avx512-in-place",  // blocks are packed on the way
     .precision = Precision::kFloat32,
     .in_place = true,
     .available = has_avx512,
     .multiply = multiply_avx512_in_place},
    {.name = "float32-panels",
     .precision = Precision::kFloat32,
     .available = always,
     .packed_bytes = panel_bytes,
     .pack = pack_in_panels,
     .multiply = in_row_blocks<multiply_packed_panels>,
     .gradient = panel_gradient<false>},
    {.name = "float32-panels-in-place",  // panels are packed on the way
     .precision = Precision::kFloat32,
     .in_place = true,
     .available = always,
     .multiply = multiply_panels_in_place},
    {.name = "bfloat16-amx",
     .precision = Precision::kBfloat16,
     .available = has_amx,
     .packed_bytes = bfloat16_bytes,
     .pack = pack_in_pairs,
     .multiply = multiply_avx512<WideNumbers::kTiles>,
     .multiply_in_parts = multiply_avx512_in_parts<WideNumbers::kTiles>,
     .gradient = gradient_avx512<WideNumbers::kTiles>},
    {.name = "bfloat16-avx512",
     .precision = Precision::kBfloat16,
     .available = has_bfloat16,
     .packed_bytes = bfloat16_bytes,
     .pack = pack_in_pairs,
     .multiply = multiply_avx512<WideNumbers::kPairs>,
     .multiply_in_parts = multiply_avx512_in_parts<WideNumbers::kPairs>,
     .gradient = gradient_avx512<WideNumbers::kPairs>},
    {.name = "bfloat16-rounded-avx512",
     .precision = Precision::kBfloat16,
     .available = has_avx512,
     .packed_bytes = avx512_float32_bytes,
     .pack = pack_rounded<pack_avx512_float32>,
     .multiply = in_row_blocks<multiply_rounded<multiply_avx512<WideNumbers::kFloats>>>,
     .gradient = panel_gradient<true>},  // rows are rounded as they are packed
    {.name = "bfloat16-rounded-panels",
     .precision = Precision::kBfloat16,
     .available = always,
     .packed_bytes = panel_bytes,
     .pack = pack_rounded<pack_in_panels>,
     .multiply = in_row_blocks<multiply_rounded<multiply_packed_panels>>,
     .gradient = panel_gradient<true>},
    {.name = "int8-amx",
     .precision = Precision::kInt8,
     .available = has_amx,
     .packed_bytes = int8_bytes,
     .pack = pack_int8_weights,
     .multiply = multiply_bytes<multiply_amx_int8>,
     .multiply_in_parts = multiply_bytes_in_parts<multiply_amx_int8>,
     .multiply_terms = multiply_bytes_terms<multiply_amx_int8>},
    {.name = "int8-vnni",
     .precision = Precision::kInt8,
     .available = has_int8,
     .packed_bytes = int8_bytes,
     .pack = pack_int8_weights,
     .multiply = multiply_bytes<multiply_vnni>,
     .multiply_in_parts = multiply_bytes_in_parts<multiply_vnni>,
     .multiply_terms = multiply_bytes_terms<multiply_vnni>},
    {.name = "int8-dot",
     .precision = Precision::kInt8,
     .available = has_dot_product,
     .packed_bytes = int8_bytes,
     .pack = pack_int8_weights,
     .multiply = in_row_blocks<multiply_dot_int8>},
    {.name = "int8-own",
     .precision = Precision::kInt8,
     .available = always,
     .packed_bytes = int8_bytes,
     .pack = pack_int8_weights,
     .multiply = in_row_blocks<multiply_own_int8>},
};

template <typename Condition>
const ProductWay* first_available(Condition&& fits) {
  return std::ranges::find_if(kWays, [&](const ProductWay& way) { return fits(way) && way.available(); });
}

}  // namespace

std::span<const ProductWay> product_ways() { return kWays; }

const ProductWay& find_way(std::string_view name) {
  const ProductWay* way = first_available([&](const ProductWay& one) { return one.name == name; });
  if (way == std::end(kWays))
    throw Error(ErrorKind::kArgument, "this processor has no product '" + std::string(name) + "'");
  return *way;
}

const ProductWay& best_way(Precision precision) {
  const auto find = [](Precision of) {
    return first_available([of](const ProductWay& way) { return way.precision == of && !way.in_place; });
  };
  static const ProductWay* const best[] = {find(Precision::kFloat32), find(Precision::kBfloat16),
                                           find(Precision::kInt8)};
  return *best[static_cast<std::size_t>(precision)];
}

const ProductWay& best_way_in_place() {
  static const ProductWay* const best = first_available([](const ProductWay& way) { return way.in_place; });
  return *best;
}

bool packs_fast_in_products() { return has_avx512(); }

}  // namespace heed
