#pragma once
#include <cstdint>
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

/// What an output (output.h) computes once for a batch, and what it keeps of a step. Most need neither.
struct OutputMemory {
  Variable positions;  ///< [sum of S, Hd] what each source position adds to h~ under its tanh
  Tensor mask;         ///< [rows of all steps, Hd] of the dropout of h~; or empty
};
struct OutputState {
  Variable without_context;  ///< [n, Hd] h~ under its tanh without what the context adds
  Tensor mask;               ///< [n, Hd] rows of OutputMemory::mask
  Variable likelihood;       ///< [n, longest] log p(token that the step read | position of the step before)
  Variable ended;            ///< [rows, longest] the same of the labels of targets that ended with the step before
};

/// What the decoder gets of the tokens before, for any number of steps at once.
struct DecoderInput {
  Variable embedded;  ///< [n, E] or empty, if neither deep output nor the output (OutputKind::reads_embedded) reads it
  Variable gates;     ///< [n, gates] Cell::project() of it for the first cell; overwritten by the step that reads it
  std::span<const int> ids;  ///< [n] the tokens
  Variable attentional;      ///< [n, Hd] written by that step: its h~
  std::int64_t first = 0;    ///< of the rows of all steps, the one that is row 0 here

  /// Rows [begin, begin + count), sharing values and gradients.
  DecoderInput rows(Tape& tape, std::int64_t begin, std::int64_t count) const;
};

/// What the decoder carries from step to step; row r belongs to one target (or hypothesis).
struct DecoderState {
  ArenaList<RnnState> layers;        ///< each [n, Hd]
  Variable attentional;              ///< [n, Hd] h~ of the step before; empty at the first step
  Variable top;                      ///< [n, Hd] what the last layer hands up, with what it read if it is residual
  Variable context;                  ///< [n, context] of the last attention of the step; empty at the first
  ArenaList<AttentionTrace> traces;  ///< of each of the decoder's attentions
  OutputState output;

  /// Weights [n, longest] of each layer and head of all attentions, and their mean.
  std::vector<std::vector<Variable>> attention() const;
  Variable weights(Tape& tape) const;
  /// Row i of the result is row rows[i] of this, of what a step of search reads.
  DecoderState gather(Tape& tape, std::span<const int> rows) const;
};

/// What a decoder needs of a batch.
struct DecoderMemory {
  ArenaList<AttentionMemory> attentions;  ///< one for each
  SentenceRows sentences;
  OutputMemory output;
};

/// What a step reads beside the state before, whose first rows those of the input continue.
struct DecoderStep {
  const DecoderInput& input;
  const DecoderMemory& memory;
  std::span<const int> sentence;        ///< [n] that each row looks at
  Rng* rng = nullptr;                   ///< for dropout and noise; needed while recording
  const TargetBatch* target = nullptr;  ///< of teacher forcing
};

/// Recurrent layers with attention. One step, for teacher forcing and for search alike, with the context c where
/// ContextEntry says, here at the output:
///   x = [E y; h~']                          h~' with input feeding (Luong et al. 2015, 3.3)
///   h = layers of x                         c = attention of h
///   h~ = tanh(c W_c + h W_h + E y W_e + b)  Combination
/// An Output makes probabilities of h~. With attention at each layer, every layer has a c and h~ of its own, and h~ is
/// what the next one reads.
class Decoder : public Module {
 public:
  /// `output_reads_embedded`: OutputKind::reads_embedded.
  Decoder(const ModelOptions& options, int vocabulary, bool output_reads_embedded);

  DecoderMemory prepare(Tape& tape, const Encoded& encoded) const;
  /// The first state of each sentence [B, Hd], as the bridge makes it.
  DecoderState start(Tape& tape, const EncodedBatch& encoded) const;
  /// `projections` spares the first cell's input products, without recording only: row i is that of input_projection()
  /// of token i, for the tokens `ids` at least.
  DecoderInput embed(Tape& tape, std::span<const int> ids, Rng* rng, const Variable& projections = {}) const;
  /// Cell::input_projection() of the first cell of some tokens, a row for each.
  Variable input_projection(Tape& tape, std::span<const int> tokens) const;
  std::int64_t projection_columns() const { return layers_.front().cell->columns(); }
  DecoderState step(Tape& tape, const DecoderStep& step, const DecoderState& before) const;
  /// That of the last layer.
  const Combination& combination() const { return *layers_.back().combination; }
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
  struct Making;
  void make_layers(const ModelOptions& options);
  void make_attentions(const ModelOptions& options);
  void plan_context(const ModelOptions& options);
  void attend(Making& making, const Layer& layer, const Variable& query) const;
  Variable combine(const Making& making, const Layer& layer) const;

  double dropout_;
  bool reads_embedded_;
  Parameter embedding_;  // [V, E]
  std::vector<Layer> layers_;
  std::vector<std::unique_ptr<Attention>> attentions_;  // none, one, or one for each layer
};

}  // namespace heed
