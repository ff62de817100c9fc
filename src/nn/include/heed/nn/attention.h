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

/// What the encoder says of a batch: one row for each position of each sentence, packed sentence after sentence.
struct Encoded {
  Variable states;  ///< [sum of S, He]
  SentenceRows sentences;
};

/// What attention needs of a batch of sources, computed once. A value: interleaved sentences do not meet.
struct AttentionMemory {
  SourceMatrix keys;                      ///< [sum of S, A] what is compared
  SourceMatrix values;                    ///< [sum of S, He] what is summed
  ArenaList<AttentionMemory> parts = {};  ///< of the mechanisms that this one is made of
  const void* kept = nullptr;             ///< by keep()
  const std::type_info* kept_type = nullptr;

  /// Whatever else a mechanism computes once, e.g. a vector that is normed: a struct of its own, in the tape's arena.
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

/// What attention did in the last step, carried by the caller from step to step. Row r belongs to row r of the query.
struct AttentionTrace {
  Variable weights;                      ///< [n, longest] exactly 0 beyond a sentence. Each row sums to 1 (at most 1
                                         ///< where the mechanism's line says so). Of several parts it is the mean.
  ArenaList<Variable> carried = {};      ///< each [n, any]: coverage, position, ...: what the next step has to know
  ArenaList<AttentionTrace> parts = {};  ///< of the mechanisms that this one is made of
  bool parts_are_heads = false;          ///< or else layers: hops, or mechanisms beside each other
};
/// Row i of the result is row rows[i] of the trace.
AttentionTrace gather_rows(Tape& tape, const AttentionTrace& trace, std::span<const int> rows);
/// Weights of each layer and head: a mechanism that is not made of others is one layer with one head.
std::vector<std::vector<Variable>> layers_of(const AttentionTrace& trace);

/// Where rows look.
struct Focus {
  std::span<const PositionWindow> windows = {};  ///< [n] beyond its window a row has weights of exactly 0, and no work;
                                                 ///< empty: each looks at its whole sentence
  Variable centre = {};                          ///< [n, 1] of the windows, where it is learnt
};

/// One step's question. Row r of `query` looks at sentence[r].
struct AttentionStep {
  Variable query;  ///< [n, Hd]
  const AttentionMemory& memory;
  std::span<const int> sentence;   ///< [n]
  const AttentionTrace& previous;  ///< of the step before; empty at the first. It may have more rows, whose targets
                                   ///< have ended: its first n are meant
  Rng* rng = nullptr;              ///< for noise while recording; nullptr: none
  Focus focus = {};                ///< as the mechanism itself said
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
/// weights. Weights are const in use, a sentence is a value, the trace is the caller's: no object remembers a sentence.
class Attention : public Module {
 public:
  /// Once per batch: projects the keys.
  virtual AttentionMemory prepare(Tape& tape, const Encoded& encoded) const = 0;
  virtual Attended attend(Tape& tape, const AttentionStep& step) const = 0;
  virtual std::int64_t context_columns() const = 0;
  /// How many heads each of its layers has, as layers_of() gives their weights.
  virtual std::vector<int> heads() const { return {1}; }
  void visit(const ParameterVisitor&) override {}
};

/// Most mechanisms: the context is the sum of the values by weights. Such a mechanism says what it compares, where it
/// looks, how it weighs, and perhaps what it hands to its next step.
class WeightedAttention : public Attention {
 public:
  explicit WeightedAttention(const AttentionSizes& sizes) : context_columns_(sizes.encoded) {}
  AttentionMemory prepare(Tape& tape, const Encoded& encoded) const final;
  Attended attend(Tape& tape, const AttentionStep& step) const final;
  std::int64_t context_columns() const final { return context_columns_; }

  /// What is compared [sum of S, any]; empty: the encoder's states. `memory` may keep what else is computed once.
  virtual Variable keys(Tape&, const Encoded&, AttentionMemory& /*memory*/) const { return {}; }
  virtual Focus focus(Tape&, const AttentionStep&) const { return {}; }
  /// [n, longest], exactly 0 beyond a sentence. May fill now.carried.
  virtual Variable weights(Tape& tape, const AttentionStep& step, AttentionTrace& now) const = 0;
  virtual Variable sum(Tape& tape, const AttentionStep& step, const Variable& weights) const;
  /// Fills now.carried, when now.weights are known.
  virtual void carry(Tape&, const AttentionStep&, AttentionTrace& /*now*/) const {}

