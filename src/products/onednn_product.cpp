#include "onednn_product.h"

#include <algorithm>
#include <vector>

#include "heed/base/address_space.h"
#include "heed/kernels/conversions.h"
#include "heed/kernels/instruction_set.h"
#include "heed/tensor/scratch.h"
#include "heed/tensor/work_clock.h"
#include "onednn.h"
#include "row_blocks.h"

namespace heed {
namespace {

using dnnl::memory;
using Tag = memory::format_tag;
using Type = memory::data_type;

Type weights_type(Precision precision) {
  return precision == Precision::kInt8 ? Type::s8 : precision == Precision::kBfloat16 ? Type::bf16 : Type::f32;
}

Type input_type(Precision precision) { return precision == Precision::kInt8 ? Type::u8 : weights_type(precision); }

const dnnl::engine& cpu_engine() {
  static const dnnl::engine instance(dnnl::engine::kind::cpu, 0);
  return instance;
}

// Where oneDNN gets no memory for its code it writes to a null pointer. No product compiles to a tenth of this, but
// several threads may compile at a time.
const dnnl::engine& engine_with_room() {
  require_address_space(std::size_t{32} << 20, "compiled products");
  return cpu_engine();
}

dnnl::primitive_attr attributes(Accumulate accumulate) {
  dnnl::primitive_attr out;
  if (accumulate == Accumulate::kYes) {
    dnnl::post_ops sum;
    sum.append_sum(1.0F);
    out.set_post_ops(sum);
  }
  return out;
}

}  // namespace

memory::desc weights_layout(std::int64_t in, std::int64_t out, Precision precision, Layout layout) {
  const Type type = weights_type(precision);
  if (layout == Layout::kPlain) return {{in, out}, type, Tag::ab};
  if (precision == Precision::kInt8) return {{in, out}, type, Tag::BA16a64b4a};
  return {{in, out}, type, Tag::BA16a64b2a};
}

// A compiled product with its memory handles, which a call points at its operands.
class Products::Compiled {
 public:
  explicit Compiled(const ProductKey& key)
      : Compiled(key, {{key.rows, key.in}, input_type(key.precision), key.transposed_first ? Tag::ba : Tag::ab},
                 weights_layout(key.in, key.out, key.precision, key.layout),
                 {{key.rows, key.out}, key.precision == Precision::kInt8 ? Type::s32 : Type::f32, Tag::ab}) {}

  void run(const void* a, const void* b, void* y, const dnnl::stream& stream) {
    a_.set_data_handle(const_cast<void*>(a));
    b_.set_data_handle(const_cast<void*>(b));
    y_.set_data_handle(y);
    dnnl::error::wrap_c_api(dnnl_primitive_execute(primitive_.get(), stream.get(), 3, arguments_), "matrix product");
  }

 private:
  Compiled(const ProductKey& key, const memory::desc& a, const memory::desc& b, const memory::desc& y)
      : primitive_(product_of(engine_with_room(), a, b, y, attributes(key.accumulate))),
        a_(a, cpu_engine(), nullptr),
        b_(b, cpu_engine(), nullptr),
        y_(y, cpu_engine(), nullptr) {
    arguments_[0] = {DNNL_ARG_SRC, a_.get()};
    arguments_[1] = {DNNL_ARG_WEIGHTS, b_.get()};
    arguments_[2] = {DNNL_ARG_DST, y_.get()};
  }

  dnnl::matmul primitive_;
  memory a_, b_, y_;
  dnnl_exec_arg_t arguments_[3];
};

std::size_t Products::Hash::operator()(const ProductKey& key) const {
  auto mix = static_cast<std::size_t>(key.rows);
  const std::int64_t kind = static_cast<std::int64_t>(key.precision) * 16 + static_cast<std::int64_t>(key.layout) * 4 +
                            static_cast<std::int64_t>(key.accumulate) * 2 + (key.transposed_first ? 1 : 0);
  for (const std::int64_t part : {key.in, key.out, kind}) {
    mix = (mix ^ mix >> 29) * 0x9E3779B97F4A7C15ULL + static_cast<std::size_t>(part);
  }
  return mix;
}

Products::Products() : stream_(cpu_engine()) {}

Products& Products::of_this_thread() {
  thread_local Products instance;
  return instance;
}

void Products::run(const ProductKey& key, const void* a, const void* b, void* y) {
  auto found = compiled_.find(key);
  if (found == compiled_.end()) found = compiled_.try_emplace(key, key).first;
  found->second.run(a, b, y, stream_);
}

namespace {

// Rows that a block of `count` rows in bfloat16 is computed with: AMX computes tiles of 16 rows, which take their time
// whether they are full or not.
std::int64_t computed_rows(std::int64_t count) {
  static const bool amx = has_instructions(Instructions::kAmx);
  constexpr std::int64_t kAmxTile = 16;
  return amx ? round_up(count, kAmxTile) : count;
}

}  // namespace

void multiply_onednn_bfloat16(const Tensor& x, const PackedWeights& weights, const Tensor& y, Accumulate accumulate) {
  thread_local Scratch<std::uint16_t> x_memory;
  thread_local Scratch<float> y_memory;
  const PackedWeights::Impl& of = weights.impl();
  const std::int64_t rows = computed_rows(x.rows);
  std::uint16_t* narrow = scratch(x_memory, rows * x.columns);
  {
    const WorkScope scope(WorkKind::kVector, "to_bfloat16");
    to_bfloat16_natively(x.data, narrow, x.size());
    std::fill(narrow + x.size(), narrow + rows * x.columns, std::uint16_t{0});
  }
  const ProductKey key{rows, of.in, of.out, Precision::kBfloat16, Layout::kPacked, accumulate};
  if (rows == y.rows) return Products::of_this_thread().run(key, narrow, of.data, y.data);
  float* filled = scratch(y_memory, rows * y.columns);
  if (accumulate == Accumulate::kYes) std::copy_n(y.data, y.size(), filled);
  Products::of_this_thread().run(key, narrow, of.data, filled);
  std::copy_n(filled, y.size(), y.data);
}

}  // namespace heed
