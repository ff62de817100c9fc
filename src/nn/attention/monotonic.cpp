#include <cmath>

#include "attention/additive_energy.h"
#include "fmt/format.h"
#include "heed/base/error.h"
#include "heed/nn/attention.h"

namespace heed {
namespace {

/// Attention that only moves forward. From where it stood, it stops at each position with probability
///   p_j = sigmoid(g v / |v| . tanh(q W + h_j V + b) + r)     Raffel et al. 2017, equation 16
/// The weights are the expected alignment (equation 9), or, in decoding with `hard`, the decisions p_j > 1/2. What runs
/// off the end of the sentence is lost, as in the paper: rows sum to at most 1, and the context to less of the states.
class Monotonic : public Attention {
 public:
  Monotonic(const std::string& name, const AttentionSizes& sizes, const AttentionOptions& options)
      : columns_(sizes.encoded),
        noise_(options.noise),
        hard_(options.hard),
        energy_(name, sizes),
        scale_(make_vector(name + ".scale", 1)),
        offset_(make_vector(name + ".offset", 1)) {
    const float scale = 1.0F / std::sqrt(static_cast<float>(sizes.query));
    scale_.first_values = [scale](const Tensor& value, Rng&) { *value.data = scale; };
    offset_.first_values = [offset = static_cast<float>(options.offset)](const Tensor& value, Rng&) {
      *value.data = offset;
    };
  }

  AttentionMemory prepare(Tape& tape, const Encoded& encoded) const override {
    return {energy_.keys(tape, encoded), source_matrix(tape, encoded.states, encoded.sentences),
            tape.list({weight_norm(tape, energy_.v(tape), value_of(tape, scale_)), value_of(tape, offset_)})};
  }

  Attended attend(Tape& tape, const AttentionStep& step) const override {
    Attended out;
    const Variable alignment = align(tape, step);
    out.trace.weights = weights(tape, step, alignment);
    out.context = hard(tape) ? few_weighted_sum(tape, out.trace.weights, step.memory.values, step.sentence)
                             : weighted_sum(tape, out.trace.weights, step.memory.values, step.sentence);
    out.trace.carried = tape.list({alignment});
    return out;
  }

  std::int64_t context_columns() const override { return columns_; }

  void visit(const ParameterVisitor& visitor) override {
    energy_.visit(visitor);
    visitor(scale_);
    visitor(offset_);
  }

 protected:
  virtual Variable weights(Tape&, const AttentionStep&, const Variable& alignment) const { return alignment; }
  bool hard(const Tape& tape) const { return hard_ && !tape.recording(); }

 private:
  Variable align(Tape& tape, const AttentionStep& step) const {
    const Pairing pairing{step.memory.keys.sentences, step.sentence};
    const AdditivePair pair = energy_.pair(tape, step.query, step.memory.keys, step.memory.shared[0]);
    const Variable& offset = step.memory.shared[1];
    const Variable before = carried_rows(tape, step);
    if (hard(tape)) return hard_alignment(tape, pair, offset, before, step.sentence);
    const Variable scores = additive_pair_scores(tape, pair, {}, step.sentence);
    const Variable p = choice_probability(tape, scores, offset, pairing, {noise_, step.rng});
    return monotonic_alignment(tape, p, before, pairing);
  }

  std::int64_t columns_;
  double noise_;
  bool hard_;
  AdditiveEnergy energy_;
  Parameter scale_;   // [1, 1] g
  Parameter offset_;  // [1, 1] r
};

/// Monotonic attention with a softmax over the `chunk` positions that end where it stands, by scores of their own:
///   u_j = v' . tanh(q W' + h_j V' + b')     Chiu and Raffel 2018, equation 11
class MonotonicChunkwise : public Monotonic {
 public:
  MonotonicChunkwise(const std::string& name, const AttentionSizes& sizes, const AttentionOptions& options)
      : Monotonic(name, sizes, options), chunk_(options.chunk), chunk_energy_(name + ".chunk", sizes) {}

  AttentionMemory prepare(Tape& tape, const Encoded& encoded) const override {
    AttentionMemory out = Monotonic::prepare(tape, encoded);
    out.shared = tape.list({out.shared[0], out.shared[1], chunk_energy_.v(tape)});
    out.parts = tape.arena().list({AttentionMemory{chunk_energy_.keys(tape, encoded), out.values}});
    return out;
  }

  void visit(const ParameterVisitor& visitor) override {
    Monotonic::visit(visitor);
    chunk_energy_.visit(visitor);
  }

 protected:
  Variable weights(Tape& tape, const AttentionStep& step, const Variable& alignment) const override {
    const SourceMatrix& keys = step.memory.parts.front().keys;
    const AdditivePair pair = chunk_energy_.pair(tape, step.query, keys, step.memory.shared[2]);
    if (hard(tape)) return hard_chunk_weights(tape, alignment, pair, chunk_, step.sentence);
    const Variable scores = additive_pair_scores(tape, pair, {}, step.sentence);
    return chunk_weights(tape, alignment, scores, chunk_, {keys.sentences, step.sentence});
  }

 private:
  int chunk_;
  AdditiveEnergy chunk_energy_;
};

}  // namespace

std::unique_ptr<Attention> make_monotonic_soft(const std::string& name, const AttentionSizes& sizes,
                                               const AttentionOptions& options) {
  return std::make_unique<Monotonic>(name, sizes, options);
}

std::unique_ptr<Attention> make_monotonic_chunkwise(const std::string& name, const AttentionSizes& sizes,
                                                    const AttentionOptions& options) {
  return std::make_unique<MonotonicChunkwise>(name, sizes, options);
}

}  // namespace heed
