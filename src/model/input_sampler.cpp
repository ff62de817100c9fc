#include "input_sampler.h"

#include <algorithm>
#include <cmath>

namespace heed {

std::span<const int> InputSampler::choose(Tape& tape, std::span<const int> truth) {
  if (!taken_) return truth;
  const std::span<int> out = tape.arena().array<int>(truth.size());
  std::copy(truth.begin(), truth.end(), out.begin());
  for (std::size_t r = 0; r < out.size(); ++r) {
    if (rng_.uniform() < probability_) out[r] = draw(scores_->row(static_cast<std::int64_t>(r)));
  }
  return out;
}

int InputSampler::draw(const RowScores& scores) {
  double left = rng_.uniform();
  const auto last = static_cast<int>(scores.logits.size()) - 1;
  for (int token = 0; token < last; ++token) {
    left -= std::exp(static_cast<double>(scores.logits[static_cast<std::size_t>(token)] - scores.log_sum));
    if (left < 0) return token;
  }
  return last;
}

}  // namespace heed
