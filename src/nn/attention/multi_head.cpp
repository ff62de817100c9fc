#include "attention/parts.h"
#include "fmt/format.h"
#include "heed/base/error.h"
#include "heed/nn/attention.h"

namespace heed {

MakeAttention make_multi_head;

namespace {

/// One head's columns of a projection [in, out]. Initial values are those of the whole, whatever the number of heads.
Parameter make_part(Parameter part, const Parameter& whole) {
  part.initializer = whole.initializer;
  return part;
}

/// head_i = attention of (q W_q^i) over (k W_k^i), summing (k W_v^i); context = [head_1; ...; head_h] W_o. Vaswani et
/// al. 2017, section 3.2.2, with any mechanism as the heads' score: each is one over its own projections.
class MultiHead : public Attention {
 public:
  MultiHead(const std::string& name, const AttentionSizes& sizes, const AttentionOptions& options)
      : columns_(sizes.encoded), output_(make_weight(name + ".output", sizes.encoded, sizes.encoded)) {
    const std::int64_t width = sizes.encoded / options.heads;
    const Parameter query = make_weight("", sizes.query, sizes.encoded);
    for (int h = 0; h < options.heads; ++h) {
      const std::string head = fmt::format("{}.head.{}", name, h);
      heads_.push_back({make_part(make_weight(head + ".query", sizes.query, width), query),
                        make_part(make_hoisted_weight(head + ".key", sizes.encoded, width), output_),
                        make_part(make_hoisted_weight(head + ".value", sizes.encoded, width), output_),
                        find_attention(options.score).make(head + ".score", {width, width}, options)});
    }
  }

  AttentionMemory prepare(Tape& tape, const Encoded& encoded) const override {
    AttentionMemory out;
    out.parts = tape.arena().list<AttentionMemory>(heads_.size());
    for (std::size_t h = 0; h < heads_.size(); ++h) {
      const Head& head = heads_[h];
      const Encoded projected{linear(tape, {{encoded.states, &head.key}}), encoded.sentences};
      out.parts[h] = head.score->prepare(tape, projected);
      out.parts[h].values = source_matrix(tape, linear(tape, {{encoded.states, &head.value}}), encoded.sentences);
    }
    return out;
  }

  Attended attend(Tape& tape, const AttentionStep& step) const override {
    Attended out;
    out.trace.parts_are_heads = true;
    out.trace.parts = tape.arena().list<AttentionTrace>(heads_.size());
    const ArenaList<Variable> contexts = tape.arena().list<Variable>(heads_.size());
    const ArenaList<Variable> weights = tape.arena().list<Variable>(heads_.size());
    for (std::size_t h = 0; h < heads_.size(); ++h) {
      const Variable query = linear(tape, {{step.query, &heads_[h].query}});
      const Attended part = heads_[h].score->attend(tape, step_of_part(step, query, h, heads_.size()));
      contexts[h] = part.context;
      weights[h] = part.trace.weights;
      out.trace.parts[h] = part.trace;
    }
    out.context = linear(tape, {{concat_columns(tape, contexts), &output_}});
    out.trace.weights = mean(tape, weights);
    return out;
  }

  std::int64_t context_columns() const override { return columns_; }
  std::vector<int> heads() const override { return {static_cast<int>(heads_.size())}; }

  void visit(const ParameterVisitor& visitor) override {
    for (Head& head : heads_) {
      visitor(head.query);
      visitor(head.key);
      visitor(head.value);
      head.score->visit(visitor);
    }
    visitor(output_);
  }

 private:
  struct Head {
    Parameter query;  // [Hd, He / heads]
    Parameter key;    // [He, He / heads]
    Parameter value;  // [He, He / heads]
    std::unique_ptr<Attention> score;
  };
  std::int64_t columns_;
  std::vector<Head> heads_;
  Parameter output_;  // [He, He]
};

}  // namespace

std::unique_ptr<Attention> make_multi_head(const std::string& name, const AttentionSizes& sizes,
                                           const AttentionOptions& options) {
  if (options.heads < 1 || sizes.encoded % options.heads != 0) {
    throw UsageError(
        fmt::format("model.attention.heads is {}, which does not divide {}, the width of the encoder states "
                    "(model.encoder.hidden, of all layers with model.attention.source all)",
                    options.heads, sizes.encoded),
        {.key = "model.attention.heads"});
  }
  const AttentionKind& score = find_attention(options.score);
  if (score.make == nullptr || score.make == &make_multi_head) {
    throw UsageError(fmt::format("model.attention.score is '{}', which cannot score the heads of multi-head; take "
                                 "'scaled-dot', or another of `heed list attentions`",
                                 options.score),
                     {.key = "model.attention.score"});
  }
  return std::make_unique<MultiHead>(name, sizes, options);
}

}  // namespace heed
