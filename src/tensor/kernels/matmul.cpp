#include "heed/tensor/kernels/matmul.h"

#include <omp.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <oneapi/dnnl/dnnl.hpp>
#include <span>
#include <thread>
#include <unordered_map>
#include <vector>

#include "heed/tensor/buffer.h"
#include "memory.h"

namespace heed {
namespace {

using dnnl::memory;
using Tag = memory::format_tag;
using Type = memory::data_type;

// Products are cut into blocks of so many rows, then smaller ones, then the exact rest: few different shapes are ever
// compiled by oneDNN, whatever the lengths of the sentences are.
constexpr std::int64_t kRowBlocks[] = {256, 64};
// A gradient is read and written again by every block, so these are larger.
constexpr std::int64_t kGradientBlocks[] = {1024, 512, 256, 128, 64};
// Without AVX-512 oneDNN computes six rows at a time, and the one to three that are left over in another order of
// summation: blocks are then filled up to whole sixes, so that a row's result does not depend on where it stands. 64
// and 256 leave four.
constexpr std::int64_t kRowTile = 6;
// The layout of packed weights is asked for at this many rows, then imposed on every other.
constexpr std::int64_t kLayoutRows = 64;

const dnnl::engine& engine() {
  static const dnnl::engine instance(dnnl::engine::kind::cpu, 0);
  return instance;
}

memory::desc plain(std::int64_t rows, std::int64_t columns) { return {{rows, columns}, Type::f32, Tag::ab}; }

dnnl::primitive_attr attributes(Into into) {
  dnnl::primitive_attr out;
  if (into == Into::kAdd) {
    dnnl::post_ops sum;
    sum.append_sum(1.0F);
    out.set_post_ops(sum);
  }
  return out;
}

// How the second operand lies.
enum class Layout { kGradient, kPacked, kPlain, kTransposed };

// What distinguishes compiled products.
struct Key {
  std::int64_t rows, in, out;
  Layout layout;
  Into into;
  bool operator==(const Key&) const = default;
};
struct KeyHash {
  std::size_t operator()(const Key& key) const {
    auto mix = static_cast<std::size_t>(key.rows);
    for (std::int64_t part :
         {key.in, key.out, static_cast<std::int64_t>(key.layout), static_cast<std::int64_t>(key.into)}) {
      mix = mix * 0x9E3779B97F4A7C15ULL + static_cast<std::size_t>(part);
    }
    return mix;
  }
};

// A compiled product with its memory handles, which a call points at its operands.
class Product {
 public:
  Product(const memory::desc& a, const memory::desc& b, const memory::desc& y, Into into)
      : primitive_(dnnl::matmul::primitive_desc({a, b, y}, attributes(into), engine())),
        a_(a, engine(), nullptr),
        b_(b, engine(), nullptr),
        y_(y, engine(), nullptr) {
    arguments_[0] = {DNNL_ARG_SRC, a_.get()};
    arguments_[1] = {DNNL_ARG_WEIGHTS, b_.get()};
    arguments_[2] = {DNNL_ARG_DST, y_.get()};
  }
  void run(const void* a, const void* b, float* y, const dnnl::stream& stream) {
    a_.set_data_handle(const_cast<void*>(a));
    b_.set_data_handle(const_cast<void*>(b));
    y_.set_data_handle(y);
    dnnl::error::wrap_c_api(dnnl_primitive_execute(primitive_.get(), stream.get(), 3, arguments_), "matrix product");
  }

 private:
  dnnl::matmul primitive_;
  memory a_, b_, y_;
  dnnl_exec_arg_t arguments_[3];
};

// Compiled products belong to a thread: handles are set before each run.
struct ThreadCache {
  dnnl::stream stream{engine()};
  std::vector<float> filled_x, filled_y;  // rows filled up to kRowTile
  std::unordered_map<Key, Product, KeyHash> products;
};
ThreadCache& cache() {
  thread_local ThreadCache instance;
  return instance;
}

std::int64_t next_block(std::int64_t rows, std::span<const std::int64_t> blocks) {
  for (const std::int64_t block : blocks) {
    if (rows >= block) return block;
  }
  return rows;
}

// Rows that a block of `count` rows is computed with.
std::int64_t computed_rows(std::int64_t count) {
  static const bool any_count =
      (static_cast<unsigned>(dnnl::get_effective_cpu_isa()) & static_cast<unsigned>(dnnl::cpu_isa::avx512_core)) ==
      static_cast<unsigned>(dnnl::cpu_isa::avx512_core);
  const std::int64_t rest = count % kRowTile;
  return any_count || rest == 0 || rest > 3 ? count : count + kRowTile - rest;
}

}  // namespace

struct PackedWeights::Impl {
  std::int64_t in, out;
  memory::desc layout;
  Layout kind;
  std::size_t size = 0;
  void* data = nullptr;
  bool owned = false;

  // Weights that are read where they lie.
  Impl(const Tensor& weights, std::int64_t in_size, std::int64_t out_size, bool transposed)
      : in(in_size),
        out(out_size),
        layout({in, out}, Type::f32, transposed ? Tag::ba : Tag::ab),
        kind(transposed ? Layout::kTransposed : Layout::kPlain),
        data(weights.data) {}

