// Several mechanisms as one: side by side, and in hops.
#include "attention/parts.h"
#include "fmt/format.h"
#include "heed/base/auto.h"
#include "heed/base/error.h"
#include "heed/nn/attention.h"

namespace heed {
namespace {

std::vector<int> heads_of(const std::vector<std::unique_ptr<Attention>>& parts) {
  std::vector<int> out;
  for (const auto& part : parts) {
    const std::vector<int> heads = part->heads();
    out.insert(out.end(), heads.begin(), heads.end());
  }
  return out;
}

AttentionMemory prepare_all(const std::vector<std::unique_ptr<Attention>>& parts, Tape& tape, const Encoded& encoded) {
  AttentionMemory out;
  out.parts = tape.arena().list<AttentionMemory>(parts.size());
  for (std::size_t i = 0; i < parts.size(); ++i) out.parts[i] = parts[i]->prepare(tape, encoded);
  return out;
}

/// Mechanisms that ask the same query of the same sentence. The context is all of theirs, one beside the other, or
///   c = sum over i of sigmoid(q G_i + g_i) * c_i
/// as each context's part in the gates of an LSTM (`gate`).
class SideBySide : public Attention {
 public:
  SideBySide(const std::string& name, const AttentionSizes& sizes, std::vector<std::unique_ptr<Attention>> parts,
             bool gated)
      : parts_(std::move(parts)) {
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      columns_ = gated ? parts_[i]->context_columns() : columns_ + parts_[i]->context_columns();
      if (!gated) continue;
      gates_.push_back(make_weight(fmt::format("{}.gate.{}.weight", name, i), sizes.query, columns_));
      gate_biases_.push_back(make_vector(fmt::format("{}.gate.{}.bias", name, i), columns_));
    }
  }

  AttentionMemory prepare(Tape& tape, const Encoded& encoded) const override {
    return prepare_all(parts_, tape, encoded);
  }

  Attended attend(Tape& tape, const AttentionStep& step) const override {
    Attended out;
    out.trace.parts = tape.arena().list<AttentionTrace>(parts_.size());
    const ArenaList<Variable> contexts = tape.arena().list<Variable>(parts_.size());
    const ArenaList<Variable> weights = tape.arena().list<Variable>(parts_.size());
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      const Attended part = parts_[i]->attend(tape, step_of_part(step, step.query, i, parts_.size()));
      contexts[i] = gates_.empty() ? part.context : gated(tape, i, step.query, part.context);
      weights[i] = part.trace.weights;
      out.trace.parts[i] = part.trace;
    }
    out.context = contexts.front();
    if (gates_.empty()) {
      out.context = concat_columns(tape, contexts);
    } else {
      for (std::size_t i = 1; i < contexts.size(); ++i) out.context = add(tape, out.context, contexts[i]);
    }
    out.trace.weights = mean(tape, weights);
    return out;
  }

  std::int64_t context_columns() const override { return columns_; }
  std::vector<int> heads() const override { return heads_of(parts_); }

  void visit(const ParameterVisitor& visitor) override {
    for (const auto& part : parts_) part->visit(visitor);
    for (Parameter& gate : gates_) visitor(gate);
    for (Parameter& bias : gate_biases_) visitor(bias);
  }

 private:
  Variable gated(Tape& tape, std::size_t i, const Variable& query, const Variable& context) const {
    const Variable gate = sigmoid(tape, linear(tape, {{query, &gates_[i]}}, &gate_biases_[i]));
    return multiply(tape, gate, context);
  }

  std::vector<std::unique_ptr<Attention>> parts_;
  std::int64_t columns_ = 0;
  std::vector<Parameter> gates_;        // each [Hd, He]
  std::vector<Parameter> gate_biases_;  // each [1, He]
};

/// Several looks in one step, each asking with what the one before has found: q_(k+1) = tanh(c_k C + q_k Q + b). As the
/// hops of a memory network (Sukhbaatar et al. 2015, section 2.2), whose q_k + c_k needs states of equal width. The
/// context is the last one's.
class Hops : public Attention {
 public:
  Hops(const std::string& name, const AttentionSizes& sizes, std::vector<std::unique_ptr<Attention>> hops)
      : hops_(std::move(hops)) {
    for (std::size_t k = 0; k + 1 < hops_.size(); ++k) {
      const std::string next = fmt::format("{}.next.{}", name, k);
      context_.push_back(make_weight(next + ".context", hops_[k]->context_columns(), sizes.query));
      query_.push_back(make_weight(next + ".query", sizes.query, sizes.query));
      bias_.push_back(make_vector(next + ".bias", sizes.query));
    }
  }

