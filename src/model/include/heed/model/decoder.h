#pragma once
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "heed/base/export.h"
#include "heed/model/bridge.h"
#include "heed/model/combination.h"
#include "heed/model/config.h"
#include "heed/model/encoder.h"

namespace HEED_ENGINE_API heed {

/// What the decoder gets of the tokens before, for any number of steps at once.
struct DecoderInput {
  Variable embedded;  ///< [n, E] or empty, if deep output and a copy gate, which read it, are not there
  Variable gates;     ///< [n, gates] Cell::project() of it for the first cell; overwritten by the step that reads it
  std::span<const int> ids;  ///< [n] the tokens
  Variable attentional;      ///< [n, Hd] written by that step: its h~
  Tensor mask;               ///< [n, Hd] of dropout before the output layer, of marginal models in training; or empty

  /// Rows [first, first + count), sharing values and gradients.
  DecoderInput rows(Tape& tape, std::int64_t first, std::int64_t count) const;
};

/// What the decoder carries from step to step; row r belongs to one target (or hypothesis).
struct DecoderState {
  List<RnnState> layers;        ///< each [n, Hd]
  Variable attentional;         ///< [n, Hd] h~ of the step before; empty at the first step
  Variable top;                 ///< [n, Hd] what the last layer hands up, with what it read if it is residual
  Variable context;             ///< [n, context] of the last attention of the step; empty at the first
  List<AttentionTrace> traces;  ///< of each of the decoder's attentions
  // Of marginal models:
  Variable of_row;    ///< [n, Hd] see Decoder::marginal()
  Tensor mask;        ///< [n, Hd] DecoderInput::mask
  Variable evidence;  ///< [n, longest] how probable the token that was read is from each position, in logarithms; empty
                      ///< at the first step, and where no attention asks for it

  /// Weights [n, longest] of each layer and head of all attentions, and their mean.
  std::vector<std::vector<Variable>> attention() const;
  Variable weights(Tape& tape) const;
  /// Row i of the result is row rows[i] of this.
  DecoderState gather(Tape& tape, std::span<const int> rows) const;
};

/// What a decoder needs of a batch.
struct DecoderMemory {
  List<AttentionMemory> attentions;  ///< one for each
  SentenceRows sentences;
  Variable positions;  ///< [sum of S, Hd] of marginal models: see Decoder::marginal()
};

/// Recurrent layers with attention. One step, for teacher forcing and for search alike, with the context c where
/// ContextEntry says, here at the output:
///   x = [E y; h~']                          h~' with input feeding (Luong et al. 2015, 3.3)
///   h = layers of x                         c = attention of h
///   h~ = tanh(c W_c + h W_h + E y W_e + b)  Combination
///   p(y) = softmax(h~ W + b)                Luong et al. 2015, equation 6
/// With attention at each layer, every layer has a c and h~ of its own, and h~ is what the next one reads.
class Decoder : public Module {
 public:
  Decoder(const ModelOptions& options, int vocabulary);

  DecoderMemory prepare(Tape& tape, const Encoded& encoded) const;
  /// The first state of each sentence [B, Hd], as the bridge makes it.
  DecoderState start(Tape& tape, const EncodedBatch& encoded) const;
  /// `words` spares the first cell's input products, without recording only: row i is that of known() of word i, for
  /// the words `ids` at least.
  DecoderInput embed(Tape& tape, std::span<const int> ids, Rng* rng, const Variable& words = {}) const;
  /// Cell::known() of the first cell of some words, a row for each.
  Variable known(Tape& tape, std::span<const int> words) const;
  std::int64_t known_columns() const { return layers_.front().cell->columns(); }
  /// The input's rows continue the first rows of `state`. Row r looks at sentence[r].
  DecoderState step(Tape& tape, const DecoderInput& input, const DecoderState& state, const DecoderMemory& memory,
                    std::span<const int> sentence, Rng* rng) const;
  OutputLayer output() const { return {&generator_, &generator_bias_}; }
  /// Of models whose output is a sum over positions (is_marginal): h~ with one position j alone looked at is
  /// tanh(DecoderState::of_row + DecoderMemory::positions[j]).
  bool marginal() const { return marginal_; }
  bool weighs_evidence() const { return weighs_evidence_; }
  /// log p(labels[r] | row first + r of the state, position), of a marginal model. [labels, longest]
  Variable emission(Tape& tape, const DecoderState& state, std::int64_t first, std::span<const int> labels,
                    const DecoderMemory& memory, std::span<const int> sentence) const;
  double dropout_rate() const { return dropout_; }
  int vocabulary() const { return static_cast<int>(embedding_.rows()); }
  bool attends() const { return !attentions_.empty(); }
  /// Width of DecoderState::context; 0 without attention.
  std::int64_t context_columns() const { return attends() ? attentions_.back()->context_columns() : 0; }
  /// How many heads each layer of DecoderState::attention() has.
  std::vector<int> attention_heads() const;
  /// Multiply-adds of the products of one sentence: what is done for each of `states` that attention reads, for each of
  /// `length` target tokens, and once.
  double multiply_adds(double states, double length) const;
  void visit(const ParameterVisitor& visitor) override;

 private:
  /// A layer and the plan of its step, made once from the line of the context's entry.
  struct Layer {
    std::unique_ptr<Cell> cell;
    std::unique_ptr<Bridge> bridge;
    std::optional<Parameter> feed;             // [Hd, gates] of h~ of the step before
    std::optional<Parameter> context;          // [context, gates] of the context,
    bool reads_context_before = false;         // which is that of the step before
    std::unique_ptr<Cell> second_cell;         // reads the context that the first one's state asked for; or none
    bool residual = false;                     // h + what the layer reads
    std::size_t attention = 0;                 // the one that the layer asks
    std::optional<std::size_t> asks_before;    // before its cell, with the state before of this layer
    bool asks_after = false;                   // with its own state
    std::unique_ptr<Combination> combination;  // of the last layer, or of each
  };
  struct Step;
  void make_layers(const ModelOptions& options);
  void make_attentions(const ModelOptions& options);
  void plan_context(const ModelOptions& options);
  void take_evidence(Step& step) const;
  void attend(Step& step, const Layer& layer, const Variable& query) const;
  Variable combine(const Step& step, const Layer& layer) const;

  double dropout_;
  bool marginal_;
  bool weighs_evidence_;
  bool reads_embedded_;  // deep output and a copy gate do
  Parameter embedding_;  // [V, E]
  std::vector<Layer> layers_;
  std::vector<std::unique_ptr<Attention>> attentions_;  // none, one, or one for each layer
  Parameter generator_;                                 // [Hd, V]
  Parameter generator_bias_;                            // [1, V]
};

}  // namespace heed
