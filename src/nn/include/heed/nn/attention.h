#pragma once
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "heed/autograd/operations.h"
#include "heed/nn/module.h"

namespace heed {

/// What the encoder says of a batch: one row for each position of each sentence, packed sentence after sentence.
struct Encoded {
  Variable states;  ///< [sum of S, He]
  SentenceRows sentences;
};

/// What attention needs of a batch of sources, computed once. A value: interleaved sentences do not meet.
struct AttentionMemory {
  SourceMatrix keys;    ///< [sum of S, A] what is compared
  SourceMatrix values;  ///< [sum of S, He] what is summed
};

/// What attention did in the last step, carried by the caller from step to step.
struct AttentionTrace {
  Variable weights;  ///< [n, longest] each row sums to 1; exactly 0 beyond its sentence
};

struct Attended {
  Variable context;  ///< [n, He]; empty for `none`
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
  virtual AttentionMemory prepare(Tape& tape, const Encoded& encoded) const;
  /// Row r of query [n, Hd] looks at sentence[r]. `previous` is the trace of the step before; empty at the first.
  virtual Attended attend(Tape& tape, const Variable& query, const AttentionMemory& memory,
                          std::span<const int> sentence, const AttentionTrace& previous) const = 0;
  void visit(const ParameterVisitor&) override {}
};

/// Where the query comes from and where the context goes.
enum class ContextEntry {
  kOutput,  ///< Luong: query is the new state, the context goes to the attentional vector
  kCell,    ///< Bahdanau: query is the state before, the context enters the cell too
};

/// One line of the table of mechanisms: this is all that config, `heed list attentions`, docs and conformance tests
/// know.
struct AttentionKind {
  std::string name;
  std::string description;
  std::string paper;
  ContextEntry entry;
  std::unique_ptr<Attention> (*make)(const AttentionSizes& sizes, Rng& rng);  ///< nullptr: no attention
};
const std::vector<AttentionKind>& attention_kinds();
/// Throws UsageError with the nearest name.
const AttentionKind& find_attention(const std::string& name);

}  // namespace heed
