#include <algorithm>

#include "fmt/format.h"
#include "heed/base/error.h"
#include "heed/kernels/log_space.h"
#include "output/generator.h"

namespace heed {
namespace {

constexpr const char* kPointerGenerator = "pointer-generator";

/// Throws Error unless the batch says what copying a token gives.
void check_copies(const SourceBatch& source) {
  if (!source.copies.empty()) return;
  throw Error(ErrorKind::kArgument, "the model copies, but the batch has no target ids for the source tokens (copies)");
}

/// The switch between generating and copying (See et al. 2017, equation 8):
///   p_gen = sigmoid(c w_c + h w_h + E y w_y + b)
/// c the context, h the decoder's state, y the previous token.
class CopyGate : public Module {
 public:
  CopyGate(const ModelOptions& options, const Decoder& decoder)
      : context_(make_hoisted_weight("copy.context", decoder.context_columns(), 1)),
        hidden_(make_hoisted_weight("copy.hidden", options.decoder_hidden, 1)),
        embedding_(make_hoisted_weight("copy.embedding", options.target_columns(), 1)),
        bias_(make_vector("copy.bias", 1)) {}

  /// p_gen before its sigmoid. context [n, context], hidden [n, Hd], embedded [n, E]. [n, 1]
  Variable operator()(Tape& tape, const Variable& context, const Variable& hidden, const Variable& embedded) const {
    return linear(tape, {{context, &context_}, {hidden, &hidden_}, {embedded, &embedding_}}, &bias_);
  }
  double multiply_adds() const { return static_cast<double>(context_.size() + hidden_.size() + embedding_.size()); }
  void visit(const ParameterVisitor& visitor) override {
    visitor(context_);
    visitor(hidden_);
    visitor(embedding_);
    visitor(bias_);
  }

 private:
  Parameter context_;    // [context, 1]
  Parameter hidden_;     // [Hd, 1]
  Parameter embedding_;  // [E, 1]
  Parameter bias_;       // [1, 1]
};

/// What the sentences of a batch can give by copying.
class CopyTargets {
 public:
  CopyTargets() = default;
  /// `vocabulary` V: ids from it on are words of one sentence.
  CopyTargets(const SourceBatch& source, std::int64_t vocabulary) {
    for (std::size_t i = 0; i < source.lengths.size(); ++i) {
      const auto own = std::span(source.copies).subspan(source.offsets[i], source.lengths[i]);
      Sentence sentence{{own.begin(), own.end()}, {}};
      std::sort(sentence.ids.begin(), sentence.ids.end());
      sentence.ids.erase(std::unique(sentence.ids.begin(), sentence.ids.end()), sentence.ids.end());
      for (const int id : own) {
        const auto place = std::lower_bound(sentence.ids.begin(), sentence.ids.end(), id);
        sentence.places.push_back(static_cast<int>(place - sentence.ids.begin()));
      }
      extended_ = std::max(extended_, sentence.ids.back() + 1 - vocabulary);
      sentences_.push_back(std::move(sentence));
    }
  }

  /// How many ids from V on the sentence with most of them has.
  std::int64_t extended() const { return extended_; }
  /// The ids of a sentence, sorted, each once.
  std::span<const int> ids(int sentence) const { return sentences_[sentence].ids; }
  /// Log of the probability that each of these ids has from copying, for a row with this gate and attention.
  void scores(int sentence, float gate, const float* weights, std::vector<float>& out) const {
    const Sentence& own = sentences_[sentence];
    out.assign(own.ids.size(), 0.0F);
    for (std::size_t s = 0; s < own.places.size(); ++s) out[own.places[s]] += weights[s];
    for (float& value : out) value = log_copy_probability(gate, value);
  }

 private:
  struct Sentence {
    std::vector<int> ids;
    std::vector<int> places;  // of each position, its id's place among them
  };
  std::vector<Sentence> sentences_;
  std::int64_t extended_ = 0;
};

class CopySearch : public StepOutput {
 public:
  CopySearch(const OutputLayer& layer, const CopyGate& gate)
      : vocabulary_(layer.weight->out()), logits_(layer), copy_gate_(gate) {}

