#include "machine_rate.h"

#include <omp.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <oneapi/dnnl/dnnl.hpp>
#include <thread>
#include <unordered_map>
#include <vector>

#include "heed/tensor/buffer.h"

namespace heed::bench {
namespace {

using dnnl::memory;
using Tag = memory::format_tag;
using Type = memory::data_type;

struct Numbers {
  Type x, weights, y;
  Tag layout;  // of the weights, as products pack them
};

// Version 3 (Debian 13) has no description of an operation apart from its choice.
dnnl::matmul::primitive_desc product_of(const dnnl::engine& engine, const memory::desc& a, const memory::desc& b,
                                        const memory::desc& y) {
#if DNNL_VERSION_MAJOR >= 3
  return {engine, a, b, y};
#else
  return {{a, b, y}, engine};
#endif
}

Numbers numbers_of(Precision precision) {
  if (precision == Precision::kInt8) return {Type::u8, Type::s8, Type::s32, Tag::BA16a64b4a};
  if (precision == Precision::kBfloat16) return {Type::bf16, Type::bf16, Type::f32, Tag::BA16a64b2a};
  return {Type::f32, Type::f32, Type::f32, Tag::any};
}

}  // namespace

double measure_matmul_gflops(Precision precision, int threads) {
  constexpr std::int64_t kRows = 64;
  constexpr std::int64_t kIn = 1024;
  constexpr std::int64_t kOut = 2048;
  constexpr int kRounds = 60;
#if defined(__x86_64__)
  const bool known = is_native(precision);
#else  // oneDNN reads other blocks than ours, and its int8 products are no yardstick
  const bool known = precision == Precision::kFloat32;
#endif
  const Numbers numbers = numbers_of(known ? precision : Precision::kFloat32);
  std::vector<double> seconds;
  std::exception_ptr failure;
  const auto measure = [&] {
    omp_set_num_threads(threads);
    const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
    const dnnl::stream stream(engine);
    const memory::desc x({kRows, kIn}, numbers.x, Tag::ab);
    const memory::desc y({kRows, kOut}, numbers.y, Tag::ab);
    const auto chosen = product_of(engine, x, {{kIn, kOut}, numbers.weights, numbers.layout}, y);
    const dnnl::matmul product(chosen);
    const Buffer zeros(kIn, 2 * kOut);  // of any type, as large as any layout
    const Buffer out(kRows, kOut);
    const std::unordered_map<int, memory> operands = {
        {DNNL_ARG_SRC, memory(x, engine, zeros.view().data)},
        {DNNL_ARG_WEIGHTS, memory(chosen.weights_desc(), engine, zeros.view().data)},
        {DNNL_ARG_DST, memory(y, engine, out.view().data)}};
    for (int round = 0; round < kRounds; ++round) {
      const auto start = std::chrono::steady_clock::now();
      product.execute(stream, operands);
      seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
  };
  // A thread of its own, because the number of threads is built into compiled products.
  std::thread([&] {
    try {
      measure();
    } catch (...) {
      failure = std::current_exception();
    }
  }).join();
  if (failure != nullptr) std::rethrow_exception(failure);
  std::nth_element(seconds.begin(), seconds.begin() + kRounds / 2, seconds.end());
  return 2.0 * kRows * kIn * kOut / seconds[kRounds / 2] * 1e-9;
}

}  // namespace heed::bench
