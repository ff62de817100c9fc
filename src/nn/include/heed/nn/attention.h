#pragma once
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <typeinfo>
#include <vector>

#include "heed/autograd/operations.h"
#include "heed/base/export.h"
#include "heed/nn/attention_options.h"
#include "heed/nn/module.h"
#include "heed/nn/normalizer.h"

namespace HEED_ENGINE_API heed {

/// Encoder states of a batch, one row for each position, packed sentence after sentence.
struct Encoded {
  Variable states;  ///< [sum of S, He]
  SentenceRows sentences;
};

/// Attention's values for a batch of sources, computed once. A value, so interleaved batches are independent.
struct AttentionMemory {
  SourceMatrix keys;                      ///< [sum of S, A] compared with the query
  SourceMatrix values;                    ///< [sum of S, He] summed by the weights
  ArenaList<AttentionMemory> parts = {};  ///< of the mechanisms that this one is made of
  const void* kept = nullptr;             ///< by keep()
  const std::type_info* kept_type = nullptr;

  /// Other values that a mechanism computes once, e.g. a normed vector: its struct, in the tape's arena.
  template <typename Own>
  void keep(Tape& tape, const Own& own) {
    kept = tape.arena().make<Own>(own);
    kept_type = &typeid(Own);
  }
  /// Throws Error if no Own was kept: the memory is another mechanism's.
  template <typename Own>
  const Own& own() const {
    check_kept(typeid(Own));
    return *static_cast<const Own*>(kept);
  }
  void check_kept(const std::type_info& type) const;
};

/// Attention's result of a step, which the caller hands to the next. Row r belongs to row r of the query.
struct AttentionTrace {
  Variable weights;                      ///< [n, longest] exactly 0 beyond a sentence. Each row sums to 1 (at most 1
                                         ///< where the mechanism's line says so). Of several parts it is the mean.
  ArenaList<Variable> carried = {};      ///< each [n, any]: coverage, position, ..., for the next step
  ArenaList<AttentionTrace> parts = {};  ///< of the mechanisms that this one is made of
  bool parts_are_heads = false;          ///< otherwise layers: hops, or mechanisms side by side
};
/// Row i of the result is row rows[i] of the trace.
AttentionTrace gather_rows(Tape& tape, const AttentionTrace& trace, std::span<const int> rows);
/// Weights of each layer and head: a mechanism that is not made of others is one layer with one head.
std::vector<std::vector<Variable>> layers_of(const AttentionTrace& trace);

/// The positions that rows attend to.
struct Focus {
  std::span<const PositionWindow> windows = {};  ///< [n] weights beyond them are exactly 0; empty: whole sentences
  Variable centre = {};                          ///< [n, 1] of the windows, if it is learnt
};

struct AttentionStep;

/// Changes the weights of a step before anything is made of them, to see what follows (heed/translate/probe.h). For
/// tapes that do not record.
class WeightChange {
 public:
  virtual ~WeightChange() = default;
  /// `weights` [n, longest] of a mechanism, or of one of its parts, which are called one after the other. What a row
  /// attends to, `step` has: beyond its sentence, or its window, weights stay 0.
  virtual void change(const Tensor& weights, const AttentionStep& step) const = 0;
};

/// One step's input. Row r of `query` attends to sentence[r].
struct AttentionStep {
  Variable query;  ///< [n, Hd]
  const AttentionMemory& memory;
  std::span<const int> sentence;   ///< [n]
  const AttentionTrace& previous;  ///< of the previous step; empty at the first. It may have more rows, whose targets
                                   ///< have ended: its first n are used
  Rng* rng = nullptr;              ///< for noise while recording; nullptr: none
  Focus focus = {};                ///< from WeightedAttention::focus()
  const WeightChange* change = nullptr;  ///< of the weights, before they sum; or none. Parts are handed it
};

struct Attended {
  Variable context;  ///< [n, context_columns()]; empty for `none`
  AttentionTrace trace;
};

struct AttentionSizes {
  std::int64_t query = 0;    ///< width of the decoder's state
  std::int64_t encoded = 0;  ///< width of the encoder's states
};

/// An attention mechanism: compares a query with every source position of its sentence, and sums the sentence by the
/// weights. Weights are const in use, a sentence is a value, the caller holds the trace: no object remembers a
/// sentence.
class Attention : public Module {
 public:
  /// Once per batch: projects the keys.
  virtual AttentionMemory prepare(Tape& tape, const Encoded& encoded) const = 0;
  virtual Attended attend(Tape& tape, const AttentionStep& step) const = 0;
  virtual std::int64_t context_columns() const = 0;
  /// The number of heads of each layer of layers_of().
  virtual std::vector<int> heads() const { return {1}; }
  void visit(const ParameterVisitor&) override {}
};

/// Most mechanisms: the context is the weighted sum of the values. The mechanism defines keys, focus, weights, and
/// optionally values for its next step.
class WeightedAttention : public Attention {
 public:
  WeightedAttention(const AttentionSizes& sizes, const AttentionOptions& options)
      : context_columns_(sizes.encoded), dropout_(options.dropout) {}
  AttentionMemory prepare(Tape& tape, const Encoded& encoded) const final;
  Attended attend(Tape& tape, const AttentionStep& step) const final;
  std::int64_t context_columns() const final { return context_columns_; }