  AttentionMemory prepare(Tape& tape, const Encoded& encoded) const override {
    return prepare_all(hops_, tape, encoded);
  }

  Attended attend(Tape& tape, const AttentionStep& step) const override {
    Attended out;
    out.trace.parts = tape.arena().list<AttentionTrace>(hops_.size());
    const ArenaList<Variable> weights = tape.arena().list<Variable>(hops_.size());
    Variable query = step.query;
    for (std::size_t k = 0; k < hops_.size(); ++k) {
      if (k > 0) {
        query = tanh_linear(tape, {{out.context, &context_[k - 1]}, {query, &query_[k - 1]}}, &bias_[k - 1]);
      }
      const Attended hop = hops_[k]->attend(tape, step_of_part(step, query, k, hops_.size()));
      out.context = hop.context;
      weights[k] = hop.trace.weights;
      out.trace.parts[k] = hop.trace;
    }
    out.trace.weights = mean(tape, weights);
    return out;
  }

  std::int64_t context_columns() const override { return hops_.back()->context_columns(); }
  std::vector<int> heads() const override { return heads_of(hops_); }

  void visit(const ParameterVisitor& visitor) override {
    for (const auto& hop : hops_) hop->visit(visitor);
    for (std::size_t k = 0; k < query_.size(); ++k) {
      visitor(context_[k]);
      visitor(query_[k]);
      visitor(bias_[k]);
    }
  }

 private:
  std::vector<std::unique_ptr<Attention>> hops_;
  std::vector<Parameter> context_;  // each [He, Hd]
  std::vector<Parameter> query_;    // each [Hd, Hd]
  std::vector<Parameter> bias_;     // each [1, Hd]
};

std::unique_ptr<Attention> make_hop(const std::string& name, const AttentionSizes& sizes,
                                    const AttentionOptions& options) {
  const auto kinds = kinds_of(options);
  if (kinds.size() == 1) return kinds.front()->make(name, sizes, options);
  std::vector<std::unique_ptr<Attention>> parts;
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    parts.push_back(kinds[i]->make(fmt::format("{}.{}", name, i), sizes, options));
  }
  return std::make_unique<SideBySide>(name, sizes, std::move(parts), options.gates_contexts());
}

}  // namespace

std::vector<const AttentionKind*> kinds_of(const AttentionOptions& options) {
  if (options.kind == kAuto) return {&find_attention(kUsualAttention)};
  std::vector<const AttentionKind*> out;
  std::size_t first = 0;
  for (bool more = true; more;) {
    const std::size_t plus = options.kind.find('+', first);
    more = plus != std::string::npos;
    std::string name = options.kind.substr(first, more ? plus - first : plus);
    name.erase(0, name.find_first_not_of(' '));
    name.erase(name.find_last_not_of(' ') + 1);
    out.push_back(&find_attention(name));
    first = plus + 1;
  }
  if (out.size() == 1) return out;
  for (const AttentionKind* kind : out) {
    if (kind->make == nullptr) {
      throw UsageError(fmt::format("model.attention.kind is '{}': 'none' cannot be joined with others", options.kind),
                       {.key = "model.attention.kind"});
    }
  }
  return out;
}

bool has_attention(const AttentionOptions& options) { return kinds_of(options).front()->make != nullptr; }

std::unique_ptr<Attention> make_attention(const std::string& name, const AttentionSizes& sizes,
                                          const AttentionOptions& options) {
  if (!has_attention(options)) {
    if (options.hops > 1) {
      throw UsageError("model.attention.hops: there are no hops without attention (kind: none)",
                       {.key = "model.attention.hops"});
    }
    return nullptr;
  }
  if (options.hops == 1) return make_hop(name, sizes, options);
  std::vector<std::unique_ptr<Attention>> hops;
  hops.reserve(static_cast<std::size_t>(options.hops));
  for (int k = 0; k < options.hops; ++k) hops.push_back(make_hop(fmt::format("{}.hop.{}", name, k), sizes, options));
  return std::make_unique<Hops>(name, sizes, std::move(hops));
}

}  // namespace heed