  Impl(std::int64_t in_size, std::int64_t out_size) : in(in_size), out(out_size), kind(Layout::kPacked), owned(true) {
    const memory::desc any({in, out}, Type::f32, Tag::any);
    const dnnl::matmul::desc product(plain(kLayoutRows, in), any, plain(kLayoutRows, out));
    layout = dnnl::matmul::primitive_desc(product, engine()).weights_desc();
    size = layout.get_size();
    data = allocate_pages(size);
    std::memset(data, 0, size);
  }
  ~Impl() {
    if (owned) free_pages(data, size);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
};

PackedWeights::PackedWeights() = default;
PackedWeights::~PackedWeights() = default;
PackedWeights::PackedWeights(PackedWeights&&) noexcept = default;
PackedWeights& PackedWeights::operator=(PackedWeights&&) noexcept = default;
std::int64_t PackedWeights::in() const { return impl_->in; }
std::int64_t PackedWeights::out() const { return impl_->out; }
std::size_t PackedWeights::bytes() const { return impl_->size; }

void PackedWeights::pack(const Tensor& weights, bool transposed, Precision) {
  const std::int64_t in = transposed ? weights.columns : weights.rows;
  const std::int64_t out = transposed ? weights.rows : weights.columns;
  if (impl_ == nullptr || !impl_->owned || impl_->in != in || impl_->out != out)
    impl_ = std::make_unique<Impl>(in, out);
  const memory source({{in, out}, Type::f32, transposed ? Tag::ba : Tag::ab}, engine(), weights.data);
  memory packed(impl_->layout, engine(), impl_->data);
  dnnl::reorder(source, packed).execute(cache().stream, const_cast<memory&>(source), packed);
}

void PackedWeights::refer(const Tensor& weights, bool transposed) {
  const std::int64_t in = transposed ? weights.columns : weights.rows;
  const std::int64_t out = transposed ? weights.rows : weights.columns;
  impl_ = std::make_unique<Impl>(weights, in, out, transposed);
}

namespace {

void multiply_block(const Tensor& x, const PackedWeights::Impl& packed, const Tensor& y, Into into) {
  ThreadCache& thread = cache();
  const Key key{x.rows, packed.in, packed.out, packed.kind, into};
  auto found = thread.products.find(key);
  if (found == thread.products.end()) {
    found = thread.products.try_emplace(key, plain(x.rows, packed.in), packed.layout, plain(x.rows, packed.out), into)
                .first;
  }
  found->second.run(x.data, packed.data, y.data, thread.stream);
}

void multiply_filled_block(const Tensor& x, const PackedWeights::Impl& packed, const Tensor& y, Into into) {
  ThreadCache& thread = cache();
  const std::int64_t rows = computed_rows(x.rows);
  const auto filled = [rows](const Tensor& from, std::vector<float>& buffer) {
    buffer.assign(from.data, from.data + from.size());
    buffer.resize(static_cast<std::size_t>(rows * from.columns));
    return Tensor{buffer.data(), rows, from.columns};
  };
  const Tensor filled_y = filled(y, thread.filled_y);
  multiply_block(filled(x, thread.filled_x), packed, filled_y, into);
  std::copy_n(filled_y.data, y.size(), y.data);
}

}  // namespace

void matmul(const Tensor& x, const PackedWeights& weights, const Tensor& y, Into into) {
  for (std::int64_t row = 0; row < x.rows;) {
    const std::int64_t count = next_block(x.rows - row, kRowBlocks);
    const auto multiply = computed_rows(count) == count ? multiply_block : multiply_filled_block;
    multiply(x.slice(row, count), weights.impl(), y.slice(row, count), into);
    row += count;
  }
}

void matmul_gradient(const Tensor& x, const Tensor& dy, const Tensor& dw, Into into) {
  ThreadCache& thread = cache();
  for (std::int64_t row = 0; row < x.rows; into = Into::kAdd) {
    const std::int64_t count = next_block(x.rows - row, kGradientBlocks);
    const Key key{count, x.columns, dy.columns, Layout::kGradient, into};
    auto found = thread.products.find(key);
    if (found == thread.products.end()) {
      const memory::desc transposed({x.columns, count}, Type::f32, Tag::ba);
      found = thread.products.try_emplace(key, transposed, plain(count, dy.columns), plain(x.columns, dy.columns), into)
                  .first;
    }
    found->second.run(x.row(row), dy.row(row), dw.data, thread.stream);
    row += count;
  }
}

double measure_matmul_gflops(Precision precision, int threads) {
  constexpr std::int64_t kRows = 64;
  constexpr std::int64_t kIn = 1024;
  constexpr std::int64_t kOut = 2048;
  constexpr int kRounds = 60;
  std::vector<double> seconds;
  // A thread of its own, because the number of threads is built into compiled products.
  std::thread([&] {
    omp_set_num_threads(threads);
    const Buffer x(kRows, kIn);
    const Buffer w(kIn, kOut);
    const Buffer y(kRows, kOut);
    PackedWeights packed;
    packed.pack(w.view(), false, precision);
    for (int round = 0; round < kRounds; ++round) {
      const auto start = std::chrono::steady_clock::now();
      matmul(x.view(), packed, y.view(), Into::kReplace);
      seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
  }).join();
  std::nth_element(seconds.begin(), seconds.begin() + kRounds / 2, seconds.end());
  return 2.0 * kRows * kIn * kOut / seconds[kRounds / 2] * 1e-9;
}

void use_one_thread() { omp_set_num_threads(1); }

}  // namespace heed
