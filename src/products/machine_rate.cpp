#include "machine_rate.h"

#include <omp.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <vector>

#include "heed/tensor/buffer.h"
#include "onednn_product.h"

namespace heed {

double measure_matmul_gflops(Precision precision, int threads) {
  constexpr std::int64_t kRows = 64;
  constexpr std::int64_t kIn = 1024;
  constexpr std::int64_t kOut = 2048;
  constexpr int kRounds = 60;
  std::vector<double> seconds;
  // A thread of its own, because the number of threads is built into compiled products.
  std::thread([&] {
    omp_set_num_threads(threads);
    const Buffer x(kRows, kIn);          // zeros of any type
    const Buffer packed(kIn, 2 * kOut);  // as large as any layout
    const Buffer y(kRows, kOut);
    const ProductKey key{kRows, kIn, kOut, is_native(precision) ? precision : Precision::kFloat32};
    for (int round = 0; round < kRounds; ++round) {
      const auto start = std::chrono::steady_clock::now();
      Products::of_this_thread().run(key, x.view().data, packed.view().data, y.view().data);
      seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
  }).join();
  std::nth_element(seconds.begin(), seconds.begin() + kRounds / 2, seconds.end());
  return 2.0 * kRows * kIn * kOut / seconds[kRounds / 2] * 1e-9;
}

}  // namespace heed
