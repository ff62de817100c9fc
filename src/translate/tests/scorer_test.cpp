#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "error_of.h"
#include "heed/base/error.h"
#include "heed/search/search.h"
#include "heed/text/vocabulary.h"
#include "heed/translate/model_scorer.h"
#include "heed/translate/translator.h"
#include "toy_bundle.h"

namespace heed {
namespace {

using Sources = std::vector<std::vector<int>>;

/// Advances, and returns the k best continuations of all rows.
std::vector<Continuation> advance(StepScorer& scorer, const std::vector<int>& parents, const std::vector<int>& tokens,
                                  int k) {
  scorer.advance(parents, tokens);
  std::vector<Continuation> out(parents.size() * k);
  for (std::size_t r = 0; r < parents.size(); ++r) scorer.best(static_cast<int>(r), std::span(out).subspan(r * k, k));
  return out;
}

TEST(ModelScorer, NeverProposesTheBeginMarkAndKeepsItsShare) {
  const Bundle bundle = toy_bundle("luong-general");
  // A share that is felt, whatever the seed gave it.
  for (Parameter* parameter : bundle.model->parameters().all()) {
    if (parameter->name == "generator.bias") parameter->value.view().data[Vocabulary::kBegin] += 20;
  }
  ModelScorer scorer(*bundle.model);
  scorer.start(Sources{{5, 6, 7}});
  const auto out = advance(scorer, {0}, {Vocabulary::kBegin}, kToyTargetVocabulary);
  ASSERT_EQ(out.size(), static_cast<std::size_t>(kToyTargetVocabulary));
  double sum = 0;
  for (const Continuation& c : out) {
    sum += std::exp(static_cast<double>(c.log_probability));
    if (c.token != Vocabulary::kBegin) continue;
    EXPECT_EQ(c.log_probability, -std::numeric_limits<float>::infinity());
  }
  EXPECT_LT(sum, 1.0 - 1e-6);
  scorer.start(Sources{{5, 6, 7}});
  scorer.advance(std::vector<int>{0}, std::vector<int>{Vocabulary::kBegin});
  sum += std::exp(static_cast<double>(scorer.scores(0).log_probability(Vocabulary::kBegin)));
  EXPECT_NEAR(sum, 1.0, 1e-5);
}

TEST(ModelScorer, ContinuationsByTokensAreThoseOfTheBest) {
  const Bundle bundle = toy_bundle("luong-general");
  const std::vector<const Seq2Seq*> twice = {bundle.model.get(), bundle.model.get()};
  ModelScorer one(*bundle.model);
  EnsembleScorer two(twice);
  for (BatchScorer* scorer : {static_cast<BatchScorer*>(&one), static_cast<BatchScorer*>(&two)}) {
    scorer->start(Sources{{5, 6, 7}});
    const auto all = advance(*scorer, {0}, {Vocabulary::kBegin}, kToyTargetVocabulary);
    std::vector<int> tokens;
    for (const Continuation& c : all) tokens.push_back(c.token);
    tokens.push_back(kToyTargetVocabulary + 3);  // a word of a sentence that has none
    std::vector<Continuation> out(tokens.size());
    scorer->by(0, tokens, out);
    for (std::size_t i = 0; i < all.size(); ++i) {
      EXPECT_EQ(out[i].token, all[i].token);
      EXPECT_EQ(out[i].log_probability, all[i].log_probability);
    }
    EXPECT_EQ(out.back().log_probability, -std::numeric_limits<float>::infinity());
  }
}

// However many are asked for: few are found by vectors, many by sorting.
TEST(ModelScorer, TheBestAreTheFirstOfMore) {
  const Bundle bundle = toy_bundle("luong-general", 1, 40, 300);
  ModelScorer scorer(*bundle.model);
  scorer.start(Sources{{5, 6, 7}});
  const auto all = advance(scorer, {0}, {Vocabulary::kBegin}, 300);
  for (const std::size_t k : {1U, 5U, 24U, 25U, 64U, 299U}) {
    std::vector<Continuation> some(k);
    scorer.best(0, some);
    for (std::size_t i = 0; i < k; ++i) {
      EXPECT_EQ(some[i].token, all[i].token) << k;
      EXPECT_EQ(some[i].log_probability, all[i].log_probability);
    }
  }
}

// The rows of a beam: repeated, dropped and reordered, against each row alone.
TEST(ModelScorer, RowsFollowTheirParents) {
  const Bundle bundle = toy_bundle("bahdanau");
  const Sources sources = {{5, 6, 7, 8, 9}, {10, 11}};
  ModelScorer scorer(*bundle.model);
  scorer.start(sources);
  const auto begin = Vocabulary::kBegin;
  scorer.advance(std::vector<int>{0, 1}, std::vector<int>{begin, begin});
  scorer.advance(std::vector<int>{1, 0, 0}, std::vector<int>{4, 5, 6});
  const auto out = advance(scorer, {2, 0}, {7, 8}, 5);
  const std::vector<std::vector<int>> read = {{begin, 6, 7}, {begin, 4, 8}};
  for (int row = 0; row < 2; ++row) {
    ModelScorer alone(*bundle.model);
    alone.start(Sources{sources[row]});
    std::vector<Continuation> expected;
    for (const int token : read[row]) expected = advance(alone, {0}, {token}, 5);
    for (int i = 0; i < 5; ++i) {
      EXPECT_EQ(out[row * 5 + i].token, expected[i].token);
      EXPECT_EQ(out[row * 5 + i].log_probability, expected[i].log_probability);
    }
    const AttentionRow weights = scorer.attention(row);
    EXPECT_EQ(weights, alone.attention(0));
    EXPECT_EQ(weights.mean.size(), sources[row].size() + 1);
  }
}

// Scores of two steps of every sentence, row by row.
std::vector<std::vector<float>> scores_of(ModelScorer& scorer, const Sources& sources) {
  scorer.start(sources);
  std::vector<int> rows(sources.size());
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<int>(i);
  std::vector<std::vector<float>> out(sources.size());
  for (const int token : {Vocabulary::kBegin, 7}) {
    scorer.advance(rows, std::vector<int>(sources.size(), token));
    for (std::size_t r = 0; r < out.size(); ++r) {
      const std::span<const float> row = scorer.scores(static_cast<int>(r)).logits;
      out[r].insert(out[r].end(), row.begin(), row.end());
    }
  }
  return out;
}

// A batch of so many places that the whole vocabulary is projected once, sentences alone, and both with words kept.
TEST(ModelScorer, WhatIsKeptOfWordsChangesNothingToTheBit) {
  Sources sources;
  for (int i = 0; i < 30; ++i) sources.push_back({3 + i % 20, 5, 3 + i % 7});
  for (const char* cell : {"lstm", "gru", "layernorm-lstm"}) {
    for (const Precision precision : {Precision::kFloat32, Precision::kInt8}) {
      ModelOptions options = toy_options("luong-general");
      options.encoder_cell = options.decoder_cell = cell;
      options.deep_output = precision == Precision::kInt8;  // which reads the embeddings themselves
      const Bundle bundle = toy_bundle(options);
      pack(bundle, precision);
      ModelScorer keeps(*bundle.model);
      ModelScorer keeps_not(*bundle.model, 0);
      const auto expected = scores_of(keeps_not, sources);
      EXPECT_EQ(scores_of(keeps, sources), expected);
      EXPECT_EQ(scores_of(keeps, sources), expected) << "the second time";
      for (std::size_t i = 0; i < sources.size(); i += 7) {
        EXPECT_EQ(scores_of(keeps_not, {sources[i]}).front(), expected[i]);
        ModelScorer fresh(*bundle.model);
        EXPECT_EQ(scores_of(fresh, {sources[i]}).front(), expected[i]);
      }
    }
  }
}

// Of a large batch some sentences are encoded at a time.
TEST(ModelScorer, ALargeBatchIsItsSentencesToTheBit) {
  Sources sources;
  for (int i = 0; i < 70; ++i) sources.emplace_back(static_cast<std::size_t>(i % 11), 3 + i % 20);
  std::vector<ModelOptions> all(3, toy_options("bahdanau"));
  all[0].encoder_layers = 3;
  all[0].encoder_pyramid = 2;
  all[1].encoder_layers = 2;
  all[1].attention_source = "all";
  all[2].encoder_cell = all[2].decoder_cell = "gru";
  for (const ModelOptions& options : all) {
    const Bundle bundle = toy_bundle(options);
    ModelScorer scorer(*bundle.model);
    const auto together = scores_of(scorer, sources);
    for (const std::size_t i : {0, 10, 31, 32, 33, 63, 64, 69}) {
      EXPECT_EQ(scores_of(scorer, {sources[i]}).front(), together[i]) << i;
    }
  }
}

// What a scorer keeps of words it has met is of the parameters as they were.
TEST(ModelScorer, SeesThatParametersHaveChanged) {
  ModelOptions options = toy_options("luong-general");
  options.encoder_cell = options.decoder_cell = "layernorm-lstm";
  for (const Precision precision : {Precision::kFloat32, Precision::kInt8}) {
    for (const char* changed :
         {"source.embedding", "target.embedding", "encoder.0.forward.input", "encoder.0.backward.input",
          "encoder.0.forward.input_gain", "decoder.0.input", "decoder.0.input_gain"}) {
      const Bundle bundle = toy_bundle(options);
      pack(bundle, precision);
      ModelScorer scorer(*bundle.model);
      const Sources sources = {{5, 6, 7, 6}};
      const auto before = scores_of(scorer, sources);
      bool found = false;
      for (Parameter* parameter : bundle.model->parameters().all()) {
        if (parameter->name != changed) continue;
        found = true;
        for (std::int64_t i = 0; i < parameter->size(); i += 2) parameter->value.view().data[i] *= 1.5F;
      }
      ASSERT_TRUE(found) << changed;
      pack(bundle, precision);
      const auto after = scores_of(scorer, sources);
      EXPECT_NE(after, before) << changed;
      ModelScorer fresh(*bundle.model);
      EXPECT_EQ(scores_of(fresh, sources), after) << changed;
    }
  }
}

TEST(ModelScorer, InterleavedScorersDoNotMeet) {
  const Bundle bundle = toy_bundle("luong-concat");
  const Sources sources = {{5, 6, 7, 8, 9}, {12, 11, 10}};
  const auto run_alone = [&](int i) {
    ModelScorer scorer(*bundle.model);
    scorer.start(Sources{sources[i]});
    std::vector<std::vector<Continuation>> steps;
    int token = Vocabulary::kBegin;
    for (int t = 0; t < 10; ++t) {
      steps.push_back(advance(scorer, {0}, {token}, 3));
      token = steps.back()[0].token;
    }
    return steps;
  };
  const std::vector<std::vector<std::vector<Continuation>>> expected = {run_alone(0), run_alone(1)};
  ModelScorer a(*bundle.model);
  ModelScorer b(*bundle.model);
  ModelScorer* scorers[] = {&a, &b};
  std::vector<int> tokens(2, Vocabulary::kBegin);
  for (int i = 0; i < 2; ++i) scorers[i]->start(Sources{sources[i]});
  for (int t = 0; t < 10; ++t) {
    for (int i = 0; i < 2; ++i) {
      const auto out = advance(*scorers[i], {0}, {tokens[i]}, 3);
      tokens[i] = out[0].token;
      for (int n = 0; n < 3; ++n) {
        EXPECT_EQ(out[n].token, expected[i][t][n].token);
        EXPECT_EQ(out[n].log_probability, expected[i][t][n].log_probability);
      }
    }
  }
}

TEST(ModelScorer, StartForgetsTheBatchBefore) {
  const Bundle bundle = toy_bundle("bahdanau");
  const SearchOptions greedy;
  ModelScorer fresh(*bundle.model);
  fresh.start(Sources{{5, 6, 7}});
  const auto expected = run_search(fresh, {4}, greedy);
  ModelScorer used(*bundle.model);
  used.start(Sources{{9, 9, 9, 9, 9, 9}, {4}});
  run_search(used, {7, 2}, greedy);
  used.start(Sources{{5, 6, 7}});
  const auto actual = run_search(used, {4}, greedy);
  EXPECT_EQ(actual[0][0].tokens, expected[0][0].tokens);
  EXPECT_EQ(actual[0][0].log_probability, expected[0][0].log_probability);
}

TEST(EnsembleScorer, IsTheLogOfTheMeanProbability) {
  const Bundle first = toy_bundle("bahdanau", 1);
  const Bundle second = toy_bundle("luong-dot", 2);
  const Sources sources = {{5, 6, 7}};
  const std::vector<int> row = {0};
  const std::vector<int> begin = {Vocabulary::kBegin};
  std::vector<double> expected(kToyTargetVocabulary);
  std::vector<float> attention(4);
  for (const Bundle* bundle : {&first, &second}) {
    ModelScorer scorer(*bundle->model);
    scorer.start(sources);
    scorer.advance(row, begin);
    const RowScores scores = scorer.scores(0);
    for (std::size_t v = 0; v < expected.size(); ++v) {
      expected[v] += std::exp(static_cast<double>(scores.log_probability(v))) / 2;
    }
    for (std::size_t s = 0; s < 4; ++s) attention[s] += scorer.attention(0).mean[s] / 2;
  }
  const std::vector<const Seq2Seq*> models = {first.model.get(), second.model.get()};
  EnsembleScorer ensemble(models);
  ensemble.start(sources);
  for (const Continuation& c : advance(ensemble, row, begin, kToyTargetVocabulary)) {
    if (c.token == Vocabulary::kBegin) continue;
    EXPECT_NEAR(static_cast<double>(c.log_probability), std::log(expected[c.token]), 1e-5);
  }
  for (std::size_t s = 0; s < 4; ++s) EXPECT_NEAR(ensemble.attention(0).mean[s], attention[s], 1e-6);
}

TEST(ScorePairs, BlankSidesAndLongOnes) {
  const Bundle bundle = toy_bundle("bahdanau");
  const std::vector<SentencePair> pairs = {{"", ""}, {"5 6", ""}, {"", "5 6"}};
  const auto scored = score_targets(bundle, pairs);
  ASSERT_EQ(scored.size(), 3U);
  EXPECT_EQ(scored[0].tokens, std::vector<std::string>{"</s>"});
  EXPECT_EQ(scored[2].log_probabilities.size(), 3U);
  for (const Translation& one : scored) EXPECT_LT(one.log_probability, 0);
  const std::vector<SentencePair> blanks = {{" ", ""}, {"5 6", ""}, {"", "\u00a0"}, {"", ""}, {"", "5 6"}};
  const auto among = score_targets(bundle, blanks, {.batch_sentences = 2});
  for (const std::size_t blank : {0U, 2U, 3U}) {
    EXPECT_EQ(among[blank].log_probabilities, scored[0].log_probabilities);
    EXPECT_EQ(among[blank].tokens, scored[0].tokens);
    EXPECT_EQ(among[blank].attention, scored[0].attention);
  }
  EXPECT_EQ(among[1].log_probabilities, scored[1].log_probabilities);
  EXPECT_EQ(among[4].log_probabilities, scored[2].log_probabilities);
  const std::vector<SentencePair> long_pair = {{"5", "5"}, {"5 6 7 8 9", "5"}};
  EXPECT_EQ(
      error_of([&] { score_targets(bundle, long_pair, {.max_length = 4, .source_name = "a.en", .first_line = 11}); }),
      "a.en:12: the sentence has 5 tokens, more than the max-length of 4");
  const std::vector<SentencePair> endless = {{"5", std::string(10000, '5')}};
  EXPECT_EQ(error_of([&] { score_targets(bundle, endless, {.max_length = 4}); }),
            "target:1: the sentence has 10000 bytes, of which 1024 are looked at, more than the max-length of 4");
}

// Weights of damaged files are finite numbers too.
TEST(ScorePairs, ScoresThatAreNoNumbersAreAnError) {
  const Bundle bundle = toy_bundle("bahdanau");
  for (Parameter* parameter : bundle.model->parameters().all()) {
    const Tensor& value = parameter->value.view();
    for (std::int64_t i = 0; i < value.size(); ++i) value.data[i] = i % 2 == 0 ? 3e38F : -3e38F;
  }
  pack(bundle, Precision::kFloat32);
  const std::vector<SentencePair> pairs = {{"5 6", "7"}};
  const std::string error = error_of([&] { score_targets(bundle, pairs, {.source_name = "a.en", .first_line = 11}); });
  EXPECT_TRUE(error.starts_with("a.en:11: the model's scores are not finite")) << error;
}

}  // namespace
}  // namespace heed
