#pragma once
#include <utility>

#include "heed/autograd/checks.h"
#include "heed/autograd/recurrent_attention.h"
#include "heed/nn/attention.h"

namespace heed {

/// The additive score v . tanh(q W + h V + b), or of mechanisms that put more into it v . tanh(q W + h V + b + ...).
class AdditiveEnergy : public Module {
 public:
  AdditiveEnergy(const std::string& name, const AttentionSizes& sizes)
      : query_(make_weight(name + ".query", sizes.query, sizes.query)),
        key_(make_hoisted_weight(name + ".key", sizes.encoded, sizes.query)),
        bias_(make_vector(name + ".bias", sizes.query)),
        v_(make_weight(name + ".v", 1, sizes.query)) {
    v_.role = ParameterRole::kVector;
  }

  /// Once per batch. The bias is added to the keys: once per source position instead of once per step.
  Variable keys(Tape& tape, const Encoded& encoded) const { return linear(tape, {{encoded.states, &key_}}, &bias_); }
  Variable v(Tape& tape) const { return value_of(tape, v_); }
  /// What a step compares.
  AdditivePair pair(Tape& tape, const Variable& query, const SourceMatrix& keys, const Variable& v) const {
    return {linear(tape, {{query, &query_}}), keys, v};
  }
  void visit(const ParameterVisitor& visitor) override {
    visitor(query_);
    visitor(key_);
    visitor(bias_);
    visitor(v_);
  }

 private:
  Parameter query_;  // [Hd, A]
  Parameter key_;    // [He, A]
  Parameter bias_;   // [1, A]
  Parameter v_;      // [1, A]
};

/// A matrix that is no weight of products.
inline Parameter make_matrix(std::string name, std::int64_t rows, std::int64_t columns, int gates = 1) {
  Parameter out = make_weight(std::move(name), rows, columns, gates);
  out.role = ParameterRole::kVector;
  return out;
}

/// The previous step's carried values for this step's rows [n, columns]; empty at the first step.
inline Variable carried_rows(Tape& tape, const AttentionStep& step, std::int64_t columns) {
  if (step.previous.carried.empty()) return {};
  const Variable& carried = step.previous.carried.front();
  ArgumentCheck("attend").first_rows("previous.carried", carried, step.query.rows(), columns);
  return tape.view(carried, 0, step.query.rows());
}

/// The same of `values` numbers for each position.
inline Variable carried_positions(Tape& tape, const AttentionStep& step, std::int64_t values = 1) {
  return carried_rows(tape, step, step.memory.keys.sentences.longest * values);
}

}  // namespace heed