  /// The keys [sum of S, any]; empty: the encoder's states. May keep() other values in `memory`.
  virtual Variable keys(Tape&, const Encoded&, AttentionMemory& /*memory*/) const { return {}; }
  virtual Focus focus(Tape&, const AttentionStep&) const { return {}; }
  /// [n, longest], exactly 0 beyond a sentence. May fill now.carried.
  virtual Variable weights(Tape& tape, const AttentionStep& step, AttentionTrace& now) const = 0;
  virtual Variable sum(Tape& tape, const AttentionStep& step, const Variable& weights) const;
  /// Fills now.carried, after now.weights.
  virtual void carry(Tape&, const AttentionStep&, AttentionTrace& /*now*/) const {}

 private:
  std::int64_t context_columns_;
  double dropout_;  // of the weights in the sum; the trace has them whole
};

/// Most of these: the weights are normalised scores.
class ScoreAttention : public WeightedAttention {
 public:
  ScoreAttention(const AttentionSizes& sizes, const AttentionOptions& options);
  /// [n, longest]; values beyond a sentence or a window are ignored. -infinity: a weight of exactly 0.
  virtual Variable score(Tape& tape, const AttentionStep& step) const = 0;
  Variable weights(Tape& tape, const AttentionStep& step, AttentionTrace& now) const final;

 private:
  Normalizer normalizer_;
};

/// Where the query comes from and where the context goes; h~ = tanh([c; h] W) has it in all cases. In a config:
enum class ContextEntry {
  kOutput,  ///< output-only, input-feeding (Luong et al. 2015): the query is the new state, the context enters h~
  kCell,    ///< cell-input (Bahdanau et al. 2015): the query is the previous state, the context enters the first cell
  kConditional,  ///< conditional (Sennrich et al. 2017, Nematus): the query is the state after a first cell, the
                 ///< context enters a second one
  kFirstLayer,   ///< first-layer (GNMT, Wu et al. 2016): the query is the first layer's previous state, the context
                 ///< enters every layer
  kAllLayers,    ///< all-layers (GNMT v2 of tensorflow/nmt): the query is the first layer's new state; the context
                 ///< enters every layer above, and the first one in the next step
};

/// Makes a mechanism. `name` is the prefix of its parameters' names.
using MakeAttention = std::unique_ptr<Attention>(const std::string& name, const AttentionSizes& sizes,
                                                 const AttentionOptions& options);

/// A line of the table of mechanisms, from which config, `heed list attentions` and conformance tests follow.
struct AttentionKind {
  std::string name;
  std::string description;
  std::string paper;            ///< and where in it
  ContextEntry entry;           ///< the paper's; model.attention.entry changes it
  MakeAttention* make;          ///< nullptr: no attention
  bool rows_sum_to_one = true;  ///< false: at most 1
  bool narrow = false;          ///< true: it attends to one or few positions by construction
  bool calm = false;            ///< true: its scores are small to begin with; advised where others collapse
  /// The keys of model.attention that it reads, beside kind, entry, layers, source, hops and combine, which all read. A
  /// key that no mechanism of a config reads is an error. The default is what ScoreAttention reads.
  std::vector<std::string> reads = {"normalizer", "temperature"};
  /// The trials of the conformance tests (trials() in tests/attention_probes.h) that its `make` refuses, by name.
  std::vector<std::string> refuses = {};
};
const std::deque<AttentionKind>& attention_kinds();
/// Adds your own mechanism, before configs or models that name it are made. Throws UsageError if the name is taken or
/// it reads an unknown key. Not while other threads make models.
void add_attention_kind(AttentionKind kind);
/// Throws UsageError with the nearest name.
const AttentionKind& find_attention(const std::string& name);
/// The kinds of options.kind: one, or several joined by '+'. Throws as find_attention() does.
std::vector<const AttentionKind*> kinds_of(const AttentionOptions& options);
/// False for `none`.
bool has_attention(const AttentionOptions& options);
/// All mechanisms of the options: kinds_of(), and for multi-head the mechanism of its heads.
std::vector<const AttentionKind*> mechanisms_of(const AttentionOptions& options);
/// The keys that a mechanism reads: for multi-head also those of its heads' mechanism.
std::vector<std::string> options_read(const AttentionKind& kind, const AttentionOptions& options);
/// The keys that AttentionKind::reads may have.
std::vector<std::string> attention_option_names();
/// Throws UsageError for an option that differs from its default and has no effect; it names the mechanisms that read
/// it.
void check_effect(const AttentionOptions& options);

/// The attention that the options describe: mechanisms side by side, in hops, with heads. nullptr for `none`. Throws
/// UsageError for combinations that make no sense.
std::unique_ptr<Attention> make_attention(const std::string& name, const AttentionSizes& sizes,
                                          const AttentionOptions& options);

}  // namespace heed
