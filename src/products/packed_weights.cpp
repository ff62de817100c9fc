#include <utility>

#include "float_panels.h"
#include "heed/base/error.h"
#include "heed/kernels/conversions.h"
#include "heed/kernels/float_product.h"
#include "heed/kernels/instruction_set.h"
#include "heed/tensor/buffer.h"
#include "heed/tensor/scratch.h"
#include "heed/tensor/work_clock.h"
#include "packed_weights_impl.h"
#include "weight_blocks.h"

namespace heed {
namespace {

std::size_t bytes_of(const PackedWeights::Impl& weights) {
  if (weights.layout == Layout::kPanels) {
    return static_cast<std::size_t>(FloatPanels::size(weights.in, weights.out)) * sizeof(float);
  }
  return weights_layout(weights.in, weights.out, weights.product_precision(), Layout::kPacked).get_size();
}

void reorder(const Tensor& weights, bool transposed, const PackedWeights::Impl& to, void* packed) {
  if (to.layout == Layout::kPanels) return pack_panels(weights, transposed, static_cast<float*>(packed));
  Products::of_this_thread().pack(to.in, to.out, transposed, weights.data, packed);
}

}  // namespace

void* PackedWeights::Impl::allocate(std::size_t bytes) {
  if (owned_.view().empty() || bytes != size) {
    owned_ = {};  // before the next is asked for
    owned_ = Buffer(1, bytes / sizeof(float));
    size = bytes;
  }
  data = owned_.view().data;
  return owned_.view().data;
}

PackedWeights::PackedWeights() = default;
PackedWeights::~PackedWeights() = default;
PackedWeights::PackedWeights(PackedWeights&&) noexcept = default;
PackedWeights& PackedWeights::operator=(PackedWeights&&) noexcept = default;
std::int64_t PackedWeights::in() const { return impl_->in; }
std::int64_t PackedWeights::out() const { return impl_->out; }
std::size_t PackedWeights::bytes() const { return impl_->size; }
Precision PackedWeights::precision() const { return impl_->precision; }

void PackedWeights::pack(const Tensor& weights, bool transposed, Precision precision) {
  const WorkScope scope(Work::kMemory);
  if (precision == Precision::kInt8) {
    if (transposed) throw Error("int8 weights serve inference, which has no transposed products");
    QuantizedStorage storage;
    refer(quantize_weights(weights, storage));
    impl_->storage = std::move(storage);  // what the spans see moves with it
    return;
  }
  if (impl_ == nullptr) impl_ = std::make_unique<Impl>();
  Impl& to = *impl_;
  to.in = transposed ? weights.columns : weights.rows;
  to.out = transposed ? weights.rows : weights.columns;
  to.precision = precision;
  to.native = is_native(precision);
  to.storage = {};
  to.layout = to.product_precision() == Precision::kFloat32 && !has_avx512() ? Layout::kPanels : Layout::kPacked;
  void* data = to.allocate(bytes_of(to));
  if (precision == Precision::kFloat32) return reorder(weights, transposed, to, data);
  if (to.native) return pack_bfloat16(weights, transposed, static_cast<std::uint16_t*>(data));
  thread_local std::vector<float> rounded;
  float* numbers = scratch(rounded, static_cast<std::size_t>(weights.size()));
  round_to_bfloat16(weights.data, numbers, weights.size());
  reorder({numbers, weights.rows, weights.columns}, transposed, to, data);
}

void PackedWeights::refer(const QuantizedWeights& weights) {
  QuantizedWeights::check_inputs(weights.in);
  impl_ = std::make_unique<Impl>();
  Impl& to = *impl_;
  to.in = weights.in;
  to.out = weights.out;
  to.precision = Precision::kInt8;
  to.scale = weights.scale;
  to.sum = weights.sum;
  to.blocks = weights.blocks.data();
  to.data = to.blocks;
  to.size = weights.blocks.size();
}

void PackedWeights::select(const PackedWeights& whole, const Tensor& weights, std::span<const int> outputs) {
  const auto count = static_cast<std::int64_t>(outputs.size());
  const Impl& from = whole.impl();
  if (from.precision != Precision::kInt8) {
    const Buffer some(from.in, count);
    for (std::int64_t k = 0; k < from.in; ++k) {
      for (std::int64_t n = 0; n < count; ++n)
        some.view().row(k)[n] = weights.row(k)[outputs[static_cast<std::size_t>(n)]];
    }
    return pack(some.view(), false, from.precision);
  }
  QuantizedStorage storage;
  storage.values.resize(static_cast<std::size_t>(QuantizedWeights::block_bytes(from.in, count)));
  select_int8(from.blocks, from.in, outputs, storage.values.data());
  for (const int output : outputs) {
    storage.scale.push_back(from.scale[static_cast<std::size_t>(output)]);
    storage.sum.push_back(from.sum[static_cast<std::size_t>(output)]);
  }
  refer({from.in, count, storage.values, storage.scale, storage.sum});
  impl_->storage = std::move(storage);
}

void PackedWeights::refer(const Tensor& weights, bool transposed) {
  impl_ = std::make_unique<Impl>();
  impl_->in = transposed ? weights.columns : weights.rows;
  impl_->out = transposed ? weights.rows : weights.columns;
  impl_->layout = transposed ? Layout::kTransposed : Layout::kPlain;
  impl_->data = weights.data;
}

bool fast_where_weights_lie() { return has_avx512(); }

}  // namespace heed
