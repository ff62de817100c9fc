#pragma once
#include <span>
#include <string>
#include <vector>

#include "heed/base/rng.h"
#include "heed/search/search.h"

namespace heed::toy {

/// A sentence so small that all its targets are listed: a random vocabulary, limit, source length and model. Drawn and
/// enumerated once, for all tests: arrays are flat, and a prefix or target is a place in them.
class Problem {
 public:
  static constexpr int kNone = -1;

  /// One token that ends a target: EOS, or the one at which the limit cuts it.
  struct Target {
    int prefix;  // of its tokens before the last
    int length;
    double log_probability;
  };

  /// The one of a number.
  Problem(int drawn, bool large);

  /// The place of the token behind a prefix that goes on by it; kNone where that ends the target.
  int after(int prefix, int token) const;
  /// The target of these tokens; kNone if they are none.
  int find(std::span<const int> tokens) const;
  std::span<const int> tokens(int target) const {
    return {tokens_.data() + static_cast<std::ptrdiff_t>(target) * limit,
            static_cast<std::size_t>(targets[target].length)};
  }
  /// log p(token | prefix) by token, and best first.
  std::span<const Continuation> by_token(int prefix) const { return row(by_token_, prefix); }
  std::span<const Continuation> best(int prefix) const { return row(best_, prefix); }
  /// Each prefix of a target has an attention of its own, which sums to 1.
  const AttentionRow& attention(int prefix) const { return attention_[prefix]; }
  /// [source_length] the attention of a prefix and of those that it has grown from, added.
  std::span<const double> coverage(int prefix) const {
    return {coverage_.data() + static_cast<std::ptrdiff_t>(prefix) * source_length,
            static_cast<std::size_t>(source_length)};
  }
  int previous(int prefix) const { return previous_[prefix]; }

  std::string text() const;

  int number;
  int vocabulary;     ///< token ids: BOS and EOS among them
  int limit;          ///< tokens of the longest target
  int source_length;  ///< EOS counted
  std::vector<Target> targets;

 private:
  void draw_row(Rng& rng, double sharpness);
  void draw_attention(Rng& rng, int prefix);
  void enumerate();
  void add_target(int prefix, int token, int length, double log_probability);
  std::span<const Continuation> row(const std::vector<Continuation>& of, int prefix) const {
    return {of.data() + static_cast<std::ptrdiff_t>(prefix) * vocabulary, static_cast<std::size_t>(vocabulary)};
  }

  int open_ = 0;                         // prefixes that go on, level by level; the empty one first
  std::vector<int> previous_;            // [open_] the prefix without its last token
  std::vector<Continuation> by_token_;   // [open_, vocabulary]
  std::vector<Continuation> best_;       // [open_, vocabulary]
  std::vector<AttentionRow> attention_;  // [open_]
  std::vector<double> coverage_;         // [open_, source_length]
  std::vector<int> target_;              // [open_, vocabulary] the target that a token ends, or kNone
  std::vector<int> tokens_;              // [targets, limit]
};

/// 500 of them: most have 7 to 63 targets, each 25th up to 364.
const std::vector<Problem>& problems();

/// A StepScorer over a problem, which refuses rows that no search should ask for.
class ProblemScorer : public StepScorer {
 public:
  explicit ProblemScorer(const Problem& problem) : problem_(problem) {}

  void advance(std::span<const int> parents, std::span<const int> tokens) override;
  void best(int row, std::span<Continuation> out) override;
  void by(int row, std::span<const int> tokens, std::span<Continuation> out) override;
  AttentionRow attention(int row) const override { return problem_.attention(rows_[row]); }
  int vocabulary_size() const override { return problem_.vocabulary; }

  int steps() const { return steps_; }

 private:
  const Problem& problem_;
  int steps_ = 0;
  std::vector<int> rows_;  // prefixes
};

}  // namespace heed::toy
