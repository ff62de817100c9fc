#include "fmt/format.h"
#include "heed/kernels/softmax.h"
#include "kernel.h"

// Softmax with cross-entropy, log-sum-exp and the best words, over 8000.
namespace heed::micro {
namespace {

constexpr std::int64_t kVocabulary = 8000;
constexpr std::int64_t kRows = 64;

double bytes_of(std::int64_t rows, double passes) {
  return passes * sizeof(float) * static_cast<double>(rows * kVocabulary);
}

void add_cross_entropy(bool gradients, float smoothing) {
  const auto name = fmt::format("softmax/cross_entropy{}{}/64x8000", gradients ? " and gradient" : "",
                                smoothing > 0 ? ", smoothed" : "");
  // The logits are read and written: it is one pass over a row while that is near.
  add_kernel(name, {0, bytes_of(kRows, 2)}, [=] {
    return [=, original = random_buffer(kRows, kVocabulary), logits = Buffer(kRows, kVocabulary),
            bias = random_buffer(1, kVocabulary), d_bias = Buffer(1, kVocabulary),
            log_probability = std::vector<float>(kRows), labels = random_ids(kRows, kVocabulary)]() mutable {
      copy_values(original, logits);
      CrossEntropy work;
      work.labels = labels;
      work.bias = bias.view().data;
      work.smoothing = smoothing;
      work.bias_gradient = gradients ? d_bias.view().data : nullptr;
      work.log_probability = log_probability;
      return seconds_of([&] { softmax_cross_entropy(logits.view(), work); });
    };
  });
}

void add_log_sum_exp(std::int64_t rows) {
  add_kernel(fmt::format("softmax/log_sum_exp/{}x8000", rows), {0, bytes_of(rows, 1)}, [=] {
    return [logits = random_buffer(rows, kVocabulary),
            out = std::vector<float>(static_cast<std::size_t>(rows))]() mutable {
      log_sum_exp(logits.view(), nullptr, out);
    };
  });
}

void add_top_k(std::size_t k) {
  add_kernel(fmt::format("softmax/top_k/8000, k:{}", k), {0, bytes_of(1, 1)}, [=] {
    return
        [row = random_buffer(1, kVocabulary), indices = std::vector<int>(k), values = std::vector<float>(k)]() mutable {
          top_k({row.view().data, static_cast<std::size_t>(kVocabulary)}, {indices, values});
          benchmark::DoNotOptimize(values.data());
        };
  });
}

}  // namespace

void add_losses() {
  add_cross_entropy(false, 0);
  add_cross_entropy(true, 0);
  add_cross_entropy(true, 0.1F);
  for (const std::int64_t rows : {1, 64}) add_log_sum_exp(rows);
  for (const std::size_t k : {1, 5, 10}) add_top_k(k);
}

}  // namespace heed::micro
