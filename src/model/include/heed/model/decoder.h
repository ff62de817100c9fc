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
#include "heed/model/marginal_values.h"

namespace HEED_ENGINE_API heed {

/// The decoder's input tokens, for any number of steps at once.
struct DecoderInput {
  Variable embedded = {};  ///< [n, E]; empty unless deep output or the output (OutputKind::reads_embedded) reads it
  Variable gates = {};     ///< [n, gates] the first cell's Cell::project() of it; overwritten by the step
  std::span<const int> ids = {};  ///< [n] the tokens
  Variable attentional = {};      ///< [n, ModelOptions::output_columns()] h~, written by the step
  std::int64_t first = 0;         ///< index of row 0 among the rows of all steps

  /// Rows [begin, begin + count), sharing values and gradients.
  DecoderInput rows(Tape& tape, std::int64_t begin, std::int64_t count) const;
};

/// The decoder's state between steps; row r belongs to one target (or hypothesis).
struct DecoderState {
  ArenaList<RnnState> layers;        ///< each [n, Hd]
  Variable attentional;              ///< [n, output_columns()] h~; empty before the first step
  Variable top;                      ///< [n, Hd] output of the last layer, with its input if it is residual
  Variable context;                  ///< [n, context] of the step's last attention; empty before the first step
  ArenaList<AttentionTrace> traces;  ///< of each of the decoder's attentions
  OutputState output;

  /// Weights [n, longest] of each layer and head of all attentions, and their mean.
  std::vector<std::vector<Variable>> attention() const;
  Variable weights(Tape& tape) const;
  /// Row i of the result is row rows[i] of this; only what a step of search reads.
  DecoderState gather(Tape& tape, std::span<const int> rows) const;
};

/// The decoder's values for a batch.
struct DecoderMemory {
  ArenaList<AttentionMemory> attentions;  ///< one for each
  SentenceRows sentences;
  OutputMemory output;
  ArenaList<Tensor> masks;  ///< of dropout of the layers' recurrent states, and last of the second cell's; or empty
};

/// A step's input beside the previous state, whose first rows it continues.
struct DecoderStep {
  const DecoderInput& input;
  const DecoderMemory& memory;
  std::span<const int> sentence;         ///< [n] of each row
  Rng* rng = nullptr;                    ///< for dropout and noise; needed while recording
  const TargetBatch* target = nullptr;   ///< of teacher forcing
  const WeightChange* change = nullptr;  ///< of the attention's weights in this step
};

/// Recurrent layers with attention. One step serves teacher forcing and search. With the context c at the output
/// (ContextEntry has others):
///   x = [E y; h~']                          h~' with input feeding (Luong et al. 2015, 3.3)
///   h = layers of x                         c = attention of h
///   h~ = tanh(c W_c + h W_h + E y W_e + b)  Combination
/// An Output makes probabilities of h~. With attention at each layer, every layer has its own c and h~, and the next
/// layer reads h~.
class Decoder : public Module {
 public:
  /// `output_reads_embedded`: OutputKind::reads_embedded.
  Decoder(const ModelOptions& options, int vocabulary, bool output_reads_embedded);

  /// For teacher forcing with the rows of the first step; `rng` is for dropout.
  DecoderMemory prepare(Tape& tape, const Encoded& encoded, std::int64_t rows = 0, Rng* rng = nullptr) const;
  /// The first state of each sentence [B, Hd], made by the bridges.
  DecoderState start(Tape& tape, const EncodedBatch& encoded) const;
  /// `projections`: optional, for inference only. Row i is input_projection() of token i; rows of `ids` must be filled.
  /// Saves the first cell's input product.
  DecoderInput embed(Tape& tape, std::span<const int> ids, Rng* rng, const Variable& projections = {}) const;
  /// DecoderInput::attentional for so many rows.
  Variable make_attentional(Tape& tape, std::int64_t rows) const {
    return tape.variable(rows, combination().columns());
  }
  /// The first cell's Cell::input_projection() of the tokens, a row for each.
  Variable input_projection(Tape& tape, std::span<const int> tokens) const;
  std::int64_t projection_columns() const { return layers_.front().cell->columns(); }
  DecoderState step(Tape& tape, const DecoderStep& step, const DecoderState& before) const;
  /// Of the last layer.
  const Combination& combination() const { return *layers_.back().combination; }
  const Parameter& table() const { return embedding_; }
  int vocabulary() const { return static_cast<int>(embedding_.rows()); }
  bool attends() const { return !attentions_.empty(); }
  /// Width of DecoderState::context; 0 without attention.
  std::int64_t context_columns() const { return attends() ? attentions_.back()->context_columns() : 0; }
  /// How many heads each layer of DecoderState::attention() has.
  std::vector<int> attention_heads() const;
  /// Multiply-adds of the products of one sentence, with `states` encoder states and `length` target tokens.
  double multiply_adds(double states, double length) const;
  void visit(const ParameterVisitor& visitor) override;

 private:
  /// A layer and the plan of its step, made from the context entry.
  struct Layer {
    std::unique_ptr<Cell> cell;
    std::unique_ptr<Bridge> bridge;
    std::optional<Parameter> feed;             // [Hd, gates] of the previous h~
    std::optional<Parameter> context;          // [context, gates] of the context
    bool reads_context_before = false;         // the previous step's
    std::unique_ptr<Cell> second_cell;         // reads the context queried by the first one's state; or none
    std::unique_ptr<Transitions> transitions;  // behind the cells, or none
    bool residual = false;                     // h + x
    std::size_t attention = 0;                 // index of the layer's attention
    std::optional<std::size_t> asks_before;    // before its cell, query: the previous state of this layer
    bool asks_after = false;                   // after its cell, query: its new state
    std::unique_ptr<Combination> combination;  // of the last layer, or of each
  };
  struct Making;
  void make_layers(const ModelOptions& options);
  void make_attentions(const ModelOptions& options);
  void plan_context(const ModelOptions& options);
  ArenaList<Tensor> draw_masks(Tape& tape, std::int64_t rows, Rng* rng) const;
  void attend(Making& making, const Layer& layer, const Variable& query) const;
  Variable combine(const Making& making, const Layer& layer) const;

  DropoutOptions dropout_;
  bool reads_embedded_;
  Parameter embedding_;  // [V, E]
  std::vector<Layer> layers_;
  std::vector<std::unique_ptr<Attention>> attentions_;  // none, one, or one for each layer
};

}  // namespace heed
