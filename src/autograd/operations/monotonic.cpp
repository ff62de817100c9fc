#include "heed/kernels/monotonic.h"

#include "heed/autograd/checks.h"
#include "heed/kernels/elementwise.h"
#include "kept_pairing.h"

namespace heed {
namespace {

AdditivePairs values_of(const AdditivePair& pair) {
  return {pair.query.value(), pair.keys.rows.value(), pair.v.value().data};
}

}  // namespace

Variable choice_probability(Tape& tape, const Variable& scores, const Variable& offset, const Pairing& given,
                            const ChoiceNoise& noise) {
  const ArgumentCheck check("choice_probability");
  check.pairing(given, ArgumentCheck::kAny);
  check.scores("scores", scores, given);
  check.shape("offset", offset, 1, 1);
  Variable out = tape.variable(tape.arena().zeros(scores.rows(), scores.columns()));
  const Pairing pairing = kept_pairing(tape, given);
  const bool noisy = tape.recording() && noise.rng != nullptr && noise.deviation > 0;
  for (std::int64_t r = 0; r < out.rows(); ++r) {
    const int length = pairing.source.lengths[pairing.sentence[r]];
    float* p = out.value().row(r);
    for (int s = 0; s < length; ++s) {
      p[s] = scores.value().row(r)[s] + *offset.value().data;
      if (noisy) p[s] += static_cast<float>(noise.deviation * noise.rng->normal());
    }
    sigmoid_forward(p, p, length);
  }
  tape.record([scores, offset, pairing, out] {
    if (!out.has_gradient()) return;
    const Tensor dy = out.gradient();
    const Tensor d_scores = scores.gradient();
    float d_offset = 0;
    for (std::int64_t r = 0; r < dy.rows; ++r) {
      const float* p = out.value().row(r);
      for (int s = 0; s < pairing.source.lengths[pairing.sentence[r]]; ++s) {
        const float dx = dy.row(r)[s] * p[s] * (1.0F - p[s]);
        d_scores.row(r)[s] += dx;
        d_offset += dx;
      }
    }
    *offset.gradient().data += d_offset;
  });
  return out;
}

Variable monotonic_alignment(Tape& tape, const Variable& p, const Variable& previous, const Pairing& given) {
  const ArgumentCheck check("monotonic_alignment");
  check.pairing(given, ArgumentCheck::kAny);
  check.scores("p", p, given);
  if (!previous.empty()) check.first_rows("previous", previous, p.rows(), p.columns());
  Variable out = tape.variable(p.rows(), p.columns());
  const Pairing pairing = kept_pairing(tape, given);
  const Tensor before = previous.empty() ? Tensor{} : previous.value();
  monotonic_alignment(pairing, p.value(), before, out.value());
  tape.record([p, previous, pairing, before, out] {
    if (!out.has_gradient()) return;
    monotonic_backward(pairing, p.value(), before,
                       {out.gradient(), p.gradient(), previous.empty() ? Tensor{} : previous.gradient()});
  });
  return out;
}

Variable chunk_weights(Tape& tape, const Variable& alignment, const Variable& scores, int chunk, const Pairing& given) {
  const ArgumentCheck check("chunk_weights");
  check.pairing(given, ArgumentCheck::kAny);
  check.scores("alignment", alignment, given);
  check.scores("scores", scores, given);
  check.that(chunk >= 1, "a chunk has no positions");
  Variable out = tape.variable(alignment.rows(), alignment.columns());
  const Pairing pairing = kept_pairing(tape, given);
  chunk_weights(pairing, alignment.value(), scores.value(), chunk, out.value());
  tape.record([alignment, scores, chunk, pairing, out] {
    if (!out.has_gradient()) return;
    chunk_backward(pairing, alignment.value(), scores.value(), chunk,
                   {out.gradient(), alignment.gradient(), scores.gradient()});
  });
  return out;
}

Variable hard_alignment(Tape& tape, const AdditivePair& pair, const Variable& offset, const Variable& previous,
                        std::span<const int> sentence) {
  const ArgumentCheck check("hard_alignment");
  check.additive(pair, sentence);
  check.shape("offset", offset, 1, 1);
  if (!previous.empty()) check.first_rows("previous", previous, pair.query.rows(), pair.keys.sentences.longest);
  Variable out = tape.variable(pair.query.rows(), pair.keys.sentences.longest);
  hard_alignment({pair.keys.sentences, sentence}, values_of(pair), *offset.value().data,
                 previous.empty() ? Tensor{} : previous.value(), out.value());
  return out;
}

Variable hard_chunk_weights(Tape& tape, const Variable& alignment, const AdditivePair& pair, int chunk,
                            std::span<const int> sentence) {
  const ArgumentCheck check("hard_chunk_weights");
  check.additive(pair, sentence);
  check.scores("alignment", alignment, {pair.keys.sentences, sentence});
  check.that(chunk >= 1, "a chunk has no positions");
  Variable out = tape.variable(alignment.rows(), alignment.columns());
  hard_chunk_weights({pair.keys.sentences, sentence}, alignment.value(), values_of(pair), chunk, out.value());
  return out;
}

Variable few_weighted_sum(Tape& tape, const Variable& weights, const SourceMatrix& values,
                          std::span<const int> sentence) {
  const ArgumentCheck check("few_weighted_sum");
  check.given("values", values.rows);
  check.pairing({values.sentences, sentence}, values.rows.rows());
  check.scores("weights", weights, {values.sentences, sentence});
  Variable out = tape.variable(tape.arena().zeros(weights.rows(), values.rows.columns()));
  add_few_weighted_rows({values.sentences, sentence}, weights.value(), values.rows.value(), out.value());
  return out;
}

}  // namespace heed