 private:
  std::int64_t context_columns_;
};

/// Most of these: the weights are normalised scores.
class ScoreAttention : public WeightedAttention {
 public:
  ScoreAttention(const AttentionSizes& sizes, const AttentionOptions& options);
  /// [n, longest]; what stands beyond a sentence or a window does not matter. -infinity: a weight of exactly 0.
  virtual Variable score(Tape& tape, const AttentionStep& step) const = 0;
  Variable weights(Tape& tape, const AttentionStep& step, AttentionTrace& now) const final;

 private:
  Normalizer normalizer_;
};

/// Where the query comes from and where the context goes; h~ = tanh([c; h] W) has it in all cases. In a config:
enum class ContextEntry {
  kOutput,  ///< output-only, input-feeding (Luong et al. 2015): the query is the new state, the context goes to h~
  kCell,    ///< cell-input (Bahdanau et al. 2015): the query is the state before, the context enters the first cell
  kConditional,  ///< conditional (Sennrich et al. 2017, Nematus): the query is the state after a first cell, the
                 ///< context enters a second one
  kFirstLayer,   ///< first-layer (GNMT, Wu et al. 2016): the query is the first layer's state before, the context
                 ///< enters every layer
  kAllLayers,    ///< all-layers (GNMT v2 of tensorflow/nmt): the query is the first layer's new state; the context
                 ///< enters every layer above, and the first one in the next step
};

/// Makes a mechanism. `name` is what its parameters' names begin with.
using MakeAttention = std::unique_ptr<Attention>(const std::string& name, const AttentionSizes& sizes,
                                                 const AttentionOptions& options);

/// One line of the table of mechanisms: this is all that config, `heed list attentions`, docs and conformance tests
/// know.
struct AttentionKind {
  std::string name;
  std::string description;
  std::string paper;            ///< and where in it
  ContextEntry entry;           ///< where its paper has it; model.attention.entry changes it
  MakeAttention* make;          ///< nullptr: no attention
  bool rows_sum_to_one = true;  ///< false: at most 1
  bool narrow = false;          ///< true: it looks at one position, or at few, whatever it has learnt
  /// The keys of model.attention that it reads, beside kind, entry, layers, source, hops and combine, which are of all.
  /// One that is set and that no mechanism of a config reads is an error there. This much ScoreAttention reads.
  std::vector<std::string> reads = {"normalizer", "temperature"};
  /// What its `make` refuses of what the conformance tests try (trials() in tests/attention_probes.h), by the names
  /// there.
  std::vector<std::string> refuses = {};
};
const std::deque<AttentionKind>& attention_kinds();
/// Adds a mechanism of your own, before configs or models that name it are made; its name is then as good as any other.
/// Throws UsageError if the name is taken, or if it reads what there is not. Not to be called while other threads make
/// models.
void add_attention_kind(AttentionKind kind);
/// Throws UsageError with the nearest name.
const AttentionKind& find_attention(const std::string& name);
/// The kinds of options.kind: one, or several joined by '+'. Throws as find_attention() does.
std::vector<const AttentionKind*> kinds_of(const AttentionOptions& options);
/// All mechanisms of the options: kinds_of(), and the one that heads score by, of those that have heads.
std::vector<const AttentionKind*> mechanisms_of(const AttentionOptions& options);
/// The keys that a mechanism reads under these options: with "score" also those of the heads' mechanism.
std::vector<std::string> options_read(const AttentionKind& kind, const AttentionOptions& options);
/// What AttentionKind::reads may name.
std::vector<std::string> attention_option_names();
/// Throws UsageError for an option that differs from its default and that nothing reads; it names what would.
void check_effect(const AttentionOptions& options);

/// The whole of what options ask for: mechanisms side by side, in hops, with heads. nullptr for `none`. Throws
/// UsageError for what makes no sense.
std::unique_ptr<Attention> make_attention(const std::string& name, const AttentionSizes& sizes,
                                          const AttentionOptions& options);

}  // namespace heed
