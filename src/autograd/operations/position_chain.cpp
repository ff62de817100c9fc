// Positions as a Markov chain: jumps from one to the next, and what a token tells of the position (Wu and Cotterell
// 2019).
#include <algorithm>
#include <cmath>
#include <limits>

#include "heed/autograd/checks.h"
#include "heed/kernels/log_space.h"
#include "kept_pairing.h"
#include "loss_limits.h"

namespace heed {
namespace {

/// The jumps from one position of one row: softmax(query + key) over those that stay in the sentence.
struct Jumps {
  int first = 0;  // of the 2 D + 1, the first that is allowed
  int last = 0;   // one beyond the last
  std::span<float> p;

  void compute(const float* query, const float* key, int from, int length) {
    const int most = static_cast<int>(p.size()) / 2;
    first = std::max(0, most - from);
    last = std::min(static_cast<int>(p.size()), length - from + most);
    float largest = kLogZero;
    for (int d = first; d < last; ++d) largest = std::max(largest, query[d] + key[d]);
    float sum = 0;
    for (int d = first; d < last; ++d) {
      p[static_cast<std::size_t>(d)] = std::exp(query[d] + key[d] - largest);
      sum += p[static_cast<std::size_t>(d)];
    }
    for (int d = first; d < last; ++d) p[static_cast<std::size_t>(d)] /= sum;
  }
};

/// What the operation reads, and how to walk over the positions that attention may have stood at.
struct Chain {
  Variable before;
  Variable query;
  Variable keys;
  Pairing pairing;

  /// visit(row, from, probability to have been there, jumps)
  template <typename Visit>
  void each(Arena& arena, Visit visit) const {
    Jumps jumps;
    jumps.p = arena.array<float>(static_cast<std::size_t>(query.columns()));
    for (std::int64_t r = 0; r < query.rows(); ++r) {
      const auto sentence = static_cast<std::size_t>(pairing.sentence[static_cast<std::size_t>(r)]);
      const int length = pairing.source.lengths[sentence];
      const int stood = before.empty() ? 1 : length;
      for (int i = 0; i < stood; ++i) {
        const float share = before.empty() ? 1.0F : before.value().row(r)[i];
        jumps.compute(query.value().row(r), key(sentence, i).data, i, length);
        visit(r, i, share, jumps);
      }
    }
  }
  /// Of a position of a sentence, in the matrix or in its gradient.
  Tensor key(std::size_t sentence, int position) const {
    return keys.value().slice(pairing.source.offsets[sentence] + position, 1);
  }

  void backward(Arena& arena, const Tensor& dy) const {
    const Tensor d_query = query.gradient();
    const Tensor d_keys = keys.gradient();
    const Tensor d_before = before.empty() ? Tensor{} : before.gradient();
    each(arena, [&](std::int64_t r, int from, float share, const Jumps& jumps) {
      const auto sentence = static_cast<std::size_t>(pairing.sentence[static_cast<std::size_t>(r)]);
      const float* g = dy.row(r) + from - static_cast<int>(jumps.p.size()) / 2;  // at a jump's target
      float mean = 0;
      for (int d = jumps.first; d < jumps.last; ++d) mean += jumps.p[static_cast<std::size_t>(d)] * g[d];
      if (!d_before.empty()) d_before.row(r)[from] += mean;
      float* d_key = d_keys.row(pairing.source.offsets[sentence] + from);
      for (int d = jumps.first; d < jumps.last; ++d) {
        const float dx = share * jumps.p[static_cast<std::size_t>(d)] * (g[d] - mean);
        d_query.row(r)[d] += dx;
        d_key[d] += dx;
      }
    });
  }
};

}  // namespace

Variable jump_alignment(Tape& tape, const Variable& before, const Variable& query, const SourceMatrix& keys,
                        std::span<const int> sentence) {
  const ArgumentCheck check("jump_alignment");
  check.query(query, keys, sentence);
  check.that(query.columns() % 2 == 1, "the query has an even number of columns");
  check.pairing({keys.sentences, sentence}, keys.rows.rows());
  if (!before.empty()) check.first_rows("before", before, query.rows(), keys.sentences.longest);
  Variable out = tape.variable(tape.arena().zeros(query.rows(), keys.sentences.longest));
  const Variable stood = before.empty() ? Variable{} : tape.view(before, 0, query.rows());
  const Chain chain{stood, query, keys.rows, kept_pairing(tape, {keys.sentences, sentence})};
  chain.each(tape.arena(), [&](std::int64_t r, int from, float share, const Jumps& jumps) {
    float* to = out.value().row(r) + from - static_cast<int>(jumps.p.size()) / 2;
    for (int d = jumps.first; d < jumps.last; ++d) to[d] += share * jumps.p[static_cast<std::size_t>(d)];
  });
  tape.record([&tape, chain, out] {
    if (out.has_gradient()) chain.backward(tape.arena(), out.gradient());
  });
  return out;
}

Variable position_posterior(Tape& tape, const Variable& prior, const Variable& log_probability, const Pairing& given) {
  const ArgumentCheck check("position_posterior");
  check.pairing(given, ArgumentCheck::kAny);
  check.scores("prior", prior, given);
  check.scores("log_probability", log_probability, given);
  Variable out = tape.variable(tape.arena().zeros(prior.rows(), prior.columns()));
  const Pairing pairing = kept_pairing(tape, given);
  // log of what the norm divides by
  const std::span<float> log_sum = tape.arena().array<float>(pairing.sentence.size());
  const auto length = [pairing](std::int64_t r) {
    return pairing.source.lengths[static_cast<std::size_t>(pairing.sentence[static_cast<std::size_t>(r)])];
  };
  for (std::int64_t r = 0; r < out.rows(); ++r) {
    const float* before = prior.value().row(r);
    const float* tells = log_probability.value().row(r);
    float* after = out.value().row(r);
    float largest = kLogZero;
    for (int s = 0; s < length(r); ++s) {
      if (before[s] > 0) largest = std::max(largest, std::log(before[s]) + tells[s]);
    }
    float sum = 0;
    for (int s = 0; s < length(r); ++s) {
      if (before[s] > 0) sum += after[s] = std::exp(std::log(before[s]) + tells[s] - largest);
    }
    for (int s = 0; s < length(r); ++s) after[s] /= sum;
    log_sum[static_cast<std::size_t>(r)] = largest + std::log(sum);
  }
  tape.record([prior, log_probability, length, log_sum, out] {
    if (!out.has_gradient()) return;
    const Tensor dy = out.gradient();
    const Tensor d_prior = prior.gradient();
    const Tensor d_tells = log_probability.gradient();
    for (std::int64_t r = 0; r < dy.rows; ++r) {
      const float* posterior = out.value().row(r);
      float mean = 0;
      for (int s = 0; s < length(r); ++s) mean += posterior[s] * dy.row(r)[s];
      for (int s = 0; s < length(r); ++s) {
        const float dx = dy.row(r)[s] - mean;
        d_tells.row(r)[s] += posterior[s] * dx;
        const float ratio = std::exp(log_probability.value().row(r)[s] - log_sum[static_cast<std::size_t>(r)]);
        d_prior.row(r)[s] += std::min(ratio, kLargestGradient) * dx;
      }
    }
  });
  return out;
}

}  // namespace heed
