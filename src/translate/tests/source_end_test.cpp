// Sources that are read without EOS. A model that reads it, and another that has its embedding as that of a word at the
// end of each sentence, must do the same.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "heed/translate/probe.h"
#include "heed/translate/shortlist.h"
#include "heed/translate/translator.h"
#include "probe_pair.h"
#include "test_name.h"
#include "toy_bundle.h"

namespace heed {
namespace {

constexpr int kLast = kToySourceVocabulary - 1;

/// numbered_side() of the source, without an end.
TextSide open_side() {
  TextOptions options;
  options.tokenizer = "spaces";
  options.vocabulary = 0;
  options.end = {.always = false};
  std::vector<std::string> sentences;  // the more frequent a token, the smaller its id
  for (int id = Vocabulary::kSpecials; id <= kLast; ++id)
    sentences.insert(sentences.end(), 100 - id, std::to_string(id));
  return TextSide::build(options, sentences);
}

/// Two models with the same weights.
struct Both {
  Bundle ends, open;
};

Both both_of(const ModelOptions& options, int seed = 1) {
  Both out{toy_bundle(options, seed), toy_bundle(options, seed)};
  out.open.source = open_side();
  out.open.config.data.source.end = {.always = false};
  out.open.model = std::make_shared<Seq2Seq>(options, SourceTables(options, out.open.source), kToyTargetVocabulary, 1);
  const auto from = out.ends.model->parameters().all(), to = out.open.model->parameters().all();
  for (std::size_t i = 0; i < from.size(); ++i) {
    const Tensor& value = from[i]->value.view();
    if (from[i]->name == "source.embedding") std::copy_n(value.row(Vocabulary::kEnd), value.columns, value.row(kLast));
    std::copy_n(value.data, value.size(), to[i]->value.view().data);
  }
  pack(out.ends, Precision::kFloat32);
  pack(out.open, Precision::kFloat32);
  return out;
}

std::vector<std::string> with_last(std::vector<std::string> sentences) {
  for (std::string& each : sentences) each += " " + std::to_string(kLast);
  return sentences;
}

std::vector<SentencePair> pairs_of(const std::vector<std::string>& sources) {
  std::vector<SentencePair> out;
  for (std::size_t i = 0; i < sources.size(); ++i) out.push_back({sources[i], i % 2 == 0 ? "5 9 4" : "7"});
  return out;
}

void expect_same(const Translation& a, const Translation& b) {
  EXPECT_EQ(a.tokens, b.tokens);
  EXPECT_EQ(a.log_probability, b.log_probability);
  EXPECT_EQ(a.score, b.score);
  EXPECT_EQ(a.attention, b.attention);
}

class SourceEnds : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Kinds, SourceEnds, testing::ValuesIn(mechanisms()),
                         [](const auto& test) { return test_name(test.param); });

TEST_P(SourceEnds, IsAnyWordAtTheEnd) {
  Both both = both_of(toy_options(GetParam(), 16));
  const std::vector<std::string> sentences = toy_sentences(9, 7, 6), longer = with_last(sentences);
  const std::vector<Translated> ending = score_pairs(both.ends, pairs_of(sentences), {});
  const std::vector<Translated> open = score_pairs(both.open, pairs_of(longer), {});
  for (std::size_t i = 0; i < open.size(); ++i) {
    expect_same(open[i].translations.front(), ending[i].translations.front());
    EXPECT_EQ(open[i].source_tokens.back(), std::to_string(kLast));
    EXPECT_EQ(open[i].source_ranges.size(), open[i].source_tokens.size());
    EXPECT_EQ(tokens_of_text(open[i]), tokens_of_text(ending[i]) + 1);
    check_record(open[i]);
  }
  TranslateOptions how{.beam = 3, .nbest = 2, .attention = true};
  how.max_output = {.ratio = 0, .extra = 12};  // one of both has a token more
  const Translator of_ends({std::move(both.ends)}), of_open({std::move(both.open)});
  const std::vector<Translated> read = of_ends.translate(sentences, how), without = of_open.translate(longer, how);
  for (std::size_t i = 0; i < read.size(); ++i) {
    ASSERT_EQ(read[i].translations.size(), without[i].translations.size());
    for (std::size_t n = 0; n < read[i].translations.size(); ++n)
      expect_same(without[i].translations[n], read[i].translations[n]);
    check_record(without[i]);
  }
}

// Of a source of one token nothing is left when that is erased: EOS stands for it.
TEST_P(SourceEnds, IsProbedWithoutAColumnOfItsOwn) {
  ModelOptions options = toy_options(GetParam(), 16);
  options.decoder_layers = 1;
  const Both both = both_of(options);
  const std::vector<Probed> probed = Prober(both.open).probe(pairs_of({"4", "5 22 6"}), {.permutations = 2});
  for (const Probed& each : probed) {
    check_record(each.pair);  // the measures have a column for each token
    EXPECT_EQ(each.pair.source_tokens.size(), each.pair.translations.front().measures.front().values.front().size());
    for (const ProbedToken& token : each.tokens) {
      for (const ProbeFigure figure : {ProbeFigure::kPermuted, ProbeFigure::kDeletedByErasure})
        EXPECT_TRUE(std::isfinite(token[static_cast<std::size_t>(figure)]));
    }
  }
}

TEST(SourceEnd, StandsForASourceThatIsErased) {
  const SourceForm source{.tokens = {5, 6}, .features = {7, 8, 9, 10}, .end = {.always = false}};
  const SourceForm left = erase(source, std::vector<int>{0}, Erasure::kRemove);
  EXPECT_EQ(left.features, (std::vector<int>{8, 10}));
  const SourceForm none = erase(source, std::vector<int>{0, 1}, Erasure::kRemove);
  EXPECT_TRUE(none.tokens.empty());
  EXPECT_EQ(none.features, (std::vector<int>{Vocabulary::kEnd, Vocabulary::kEnd}));
  EXPECT_EQ(none.positions(), 1U);
}

TEST(SourceEnd, OfABlankSourceIsRead) {
  Both both = both_of(toy_options("bahdanau"));
  const std::vector<SentencePair> blank = {{"", "5 9"}, {" ", "5 9"}, {"", ""}};
  const std::vector<Translated> ending = score_pairs(both.ends, blank, {}), open = score_pairs(both.open, blank, {});
  for (std::size_t i = 0; i < blank.size(); ++i) {
    EXPECT_EQ(open[i].source_tokens, std::vector<std::string>{"</s>"});
    expect_same(open[i].translations.front(), ending[i].translations.front());
  }
  const Translator translator({std::move(both.open)});
  const std::vector<Translated> answers = translator.translate(std::vector<std::string>{"", "4"}, {});
  EXPECT_TRUE(answers[0].source_tokens.empty());
  EXPECT_TRUE(answers[0].translations.front().text.empty());
  EXPECT_EQ(answers[1].source_tokens, std::vector<std::string>{"4"});
}

TEST(SourceEnd, OfMembersOfAnEnsembleIsTheirOwn) {
  std::vector<Bundle> bundles;
  bundles.push_back(both_of(toy_options("luong-general"), 1).open);
  bundles.push_back(both_of(toy_options("luong-general"), 2).ends);
  const std::vector<SentencePair> pairs = pairs_of(toy_sentences(5, 3, 6));
  const auto first = score_targets(bundles[0], pairs), second = score_targets(bundles[1], pairs);
  const std::vector<Translated> together = score_pairs(bundles, pairs, {});
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const Translation& scored = together[i].translations.front();
    for (std::size_t t = 0; t < scored.log_probabilities.size(); ++t) {
      const double mean = (std::exp(first[i].log_probabilities[t]) + std::exp(second[i].log_probabilities[t])) / 2;
      EXPECT_NEAR(scored.log_probabilities[t], std::log(mean), 1e-5);
    }
    ASSERT_EQ(scored.attention_members.size(), 2U);
    EXPECT_EQ(scored.attention_members[0].attention, first[i].attention);
    EXPECT_EQ(scored.attention_members[1].attention, second[i].attention);
    EXPECT_EQ(scored.attention_members[1].source_tokens.size(), together[i].source_tokens.size() + 1);
    check_record(together[i]);
  }
}

