#pragma once
#include <span>
#include <vector>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// One possible next token of a row.
struct Continuation {
  int token = 0;
  float log_probability = 0;  ///< log p(token | row), not normalised by length; -infinity: the token is forbidden
  bool copied = false;        ///< set by the scorer; search passes it on to Hypothesis::copied
};

/// A row's attention: weights of the source tokens of its sentence.
struct AttentionRow {
  std::vector<float> mean;                 ///< of all layers and heads; empty without attention
  std::vector<std::vector<float>> parts;   ///< of each layer and head, if there are several
  std::vector<AttentionRow> members = {};  ///< of each model of an ensemble, over its own source tokens

  bool operator==(const AttentionRow&) const = default;
};

/// Search's view of a model: rows that are advanced by one token. Ensembles and toys in tests implement it too.
class StepScorer {
 public:
  virtual ~StepScorer() = default;

  /// Advances to a new set of rows. Row i continues row `parents[i]` of the previous call (in the first call: sentence
  /// `parents[i]`) after reading `tokens[i]` (in the first call BOS). Rows that no new row continues are dropped.
  virtual void advance(std::span<const int> parents, std::span<const int> tokens) = 0;

  /// Of a row of the last advance(), each as often as asked for, cheapest with rows in their order:
  /// its best continuations, as many as `out` has room for, best first, ties by lower token id. That is at most the
  /// vocabulary's size. A scorer may propose ids beyond it, for words of one sentence.
  virtual void best(int row, std::span<Continuation> out) = 0;
  /// Its continuations by these tokens, in their order.
  virtual void by(int row, std::span<const int> tokens, std::span<Continuation> out) = 0;
  virtual AttentionRow attention(int row) const = 0;

  virtual int vocabulary_size() const = 0;
};

}  // namespace heed
