#include "heed/kernels/monotonic.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "heed/kernels/elementwise.h"
#include "heed/kernels/pair_scores.h"
#include "heed/tensor/scratch.h"
#include "heed/tensor/work_clock.h"

// A few operations for each pair of a row and a position, in an order that is the definition's: plain code.
namespace heed {
namespace {

int length_of(const Pairing& pairing, std::int64_t row) { return pairing.source.lengths[pairing.sentence[row]]; }

// Where the previous step was; nullptr: at position 0.
const float* row_of(const Tensor& previous, std::int64_t row) { return previous.empty() ? nullptr : previous.row(row); }
float mass(const float* previous, int s) {
  if (previous != nullptr) return previous[s];
  return s == 0 ? 1.0F : 0.0F;
}

void clear_beyond(const Tensor& x, std::int64_t row, int length) {
  std::fill(x.row(row) + length, x.row(row) + x.columns, 0.0F);
}

// softmax over scores[first .. last], with the largest taken out: of this chunk, so that no other can make it vanish.
void chunk_softmax(const float* scores, int first, int last, float* out) {
  const float largest = *std::max_element(scores + first, scores + last + 1);
  float sum = 0;
  for (int j = first; j <= last; ++j) sum += out[j - first] = std::exp(scores[j] - largest);
  for (int j = first; j <= last; ++j) out[j - first] /= sum;
}

}  // namespace

void monotonic_alignment(const Pairing& pairing, const Tensor& p, const Tensor& previous, const Tensor& alignment) {
  const WorkScope scope(WorkKind::kVector);

  for (std::int64_t r = 0; r < alignment.rows; ++r) {
    const int length = length_of(pairing, r);
    const float* before = row_of(previous, r);
    float come = 0;
    for (int s = 0; s < length; ++s) {
      come += mass(before, s);
      alignment.row(r)[s] = p.row(r)[s] * come;
      come *= 1.0F - p.row(r)[s];
    }
    clear_beyond(alignment, r, length);
  }
}

void monotonic_backward(const Pairing& pairing, const Tensor& p, const Tensor& previous,
                        const MonotonicGradients& gradients) {
  const WorkScope scope(WorkKind::kVector);

  thread_local Scratch<float> buffer;
  float* const come = scratch(buffer, static_cast<std::size_t>(pairing.source.longest));
  for (std::int64_t r = 0; r < gradients.alignment.rows; ++r) {
    const int length = length_of(pairing, r);
    const float* before = row_of(previous, r);
    const float* choice = p.row(r);
    for (int s = 0; s < length; ++s) {
      come[s] = mass(before, s) + (s > 0 ? (1.0F - choice[s - 1]) * come[s - 1] : 0.0F);
    }
    float d_passed = 0;  // of what goes on from s
    for (int s = length - 1; s >= 0; --s) {
      const float d_alignment = gradients.alignment.row(r)[s];
      gradients.p.row(r)[s] += (d_alignment - d_passed) * come[s];
      d_passed = d_alignment * choice[s] + d_passed * (1.0F - choice[s]);
      if (before != nullptr) gradients.previous.row(r)[s] += d_passed;
    }
  }
}

void chunk_weights(const Pairing& pairing, const Tensor& alignment, const Tensor& scores, int chunk,
                   const Tensor& weights) {
  const WorkScope scope(WorkKind::kVector);

  thread_local Scratch<float> buffer;
  float* const shares = scratch(buffer, static_cast<std::size_t>(chunk));
  for (std::int64_t r = 0; r < weights.rows; ++r) {
    const int length = length_of(pairing, r);
    float* out = weights.row(r);
    std::fill_n(out, weights.columns, 0.0F);
    for (int s = 0; s < length; ++s) {
      const int first = std::max(0, s - chunk + 1);
      chunk_softmax(scores.row(r), first, s, shares);
      for (int j = first; j <= s; ++j) out[j] += alignment.row(r)[s] * shares[j - first];
    }
  }
}

void chunk_backward(const Pairing& pairing, const Tensor& alignment, const Tensor& scores, int chunk,
                    const ChunkGradients& gradients) {
  const WorkScope scope(WorkKind::kVector);

  thread_local Scratch<float> buffer;
  float* const shares = scratch(buffer, static_cast<std::size_t>(chunk));
  for (std::int64_t r = 0; r < gradients.weights.rows; ++r) {
    const float* d_weights = gradients.weights.row(r);
    float* d_scores = gradients.scores.row(r);
    for (int s = 0; s < length_of(pairing, r); ++s) {
      const int first = std::max(0, s - chunk + 1);
      chunk_softmax(scores.row(r), first, s, shares);
      float mean = 0;
      for (int j = first; j <= s; ++j) mean += shares[j - first] * d_weights[j];
      gradients.alignment.row(r)[s] += mean;
      const float here = alignment.row(r)[s];
      for (int j = first; j <= s; ++j) d_scores[j] += here * shares[j - first] * (d_weights[j] - mean);
    }
  }
}

void hard_alignment(const Pairing& pairing, const AdditivePairs& pairs, float offset, const Tensor& previous,
                    const Tensor& alignment) {
  const WorkScope scope(WorkKind::kVector);

  for (std::int64_t r = 0; r < alignment.rows; ++r) {
    const int length = length_of(pairing, r);
    const float* before = row_of(previous, r);
    std::fill_n(alignment.row(r), alignment.columns, 0.0F);
    int s = 0;
    while (s < length && mass(before, s) < 0.5F) ++s;
    const float* key = pairs.keys.row(pairing.source.offsets[pairing.sentence[r]]);
    for (; s < length; ++s) {
      const float score = additive_score(pairs.query.row(r), key + s * pairs.keys.columns, pairs.v, pairs.keys.columns);
      if (!(score + offset > 0.0F)) continue;
      alignment.row(r)[s] = 1.0F;
      break;
    }
  }
}

void hard_chunk_weights(const Pairing& pairing, const Tensor& alignment, const AdditivePairs& pairs, int chunk,
                        const Tensor& weights) {
  const WorkScope scope(WorkKind::kVector);

  thread_local Scratch<float> buffer;
  float* const scores = scratch(buffer, static_cast<std::size_t>(chunk));
  for (std::int64_t r = 0; r < weights.rows; ++r) {
    std::fill_n(weights.row(r), weights.columns, 0.0F);
    const float* end = alignment.row(r) + length_of(pairing, r);
    const float* chosen = std::find(static_cast<const float*>(alignment.row(r)), end, 1.0F);
    if (chosen == end) continue;
    const auto last = static_cast<int>(chosen - alignment.row(r));
    const int first = std::max(0, last - chunk + 1);
    const float* key = pairs.keys.row(pairing.source.offsets[pairing.sentence[r]] + first);
    for (int j = first; j <= last; ++j, key += pairs.keys.columns) {
      scores[j - first] = additive_score(pairs.query.row(r), key, pairs.v, pairs.keys.columns);
    }
    chunk_softmax(scores, 0, last - first, weights.row(r) + first);
  }
}

void add_few_weighted_rows(const Pairing& pairing, const Tensor& weights, const Tensor& values, const Tensor& out) {
  const WorkScope scope(WorkKind::kVector);

  for (std::int64_t r = 0; r < out.rows; ++r) {
    const std::int64_t first = pairing.source.offsets[pairing.sentence[r]];
    for (int s = 0; s < length_of(pairing, r); ++s) {
      const float weight = weights.row(r)[s];
      if (weight != 0.0F) add_scaled(values.row(first + s), weight, out.row(r), values.columns);
    }
  }
}

}  // namespace heed