TEST(SourceEnd, LastTokensHaveTheirPlaceInAShortlist) {
  Both both = both_of(toy_options("bahdanau"));
  std::vector<std::vector<int>> lists(kToySourceVocabulary);
  for (int id = Vocabulary::kSpecials; id < kToyTargetVocabulary; ++id) lists[kLast].push_back(id);
  const std::vector<std::string> sentences = with_last(toy_sentences(6, 5, 4));
  const Translator translator({std::move(both.open)});
  TranslateOptions how;
  const std::vector<Translated> all = translator.translate(sentences, how);
  how.shortlist = std::make_shared<Shortlist>(std::move(lists), std::vector<int>{}, kToyTargetVocabulary);
  const std::vector<Translated> listed = translator.translate(sentences, how);
  for (std::size_t i = 0; i < all.size(); ++i)
    EXPECT_EQ(listed[i].translations.front().tokens, all[i].translations.front().tokens);
}

// What is attended to is all text.
TEST(SourceEnd, CoverageIsOfEachToken) {
  Both both = both_of(toy_options("luong-general"));
  TranslateOptions how{.beam = 2, .nbest = 2, .attention = true};
  how.ranking.normalization = Normalization::kNone;
  how.ranking.coverage_penalty = 0.7;
  const Translator translator({std::move(both.open)});
  for (const Translated& answer : translator.translate(toy_sentences(5, 5, 5), how)) {
    for (const Translation& each : answer.translations) {
      double expected = each.log_probability;
      for (std::size_t s = 0; s < answer.source_tokens.size(); ++s) {
        double sum = 0;
        for (const std::vector<float>& row : each.attention) sum += static_cast<double>(row[s]);
        expected += 0.7 * std::log(std::clamp(sum, 1e-10, 1.0));
      }
      EXPECT_NEAR(each.score, expected, 1e-5);
    }
  }
}

}  // namespace
}  // namespace heed
