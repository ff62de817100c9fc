#include "kernel.h"

#include <algorithm>

#include "heed/base/rng.h"
#include "machine.h"

namespace heed::micro {

void count_rates(benchmark::State& state, const Work& work) {
  using benchmark::Counter;
  // Numbers per call: the library divides them by the seconds of a call.
  const auto rate = [&](const char* name, double amount) {
    state.counters[name] = Counter(amount, Counter::kIsIterationInvariantRate);
  };
  if (work.flop > 0) {
    rate("GFLOP/s", work.flop * 1e-9);
    rate("share", work.flop * 1e-9 / product_rate(work.precision));
  }
  if (work.bytes > 0) {
    rate("GB/s", work.bytes * 1e-9);
    rate("share_of_64MB", work.bytes * 1e-9 / memory_rate(kFarMemory));
    rate("share_of_same_size", work.bytes * 1e-9 / memory_rate_of_traffic(work.bytes));
  }
}

namespace {

std::vector<float> normal_values(std::size_t count) {
  Rng rng(7);
  std::vector<float> out(count);
  for (float& value : out) value = static_cast<float>(rng.normal());
  return out;
}

}  // namespace

Buffer random_buffer(std::int64_t rows, std::int64_t columns, double scale) {
  // Drawing takes longer than many a kernel: once.
  static const std::vector<float> values = normal_values(65536);
  Buffer out(rows, columns);
  const Tensor& to = out.view();
  const auto block = static_cast<std::int64_t>(values.size());
  for (std::int64_t i = 0; i < to.size(); i += block) {
    const std::int64_t count = std::min(block, to.size() - i);
    std::transform(values.begin(), values.begin() + count, to.data + i,
                   [&](float value) { return value * static_cast<float>(scale); });
  }
  return out;
}

void copy_values(const Buffer& from, const Buffer& to) {
  std::copy_n(from.view().data, from.view().size(), to.view().data);
}

std::vector<int> random_ids(std::int64_t count, int bound) {
  Rng rng(11);
  std::vector<int> out(static_cast<std::size_t>(count));
  for (int& id : out) id = static_cast<int>(rng.below(static_cast<std::uint64_t>(bound)));
  return out;
}

}  // namespace heed::micro
