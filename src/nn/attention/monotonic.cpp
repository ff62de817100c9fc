#include <cmath>

#include "attention/additive_energy.h"
#include "heed/nn/attention.h"

namespace heed {
namespace {

/// Attention that only moves forward. From where it stood, it stops at each position with probability
///   p_j = sigmoid(g v / |v| . tanh(q W + h_j V + b) + r)     Raffel et al. 2017, equation 16
/// The weights are the expected alignment (equation 9), or, in decoding with `hard`, the decisions p_j > 1/2. What runs
/// off the end of the sentence is lost, as in the paper: rows sum to at most 1, and the context to less of the states.
class Monotonic : public WeightedAttention {
 public:
  Monotonic(const std::string& name, const AttentionSizes& sizes, const AttentionOptions& options)
      : WeightedAttention(sizes, options),
        noise_(options.noise),
        hard_(options.hard),
        energy_(name, sizes),
        scale_(make_vector(name + ".scale", 1)),
        offset_(make_vector(name + ".offset", 1)) {
    const float scale = 1.0F / std::sqrt(static_cast<float>(sizes.query));
    scale_.initializer = [scale](const Tensor& value, Rng&, const InitialOptions&) { *value.data = scale; };
    offset_.initializer = [offset = static_cast<float>(options.offset)](
                              const Tensor& value, Rng&, const InitialOptions&) { *value.data = offset; };
  }

  Variable keys(Tape& tape, const Encoded& encoded, AttentionMemory& memory) const override {
    memory.keep(tape, once(tape));
    return energy_.keys(tape, encoded);
  }

  Variable weights(Tape& tape, const AttentionStep& step, AttentionTrace& now) const override {
    const Variable alignment = align(tape, step);
    now.carried = tape.list({alignment});
    return around(tape, step, alignment);
  }

  Variable sum(Tape& tape, const AttentionStep& step, const Variable& weights) const override {
    if (hard(tape)) return few_weighted_sum(tape, weights, step.memory.values, step.sentence);
    return WeightedAttention::sum(tape, step, weights);
  }

  void visit(const ParameterVisitor& visitor) override {
    energy_.visit(visitor);
    visitor(scale_);
    visitor(offset_);
  }

 protected:
  struct Once {
    Variable v;       // [1, A] g v / |v|
    Variable offset;  // [1, 1]
    Variable chunk_v = {};
    SourceMatrix chunk_keys = {};
  };
  Once once(Tape& tape) const {
    return {weight_norm(tape, energy_.v(tape), value_of(tape, scale_)), value_of(tape, offset_)};
  }
  /// The weights, where attention stands as `alignment` says.
  virtual Variable around(Tape&, const AttentionStep&, const Variable& alignment) const { return alignment; }
  bool hard(const Tape& tape) const { return hard_ && !tape.recording(); }

 private:
  Variable align(Tape& tape, const AttentionStep& step) const {
    const Once& once = step.memory.own<Once>();
    const Pairing pairing{step.memory.keys.sentences, step.sentence};
    const AdditivePair pair = energy_.pair(tape, step.query, step.memory.keys, once.v);
    const Variable before = carried_positions(tape, step);
    if (hard(tape)) return hard_alignment(tape, pair, once.offset, before, step.sentence);
    const Variable scores = additive_pair_scores(tape, pair, {}, step.sentence);
    const Variable p = choice_probability(tape, scores, once.offset, pairing, {noise_, step.rng});
    return monotonic_alignment(tape, p, before, pairing);
  }

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

  Variable keys(Tape& tape, const Encoded& encoded, AttentionMemory& memory) const override {
    const Variable keys = Monotonic::keys(tape, encoded, memory);
    Once own = memory.own<Once>();
    own.chunk_v = chunk_energy_.v(tape);
    own.chunk_keys = source_matrix(tape, chunk_energy_.keys(tape, encoded), encoded.sentences);
    memory.keep(tape, own);
    return keys;
  }

  void visit(const ParameterVisitor& visitor) override {
    Monotonic::visit(visitor);
    chunk_energy_.visit(visitor);
  }

 protected:
  Variable around(Tape& tape, const AttentionStep& step, const Variable& alignment) const override {
    const Once& once = step.memory.own<Once>();
    const AdditivePair pair = chunk_energy_.pair(tape, step.query, once.chunk_keys, once.chunk_v);
    if (hard(tape)) return hard_chunk_weights(tape, alignment, pair, chunk_, step.sentence);
    const Variable scores = additive_pair_scores(tape, pair, {}, step.sentence);
    return chunk_weights(tape, alignment, scores, chunk_, {once.chunk_keys.sentences, step.sentence});
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
