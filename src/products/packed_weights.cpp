#include "heed/products/packed_weights.h"

#include <algorithm>
#include <utility>

#include "heed/base/error.h"
#include "heed/tensor/work_clock.h"
#include "ways.h"
#include "weight_blocks.h"

namespace heed {

void PackedWeights::Impl::allocate(std::size_t bytes) {
  if (owned_.view().empty() || bytes != size) {
    owned_ = {};  // before the next is asked for
    owned_ = Buffer(1, bytes / sizeof(float));
    size = bytes;
  }
  data = owned_.view().data;
}

PackedWeights::PackedWeights() = default;
PackedWeights::~PackedWeights() = default;
PackedWeights::PackedWeights(PackedWeights&&) noexcept = default;
PackedWeights& PackedWeights::operator=(PackedWeights&&) noexcept = default;
std::int64_t PackedWeights::in() const { return impl().in; }
std::int64_t PackedWeights::out() const { return impl().out; }
std::size_t PackedWeights::bytes() const { return impl().size; }
Precision PackedWeights::precision() const { return impl().way->precision; }

const PackedWeights::Impl& PackedWeights::impl() const {
  if (impl_ == nullptr) throw Error(ErrorKind::kArgument, "weights were not packed (ParameterList::pack)");
  return *impl_;
}

void PackedWeights::pack(const Tensor& weights, bool transposed, Precision precision) {
  pack(weights, transposed, best_way(precision));
}

void PackedWeights::refer(const Tensor& weights, bool transposed) { pack(weights, transposed, best_way_in_place()); }

void PackedWeights::pack(const Tensor& weights, bool transposed, const ProductWay& way) {
  const WorkScope scope(WorkKind::kMemory);
  if (way.precision == Precision::kInt8) {
    if (transposed) throw Error(ErrorKind::kArgument, "int8 weights serve inference, which has no transposed products");
    QuantizedWeights::check_inputs(weights.rows);
  }
  if (impl_ == nullptr || way.in_place) impl_ = std::make_unique<Impl>();
  Impl& to = *impl_;
  to.way = &way;
  to.in = transposed ? weights.columns : weights.rows;
  to.out = transposed ? weights.rows : weights.columns;
  if (way.in_place) {
    to.transposed = transposed;
    to.data = weights.data;
    return;
  }
  to.allocate(way.packed_bytes(to.in, to.out));
  way.pack(weights, transposed, to);
}

void PackedWeights::refer(const QuantizedWeights& weights) {
  QuantizedWeights::check_inputs(weights.in);
  impl_ = std::make_unique<Impl>();
  Impl& to = *impl_;
  to.way = &best_way(Precision::kInt8);
  to.in = weights.in;
  to.out = weights.out;
  to.scale = weights.scale;
  to.sum = weights.sum;
  to.data = weights.blocks.data();
  to.size = weights.blocks.size();
}

void PackedWeights::select(const PackedWeights& whole, const Tensor& weights, bool transposed,
                           std::span<const int> outputs) {
  const std::int64_t count = std::ssize(outputs);
  const Impl& from = whole.impl();
  if (from.way->precision != Precision::kInt8 && transposed) {
    const Buffer some(count, from.in);
    for (std::int64_t n = 0; n < count; ++n) std::copy_n(weights.row(outputs[n]), from.in, some.view().row(n));
    return pack(some.view(), true, from.way->precision);
  }
  if (from.way->precision != Precision::kInt8) {
    const Buffer some(from.in, count);
    for (std::int64_t k = 0; k < from.in; ++k) {
      for (std::int64_t n = 0; n < count; ++n) some.view().row(k)[n] = weights.row(k)[outputs[n]];
    }
    return pack(some.view(), false, from.way->precision);
  }
  auto to = std::make_unique<Impl>();
  to->way = from.way;
  to->in = from.in;
  to->out = count;
  to->allocate(from.way->packed_bytes(from.in, count));
  select_int8(static_cast<const std::int8_t*>(from.data), from.in, outputs, static_cast<std::int8_t*>(to->packed()));
  for (const int output : outputs) {
    to->own_scale.push_back(from.scale[output]);
    to->own_sum.push_back(from.sum[output]);
  }
  to->scale = to->own_scale;
  to->sum = to->own_sum;
  impl_ = std::move(to);
}

}  // namespace heed
