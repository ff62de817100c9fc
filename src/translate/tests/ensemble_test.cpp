#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "answers.h"
#include "error_of.h"
#include "heed/translate/model_scorer.h"
#include "heed/translate/shortlist.h"
#include "heed/translate/translator.h"
#include "numbered_side.h"
#include "toy_bundle.h"

namespace heed {
namespace {

/// A model of the toys' target vocabulary that reads the source in its own way.
Bundle bundle_reading(TextSide source, const std::string& attention, int seed) {
  Bundle out = toy_bundle(attention, seed);
  out.source = std::move(source);
  auto model = std::make_shared<Seq2Seq>(out.config.model, SourceTables(out.source.vocabulary_size()),
                                         kToyTargetVocabulary, test_seed(static_cast<std::uint64_t>(seed)));
  for (Parameter* parameter : model->parameters().all()) {
    const Tensor& value = parameter->value.view();
    for (std::int64_t i = 0; i < value.size(); ++i) value.data[i] *= 4.0F;
  }
  out.model = model;
  pack(out, Precision::kFloat32);
  return out;
}

/// One that does not attend, two with the same source tokens, of which the second has heads and another vocabulary, and
/// one that reads characters.
std::vector<Bundle> readers_of_all_kinds() {
  return {toy_bundle("none", 3), toy_bundle("bahdanau"),
          bundle_reading(numbered_side(kToySourceVocabulary - 4), "multi-head", 2),
          bundle_reading(TextSide::build({.tokenizer = "characters"}, toy_sentences(20)), "luong-general", 4)};
}

class EachCombination : public testing::TestWithParam<Combine> {};
INSTANTIATE_TEST_SUITE_P(Combinations, EachCombination, testing::Values(Combine::kMean, Combine::kLogLinear));

TEST_P(EachCombination, OfOneModelTwiceIsTheModel) {
  const Bundle bundle = toy_bundle("bahdanau");
  const auto sentences = toy_sentences(20);
  const auto one = Translator({bundle}).translate(sentences, beam_options(3, 8, 1));
  const auto two = Translator({bundle, bundle}, {GetParam()}).translate(sentences, beam_options(3, 8, 1));
  for (std::size_t i = 0; i < sentences.size(); ++i) {
    EXPECT_EQ(one[i].translations[0].tokens, two[i].translations[0].tokens);
    EXPECT_NEAR(one[i].translations[0].log_probability, two[i].translations[0].log_probability, 1e-4);
    EXPECT_EQ(one[i].translations[0].attention, two[i].translations[0].attention);
  }
}

TEST_P(EachCombination, ProbabilitiesAreThoseOfTheDefinition) {
  const std::vector<Bundle> bundles = {toy_bundle("bahdanau"), toy_bundle("luong-dot", 2), toy_bundle("none", 3)};
  const std::vector<double> weights = {1, 4, 3};
  const std::vector<std::vector<int>> sources = {{5, 6, 7}};
  const std::vector<int> row = {0}, begin = {Vocabulary::kBegin};
  std::vector<double> expected(kToyTargetVocabulary);
  for (std::size_t m = 0; m < bundles.size(); ++m) {
    ModelScorer scorer(*bundles[m].model);
    scorer.start(sources);
    scorer.advance(row, begin);
    const RowScores scores = scorer.scores(0);
    for (std::size_t v = 0; v < expected.size(); ++v) {
      const auto log_probability = static_cast<double>(scores.log_probability(v));
      expected[v] += weights[m] / 8 * (GetParam() == Combine::kMean ? std::exp(log_probability) : log_probability);
    }
  }
  double sum = 0;
  for (double& value : expected) {
    if (GetParam() == Combine::kLogLinear) value = std::exp(value);
    sum += value;
  }
  const std::vector<const Seq2Seq*> models = {bundles[0].model.get(), bundles[1].model.get(), bundles[2].model.get()};
  EnsembleScorer ensemble(models, {GetParam(), weights});
  ensemble.start(sources);
  ensemble.advance(row, begin);
  std::vector<Continuation> out(kToyTargetVocabulary);
  ensemble.best(0, out);
  for (const Continuation& c : out) {
    if (c.token == Vocabulary::kBegin) continue;
    EXPECT_NEAR(static_cast<double>(c.log_probability), std::log(expected[c.token] / sum), 1e-5);
  }
}

/// Compares what each model attended to with its own forced decoding, and the mean with theirs.
void expect_forced_attention(const std::vector<Bundle>& bundles, const std::vector<double>& weights,
                             const Translated& translated, const Translation& found) {
  const SentencePair pair{translated.source, found.text};
  AttentionWeights mean(found.tokens.size(), std::vector<float>(translated.source_tokens.size()));
  for (std::size_t m = 0; m < bundles.size(); ++m) {
    const MemberAttention& member = found.attention_members[m];
    const Translated forced = score_pairs(bundles[m], std::span(&pair, 1)).front();
    const AttentionWeights& expected = forced.translations.front().attention;
    ASSERT_EQ(member.attention.empty(), m == 0);
    EXPECT_EQ(member.source_tokens, m == 3 ? forced.source_tokens : std::vector<std::string>());
    EXPECT_EQ(member.attention_layers.size(), m == 2 ? 1U : 0U);
    for (std::size_t t = 0; t < member.attention.size(); ++t) {
      ASSERT_EQ(member.attention[t].size(), forced.source_tokens.size());
      for (std::size_t s = 0; s < forced.source_tokens.size(); ++s) {
        EXPECT_NEAR(member.attention[t][s], expected[t][s], 1e-4);
        if (m < 3) mean[t][s] += static_cast<float>(weights[m]) / 5 * expected[t][s];
      }
    }
  }
  ASSERT_EQ(found.attention.size(), mean.size());
  for (std::size_t t = 0; t < mean.size(); ++t) {
    for (std::size_t s = 0; s < mean[t].size(); ++s) EXPECT_NEAR(found.attention[t][s], mean[t][s], 1e-4);
  }
}

// Of every hypothesis of a beam, cut ones too.
TEST_P(EachCombination, AttentionOfABeamIsThatOfForcedDecodings) {
  const std::vector<Bundle> bundles = readers_of_all_kinds();
  const std::vector<double> weights = {1, 2, 3, 2};
  const Translator translator(bundles, {GetParam(), weights});
  for (const Translated& translated : translator.translate(toy_sentences(12), beam_options(4, 5, 1))) {
    ASSERT_EQ(translated.source_tokens.size(), translated.source_ranges.size());
    for (const Translation& found : translated.translations) {
      ASSERT_EQ(found.attention_members.size(), bundles.size());
      expect_forced_attention(bundles, weights, translated, found);
    }
  }
}

TEST_P(EachCombination, ScoringIsWhatSearchFound) {
  const std::vector<Bundle> bundles = readers_of_all_kinds();
  const EnsembleOptions how{GetParam(), {1, 2, 3, 2}};
  const auto answers = Translator(bundles, how).translate(toy_sentences(12), beam_options(4, 5, 2));
  std::vector<SentencePair> pairs;
  for (const Translated& answer : answers) pairs.push_back({answer.source, answer.translations[1].text});
  const auto scored = score_pairs(bundles, pairs, {.batch_sentences = 5, .threads = 2}, how);
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const Translation& found = answers[i].translations[1];
    const Translation& given = scored[i].translations.front();
    EXPECT_EQ(scored[i].source_tokens, answers[i].source_tokens);
    ASSERT_EQ(given.log_probabilities.size(), given.tokens.size());
    ASSERT_EQ(given.attention_members.size(), bundles.size());
    EXPECT_EQ(given.attention_members[3].source_tokens, found.attention_members[3].source_tokens);
    for (std::size_t t = 0; t < found.tokens.size(); ++t) {
      EXPECT_EQ(given.attention[t], found.attention[t]);
      EXPECT_EQ(given.attention_members[3].attention[t], found.attention_members[3].attention[t]);
    }
    if (!found.cut) {
      EXPECT_NEAR(given.log_probability, found.log_probability, 1e-9);
    }
    EXPECT_NEAR(given.score, given.log_probability / static_cast<double>(given.tokens.size()), 1e-12);
  }
}

TEST_P(EachCombination, OfManyReadersDoesNotDependOnBatch) {
  const Translator translator(readers_of_all_kinds(), {GetParam()});
  auto sentences = toy_sentences(16);
  sentences.emplace_back(" ");
  const auto alone = translator.translate(sentences, beam_options(3, 1, 1));
  const auto together = translator.translate(sentences, beam_options(3, 32, 2));
  for (std::size_t i = 0; i < sentences.size(); ++i) {
    expect_same(together[i], alone[i], "ensemble");
    if (alone[i].source_tokens.empty()) continue;
    EXPECT_EQ(together[i].translations[0].attention_members[3].attention,
              alone[i].translations[0].attention_members[3].attention);
  }
  EXPECT_EQ(alone.back().translations.front().text, "");
}

TEST(Ensemble, EachModelMeetsTheLengthLimitWithItsOwnTokens) {
  const Translator translator(readers_of_all_kinds());
  TranslateOptions options = beam_options(1, 1, 1);
  options.max_source_tokens = 6;
  const Translated answer = translator.translate("10 11 12 13", options);
  EXPECT_EQ(answer.source_tokens.size(), 5U);
  EXPECT_EQ(answer.tokens_cut, 5);  // of the 11 characters
  EXPECT_EQ(answer.translations[0].attention_members[3].source_tokens.size(), 7U);
  const std::vector<SentencePair> pair = {{"10 11 12 13", "5"}};
  EXPECT_EQ(error_of([&] { score_pairs(readers_of_all_kinds(), pair, {.max_length = 6, .source_name = "a.en"}); }),
            "a.en:1: the sentence has 11 tokens, more than the max-length of 6");
}

TEST(Ensemble, AShortlistServesModelsThatReadTheSourceAlike) {
  const Bundle bundle = toy_bundle("bahdanau");
  TranslateOptions options = beam_options(3, 8, 1);
  options.shortlist = std::make_shared<Shortlist>(std::vector<std::vector<int>>(kToySourceVocabulary),
                                                  std::vector<int>{5, 7, 9, 11}, kToyTargetVocabulary);
  const auto sentences = toy_sentences(8);
  const auto one = Translator({bundle}).translate(sentences, options);
  const auto two = Translator({bundle, bundle}).translate(sentences, options);
  for (std::size_t i = 0; i < sentences.size(); ++i) {
    EXPECT_EQ(one[i].translations[0].tokens, two[i].translations[0].tokens);
    EXPECT_NEAR(one[i].translations[0].log_probability, two[i].translations[0].log_probability, 1e-4);
  }
  const Translator others({bundle, bundle_reading(numbered_side(kToySourceVocabulary - 1), "bahdanau", 2)});
  EXPECT_EQ(error_of([&] { others.translate(sentences, options); }),
            "a shortlist is of one source vocabulary; the models of the ensemble read the source in several ways");
}

TEST(Ensemble, WeightsAreThoseOfTheModels) {
  const Bundle bundle = toy_bundle("bahdanau");
  const auto fault = [&](std::vector<double> weights) {
    return error_of([&] { const Translator translator({bundle, bundle}, {.weights = std::move(weights)}); });
  };
  EXPECT_EQ(fault({0.5, 2}), "");
  EXPECT_EQ(fault({1, 1, 1}), "there are 3 weights for 2 models");
  EXPECT_EQ(fault({1, 0}), "a model's weight is 0; it must be more than 0");
  EXPECT_EQ(fault({3, -1}), "a model's weight is -1; it must be more than 0");
  EXPECT_EQ(fault({1, std::nan("")}), "a model's weight is nan; it must be more than 0");
}

TEST(Ensemble, NeedsOneTargetVocabulary) {
  Bundle other = toy_bundle("bahdanau");
  other.target = numbered_side(kToyTargetVocabulary + 1);
  EXPECT_EQ(error_of([&] {
              const Translator translator({toy_bundle("bahdanau"), other});
            }),
            "the models of an ensemble must have the same target vocabulary, but on the target side one has 19 tokens "
            "and the other 20");
}

}  // namespace
}  // namespace heed
