#include "work.h"

#include <algorithm>

#include "heed/data/batching.h"
#include "heed/kernels/instruction_set.h"
#include "heed/tensor/worker_pool.h"

namespace heed {
namespace {

// Positions of a batch, counted as if all of its sentences were as long as the longest.
constexpr std::size_t kMostPositions = 8192;

}  // namespace

std::vector<std::vector<int>> cut_batches(const std::vector<int>& lengths, int batch_sentences, int threads) {
  // A batch for each worker, if there are few sentences.
  const auto share = (static_cast<int>(lengths.size()) + threads - 1) / threads;
  std::vector<std::vector<int>> out;
  for (const std::vector<int>& batch : make_sorted_batches(lengths, std::min(batch_sentences, std::max(share, 1)))) {
    out.emplace_back();
    for (const int index : batch) {  // shortest first
      const std::size_t positions = (out.back().size() + 1) * static_cast<std::size_t>(lengths[index] + 1);
      if (!out.back().empty() && positions > kMostPositions) out.emplace_back();
      out.back().push_back(index);
    }
  }
  return out;
}

int sentences_at_once(int beam) {
  static const bool amx = has_instructions(Instructions::kAmx);
  const int rows = amx ? 256 : 64;  // AMX multiplies so fast that weights must be read for more rows at a time
  return std::max(1, rows / beam);
}

void run_batches(const std::vector<std::vector<int>>& batches, int threads,
                 const std::function<BatchWork()>& make_worker) {
  const auto workers = std::min(batches.size(), static_cast<std::size_t>(threads));
  if (workers == 0) return;
  WorkerPool pool(static_cast<int>(workers));
  pool.run([&](int worker) {
    const BatchWork work = make_worker();
    for (auto b = static_cast<std::size_t>(worker); b < batches.size(); b += workers) work(batches[b]);
  });
}

}  // namespace heed