  void start(Tape&, const SourceBatch& source, const DecoderMemory&) override {
    check_copies(source);
    targets_ = CopyTargets(source, vocabulary_);
    mixture_.resize(vocabulary_ + targets_.extended());
  }
  void take(Tape& tape, const DecoderStep& step, const DecoderState& now) override {
    logits_.take(now.attentional.value());
    gate_ = copy_gate_(tape, now.context, now.layers.back().hidden, step.input.embedded);
    weights_ = now.weights(tape);
    sentence_ = step.sentence;
  }
  /// Log-probabilities of the vocabulary and of the words that sentences add to it; those of others are forbidden.
  RowScores row(std::int64_t r) override {
    const RowScores generated = logits_.row(r);
    const float gate = gate_.value().row(r)[0];
    const float factor = log_sigmoid(gate) - generated.log_sum;
    for (std::size_t v = 0; v < generated.logits.size(); ++v) mixture_[v] = generated.logits[v] + factor;
    std::fill(mixture_.begin() + vocabulary_, mixture_.end(), kLogZero);
    targets_.scores(sentence_[r], gate, weights_.value().row(r), copying_);
    const std::span<const int> ids = targets_.ids(sentence_[r]);
    for (std::size_t i = 0; i < ids.size(); ++i) mixture_[ids[i]] = log_add_exp(mixture_[ids[i]], copying_[i]);
    return {.logits = mixture_, .copied = ids, .copying = copying_};
  }

 private:
  std::int64_t vocabulary_;
  GeneratorLogits logits_;
  const CopyGate& copy_gate_;
  CopyTargets targets_;            // of the batch
  Variable gate_;                  // [rows, 1] of the step
  Variable weights_;               // [rows, longest]
  std::span<const int> sentence_;  // [rows]
  std::vector<float> mixture_;     // of the current row
  std::vector<float> copying_;
};

/// P(y) = p_gen softmax(h~ W + b)(y) + (1 - p_gen) * (attention to the positions with y).
class CopyOutput : public Output {
 public:
  CopyOutput(const ModelOptions& options, const Decoder& decoder)
      : dropout_(options.dropout.output), generator_(options, decoder), gate_(options, decoder) {}

  Loss loss(Tape& tape, ForcedSteps& steps, const CrossEntropyOptions& options, Rng* rng) const override {
    const SourceBatch& source = steps.source;
    check_copies(source);
    const Variable hidden = dropout(tape, steps.input.attentional, dropout_, rng);  // [rows, Hd]
    const auto context = steps.rows_of(tape, [](const DecoderState& state) { return state.context; });
    const auto top = steps.rows_of(tape, [](const DecoderState& state) { return state.layers.back().hidden; });
    const Copying copying{gate_(tape, context, top, steps.input.embedded), concat_rows(tape, steps.weights(tape)),
                          steps.sentence, SentenceRows{source.offsets, source.lengths, source.longest}, source.copies};
    return copy_cross_entropy(tape, hidden, generator_.layer(), copying, steps.target.labels, options);
  }
  std::unique_ptr<StepOutput> search() const override {
    return std::make_unique<CopySearch>(generator_.layer(), gate_);
  }
  double multiply_adds(double) const override { return generator_.multiply_adds() + gate_.multiply_adds(); }
  void visit(const ParameterVisitor& visitor) override {
    generator_.visit(visitor);
    gate_.visit(visitor);
  }

 private:
  double dropout_;
  Generator generator_;
  CopyGate gate_;
};

void check_copying(const Config& config) {
  const ErrorPlace place{.key = config.model.output == kPointerGenerator ? "model.output" : "model.copy"};
  const std::string asked = fmt::format("{} '{}'", place.key, kPointerGenerator);
  if (!has_attention(config.model.attention)) {
    throw UsageError(fmt::format("{} points by attention, but there is none (model.attention.kind: none)", asked),
                     place);
  }
  if (config.model.encoder_pyramid > 0) {
    throw UsageError(fmt::format("{} points at tokens, but a pyramid's states cover several: set "
                                 "model.encoder.pyramid to 0",
                                 asked),
                     place);
  }
  const TextOptions& source = config.data.source;
  const TextOptions& target = config.data.target;
  const auto said = [](const TextOptions& side) {
    return side.tokenizer + (side.lowercase ? " in lower case" : "") +
           (side.normalizes() ? " in " + side.normalization : "");
  };
  const bool chosen = source.is_auto() || target.is_auto();  // which is then of both
  if (chosen ? source.lowercase != target.lowercase || source.normalization != target.normalization
             : said(source) != said(target)) {  // symbols are copied as text
    throw UsageError(fmt::format("{} needs the same tokens on both sides: data.source has the tokenizer {}, "
                                 "data.target {}; take the same",
                                 asked, said(source), said(target)),
                     place);
  }
}

}  // namespace

OutputKind copying_output() {
  return {.name = kPointerGenerator,
          .description = "a mixture of generating and of copying source words",
          .paper = "See et al. 2017, section 2.2",
          .make = [](const ModelOptions& options, const Decoder& decoder) -> std::unique_ptr<Output> {
            return std::make_unique<CopyOutput>(options, decoder);
          },
          .implied = [](const ModelOptions& options) { return options.copies(); },
          .check = check_copying,
          .reads_embedded = true,
          .copies = true};
}

}  // namespace heed
