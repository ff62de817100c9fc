#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include "heed/base/rng.h"
#include "heed/search/search.h"

namespace heed::toy {

inline constexpr int kBegin = 1;
inline constexpr int kEnd = 2;

inline constexpr int kVocabulary = 7;

inline SearchOptions options_with_beam(int beam) {
  SearchOptions options{.beam = beam, .nbest = beam, .keep_attention = true};
  options.max_length_extra = 4;
  return options;
}

using Tokens = std::vector<int>;

/// Of so many tokens, of logits that are no further from 0 than `sharpness`.
inline std::vector<float> draw_log_probabilities(Rng& rng, int vocabulary, double sharpness) {
  std::vector<float> out(static_cast<std::size_t>(vocabulary));
  double sum = 0;
  for (float& logit : out) {
    logit = static_cast<float>(sharpness * (rng.uniform() * 2 - 1));
    sum += std::exp(static_cast<double>(logit));
  }
  const auto log_sum = static_cast<float>(std::log(sum));
  for (float& one : out) one -= log_sum;
  return out;
}

/// p(next token | sentence, tokens so far): any function of these, so that search must keep its rows straight.
class Model {
 public:
  virtual ~Model() = default;
  /// Log-probabilities of all tokens. `sentence` is the sentence's own key, whatever the batch it stands in.
  virtual std::vector<float> next(int sentence, const Tokens& history) const = 0;
};

/// Random log-probabilities drawn anew for each (seed, sentence, history).
class RandomModel : public Model {
 public:
  RandomModel(unsigned seed, int vocabulary, double sharpness = 2)
      : seed_(seed), vocabulary_(vocabulary), sharpness_(sharpness) {}

  std::vector<float> next(int sentence, const Tokens& history) const override {
    std::uint64_t code = 1;
    for (const int token : history) code = code * 1000003 + static_cast<std::uint64_t>(token);
    Rng rng = Rng::stream(seed_, static_cast<std::uint64_t>(sentence), code);
    return draw_log_probabilities(rng, vocabulary_, sharpness_);
  }

 private:
  std::uint64_t seed_;
  int vocabulary_;
  double sharpness_;
};

/// A table written out in a test; histories that it lacks fail the test.
class TableModel : public Model {
 public:
  explicit TableModel(std::map<Tokens, std::vector<float>> table) : table_(std::move(table)) {}

  std::vector<float> next(int, const Tokens& history) const override {
    const auto found = table_.find(history);
    if (found == table_.end()) {
      ADD_FAILURE() << "asked for a history that search must not reach: " << testing::PrintToString(history);
      return table_.begin()->second;
    }
    return found->second;
  }

 private:
  std::map<Tokens, std::vector<float>> table_;
};

/// The attention that the toy model has for the token behind `history`: tells every history from every other.
inline std::vector<float> attention_of(int sentence, const Tokens& history, int source_length) {
  std::vector<float> weights(source_length, static_cast<float>(history.size()));
  float code = static_cast<float>(sentence);
  for (const int token : history) code = code * 7 + static_cast<float>(token);
  weights[0] = code;
  return weights;
}

/// A StepScorer over a Model that checks how it is called and remembers it.
class Scorer : public StepScorer {
 public:
  Scorer(const Model& model, std::vector<int> keys, std::vector<int> source_lengths, int vocabulary)
      : model_(model), keys_(std::move(keys)), source_lengths_(std::move(source_lengths)), vocabulary_(vocabulary) {}

  void advance(std::span<const int> parents, std::span<const int> tokens) override {
    ASSERT_EQ(parents.size(), tokens.size());
    std::vector<Row> next;
    for (std::size_t i = 0; i < parents.size(); ++i) next.push_back(row_after(parents[i], tokens[i]));
    rows_ = std::move(next);
    std::vector<int> sentences;
    for (const Row& row : rows_) sentences.push_back(row.sentence);
    calls.push_back(sentences);
  }

  void best(int row, std::span<Continuation> out) override {
    ASSERT_GE(out.size(), 1U);
    ASSERT_LE(static_cast<int>(out.size()), vocabulary_);
    ks.push_back(static_cast<int>(out.size()));
    std::copy_n(continuations(row).best.begin(), out.size(), out.begin());
  }

  void by(int row, std::span<const int> tokens, std::span<Continuation> out) override {
    const std::vector<Continuation>& all = continuations(row).by_token;
    std::ranges::transform(tokens, out.begin(), [&](int token) { return all.at(token); });
  }

  AttentionRow attention(int row) const override { return {rows_.at(row).attention, {}}; }
  int vocabulary_size() const override { return vocabulary_; }

  /// Number of calls that had a row of this sentence (its place in the batch).
  int calls_with(int sentence) const {
    return static_cast<int>(std::count_if(calls.begin(), calls.end(), [&](const auto& call) {
      return std::find(call.begin(), call.end(), sentence) != call.end();
    }));
  }

  std::vector<std::vector<int>> calls;  ///< the sentence of each row, by call
  std::vector<int> ks;                  ///< how many the rows were asked for, in the order of asking

 private:
  struct Row {
    int sentence;
    Tokens history;
    std::vector<float> attention;
  };

  Row row_after(int parent, int token) const {
    Row row;
    if (calls.empty()) {
      EXPECT_EQ(token, kBegin);
      row.sentence = parent;
    } else {
      EXPECT_NE(token, kEnd) << "a finished hypothesis was advanced";
      EXPECT_LT(parent, static_cast<int>(rows_.size()));
      row.sentence = rows_.at(parent).sentence;
      row.history = rows_.at(parent).history;
      row.history.push_back(token);
    }
    row.attention = attention_of(keys_.at(row.sentence), row.history, source_lengths_.at(row.sentence));
    return row;
  }

  /// What follows a sentence's tokens.
  struct Asked {
    int sentence = -1;
    Tokens history = {};
    std::vector<Continuation> by_token = {};
    std::vector<Continuation> best = {};
  };

  /// Kept until another row's are asked for: drawn targets have many rows in common.
  const Asked& continuations(int row) {
    const auto& [sentence, history, attention] = rows_.at(row);
    if (asked_.sentence == sentence && asked_.history == history) return asked_;
    asked_ = {sentence, history};
    const std::vector<float> scores = model_.next(keys_[sentence], history);
    EXPECT_EQ(static_cast<int>(scores.size()), vocabulary_);
    for (int token = 0; token < vocabulary_; ++token) asked_.by_token.push_back({token, scores[token]});
    asked_.best = asked_.by_token;
    std::stable_sort(asked_.best.begin(), asked_.best.end(), [](const auto& a, const auto& b) {
      return a.log_probability > b.log_probability;  // equals stay in the order of tokens
    });
    return asked_;
  }

  const Model& model_;
  std::vector<int> keys_;
  std::vector<int> source_lengths_;
  int vocabulary_;
  std::vector<Row> rows_;
  Asked asked_;
};

}  // namespace heed::toy
