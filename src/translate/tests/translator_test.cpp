#include "heed/translate/translator.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>
#include <thread>

#include "answers.h"
#include "compositions.h"
#include "error_of.h"
#include "heed/base/error.h"
#include "heed/nn/attention.h"
#include "heed/translate/shortlist.h"
#include "sanitized.h"
#include "test_name.h"
#include "toy_bundle.h"

namespace heed {
namespace {

std::vector<std::string> attention_names() {
  std::vector<std::string> out;
  for (const AttentionKind& kind : attention_kinds()) out.push_back(kind.name);
  return out;
}

// Beam search and greedy search look at it, and so does what reads and scores.
TEST(Translator, StopsWhereItIsTold) {
  const Translator translator({toy_bundle("bahdanau")});
  const auto sentences = toy_sentences(4);
  std::atomic<bool> stop = false;
  for (const int beam : {1, 4}) {
    stop = false;
    int steps = 0;
    TranslateOptions options = beam_options(beam, 1, 1);
    options.stop = &stop;
    options.on_step = [&](const TranslationStep&) {
      ++steps;
      stop = true;  // as another thread might
      return true;
    };
    EXPECT_THROW(translator.translate(sentences, options), Cancelled);
    EXPECT_LE(steps, 4);  // those of one step
  }
  TranslateOptions options;
  options.stop = &stop;
  EXPECT_THROW(translator.translate(std::vector<std::string>{" "}, options), Cancelled);  // there is nothing to search
  const std::vector<SentencePair> pairs = {{"3 4", "5"}};
  const Bundle bundle = toy_bundle("bahdanau");
  EXPECT_THROW(score_pairs(bundle, pairs, {.stop = &stop}), Cancelled);
  stop = false;
  EXPECT_EQ(translator.translate(sentences, options).size(), 4U);
}

class EachAttention : public testing::TestWithParam<std::string> {};

TEST_P(EachAttention, DoesNotDependOnBatchOrThreads) {
  const Translator translator({toy_bundle(GetParam())});
  const auto sentences = toy_sentences(36, 7, 15);  // several blocks of rows; sanitizers take minutes over more
  for (const int beam : {1, 4}) {
    const auto alone = translator.translate(sentences, beam_options(beam, 1, 1));
    for (const auto& [batch, threads] : {std::pair{36, 1}, std::pair{3, 2}, std::pair{10, 4}}) {
      if (beam == 1 && threads == 2) continue;
      const auto answers = translator.translate(sentences, beam_options(beam, batch, threads));
      ASSERT_EQ(answers.size(), sentences.size());
      for (std::size_t i = 0; i < answers.size(); ++i) {
        expect_same(answers[i], alone[i], "beam " + std::to_string(beam) + " batch " + std::to_string(batch));
      }
    }
  }
}

TEST_P(EachAttention, DoesNotDependOnTheOtherSentences) {
  const Translator translator({toy_bundle(GetParam())});
  const auto sentences = toy_sentences(20);
  const auto answers = translator.translate(sentences, beam_options(3, 32, 1));
  std::vector<std::size_t> order(3 * sentences.size());  // each three times
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i % sentences.size();
  Rng rng(5);
  shuffle(order, rng);
  std::vector<std::string> shuffled;
  for (const std::size_t i : order) shuffled.push_back(sentences[i]);
  const auto again = translator.translate(shuffled, beam_options(3, 32, 2));
  for (std::size_t i = 0; i < order.size(); ++i) expect_same(again[i], answers[order[i]], "shuffled");
}

TEST_P(EachAttention, AttentionFits) {
  const Translator translator({toy_bundle(GetParam())});
  const auto answers = translator.translate(toy_sentences(20), beam_options(3, 8, 1));
  std::set<std::string> texts;
  for (const Translated& answer : answers) {
    EXPECT_EQ(answer.source_tokens.back(), "</s>");
    for (const Translation& translation : answer.translations) {
      texts.insert(translation.text);
      EXPECT_EQ(translation.text.find("<s>"), std::string::npos);
      if (GetParam() == "none") {
        EXPECT_TRUE(translation.attention.empty());
        continue;
      }
      ASSERT_EQ(translation.attention.size(), translation.tokens.size());
      for (const auto& row : translation.attention) {
        ASSERT_EQ(row.size(), answer.source_tokens.size());
        const double sum = std::accumulate(row.begin(), row.end(), 0.0);
        EXPECT_LE(sum, 1.0 + 1e-5);
        if (find_attention(GetParam()).rows_sum_to_one) {
          EXPECT_GE(sum, 1.0 - 1e-5);
        }
      }
    }
  }
  EXPECT_GT(texts.size(), 15U);  // the toy does look at its source
}

TEST_P(EachAttention, ScoreOfASearchIsItsProbability) {
  const Bundle bundle = toy_bundle(GetParam());
  const Translator translator({bundle});
  const auto sentences = toy_sentences(40);
  const auto answers = translator.translate(sentences, beam_options(3, 8, 1));
  std::vector<SentencePair> pairs;
  std::vector<const Translation*> translations;
  for (const Translated& answer : answers) {
    for (const Translation& translation : answer.translations) {
      // <unk> cannot be written in a text, and a cut translation has no EOS.
      if (translation.tokens.back() != "</s>" || translation.text.find("<unk>") != std::string::npos) continue;
      pairs.push_back({answer.source, translation.text});
      translations.push_back(&translation);
    }
  }
  ASSERT_GT(pairs.size(), 5U);
  const auto scored = score_targets(bundle, pairs, {.batch_sentences = 7, .threads = 2});
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    EXPECT_NEAR(scored[i].log_probability, translations[i]->log_probability, 1e-4);
    EXPECT_EQ(scored[i].tokens, translations[i]->tokens);
    ASSERT_EQ(scored[i].attention.size(), translations[i]->attention.size());
    for (std::size_t t = 0; t < scored[i].attention.size(); ++t) {
      for (std::size_t s = 0; s < scored[i].attention[t].size(); ++s) {
        EXPECT_NEAR(scored[i].attention[t][s], translations[i]->attention[t][s], 1e-5);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, EachAttention, testing::ValuesIn(attention_names()),
                         [](const auto& test) { return test_name(test.param); });

// Layers and heads have weights of their own; what is shown as the attention is their mean.
void expect_mean_of_layers(const Translation& translation, std::size_t source_tokens) {
  for (std::size_t t = 0; t < translation.attention.size(); ++t) {
    ASSERT_EQ(translation.attention[t].size(), source_tokens);
    std::vector<double> mean(source_tokens);
    for (const auto& layer : translation.attention_layers) {
      for (const AttentionWeights& head : layer) {
        ASSERT_EQ(head.size(), translation.attention.size());
        EXPECT_NEAR(std::accumulate(head[t].begin(), head[t].end(), 0.0), 1.0, 1e-4);
        for (std::size_t s = 0; s < source_tokens; ++s) {
          mean[s] +=
              static_cast<double>(head[t][s]) / static_cast<double>(layer.size() * translation.attention_layers.size());
        }
      }
    }
    if (translation.attention_layers.empty()) continue;
    for (std::size_t s = 0; s < source_tokens; ++s) {
      EXPECT_NEAR(static_cast<double>(translation.attention[t][s]), mean[s], 1e-5);
    }
  }
}

class EachComposition : public testing::TestWithParam<Composition> {};
INSTANTIATE_TEST_SUITE_P(All, EachComposition, testing::ValuesIn(compositions()),
                         [](const auto& test) { return test_name(test.param.name); });

TEST_P(EachComposition, DoesNotDependOnBatchAndAgreesWithTeacherForcing) {
  ModelOptions model = toy_options("bahdanau");
  model.encoder_layers = 2;
  GetParam().apply(model);
  const Bundle bundle = toy_bundle(model);
  const Translator translator({bundle});
  const auto sentences = toy_sentences(20);
  const auto alone = translator.translate(sentences, beam_options(3, 1, 1));
  const auto together = translator.translate(sentences, beam_options(3, 32, 2));
  const auto heads = bundle.model->decoder().attention_heads();
  for (std::size_t i = 0; i < alone.size(); ++i) {
    expect_same(together[i], alone[i], sentences[i]);
    const Translation& best = alone[i].translations.front();
    EXPECT_EQ(best.attention_layers.size(), heads == std::vector<int>{1} ? 0 : heads.size());
    EXPECT_EQ(alone[i].attention_names.size(), best.attention_layers.size());
    expect_mean_of_layers(best, alone[i].source_tokens.size());
    if (best.tokens.back() != "</s>") continue;  // cut by the limit of its length
    const SentencePair pair{sentences[i], best.text};
    const Translated pairs = score_pairs(bundle, std::span(&pair, 1)).front();
    const Translation& scored = pairs.translations.front();
    EXPECT_NEAR(scored.log_probability, best.log_probability, 1e-3 * std::abs(best.log_probability));
    EXPECT_EQ(scored.attention_layers.size(), best.attention_layers.size());
    EXPECT_EQ(pairs.attention_names, alone[i].attention_names);
  }
}

// A text does not tell an unknown word from "<unk>": its tokens do.
TEST(ScorePairs, ReadsTheTokensOfAnAnswer) {
  const std::vector<std::string> words = {"a", "b"};
  const Bundle bundle = {{}, TextSide::build({}, words), TextSide::build({}, words), toy_bundle("bahdanau").model};
  const auto tokens_of = [&](const std::string& text, const std::vector<std::string>& known) {
    const SentencePair pair = {.source = "a", .target = text, .target_tokens = known};
    const SentencePair turned = reversed(pair);
    EXPECT_EQ(turned.source_tokens, known);
    const Translated back = score_pairs(bundle, std::span(&turned, 1)).front();
    std::vector<std::string> out = score_targets(bundle, std::span(&pair, 1)).front().tokens;
    EXPECT_EQ(back.source_tokens, out);
    EXPECT_EQ(back.source_ranges.size(), out.size());
    out.pop_back();
    return out;
  };
  const std::vector<std::string> answer = {"a", "<unk>", "b"}, joined = {"a", "<unk>", "\uFFED,", "zebra"};
  const std::vector<std::string> spelled = {"a", "<", "\uFFEDunk", "\uFFED>", "b"};
  EXPECT_EQ(tokens_of("a <unk> b", answer), answer);
  EXPECT_EQ(tokens_of("a <unk>, zebra", joined), joined) << "a word that was copied";
  EXPECT_EQ(tokens_of("a <unk> b", {}).size(), spelled.size());
  EXPECT_EQ(tokens_of("a <unk> a", answer).size(), spelled.size()) << "of another text";
  EXPECT_EQ(tokens_of("a <unk> b,", {"a", "<unk>", "b,"}).size(), spelled.size() + 1) << "of another tokenizer";
  EXPECT_EQ(tokens_of("zebra", {"zebra"}), std::vector<std::string>{"zebra"});
}

TEST(Translator, ATraceHasTheMeanOfHeads) {
  const Translator translator({toy_bundle("multi-head")});
  TranslateOptions traced = beam_options(3, 32, 1);
  traced.trace = true;
  for (const Translated& translated : translator.translate(toy_sentences(4), traced)) {
    ASSERT_FALSE(translated.trace.attention.empty());
    for (const std::vector<float>& row : translated.trace.attention) {
      EXPECT_EQ(row.size(), translated.source_tokens.size());
    }
  }
}

// Sizes at which the product kernels cut their work into blocks.
TEST(Translator, LargeModelDoesNotDependOnBatch) {
  const Translator translator({toy_bundle("luong-general", 1, kSanitized ? 128 : 512)});
  const auto sentences = toy_sentences(17, 7, 15);
  const auto alone = translator.translate(sentences, beam_options(3, 1, 1));
  const auto together = translator.translate(sentences, beam_options(3, 17, 1));
  for (std::size_t i = 0; i < sentences.size(); ++i) expect_same(together[i], alone[i], "large");
}

// Threads stay between calls, but not in the child of a fork: servers load first and fork then.
#ifndef __SANITIZE_THREAD__  // which does not go on in such a child
TEST(Translator, TranslatesAfterAFork) {
  const Translator translator({toy_bundle("bahdanau")});
  const auto sentences = toy_sentences(8);
  const auto before = translator.translate(sentences, beam_options(2, 2, 2));
  const pid_t child = fork();
  if (child == 0) {
    alarm(60);
    const auto after = translator.translate(sentences, beam_options(2, 2, 2));
    _exit(after[3].translations[0].tokens == before[3].translations[0].tokens ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}
#endif

TEST(Translator, BlankSentencesHaveEmptyTranslations) {
  const Translator translator({toy_bundle("bahdanau")});
  const std::vector<std::string> sentences = {"", "5 6 7", "   ", "\t\u00a0", "5 6 7"};
  const auto answers = translator.translate(sentences, beam_options(2, 32, 2));
  ASSERT_EQ(answers.size(), sentences.size());
  for (const std::size_t blank : {0U, 2U, 3U}) {
    EXPECT_EQ(answers[blank].source, sentences[blank]);
    EXPECT_TRUE(answers[blank].source_tokens.empty());
    ASSERT_EQ(answers[blank].translations.size(), 1U);
    EXPECT_EQ(answers[blank].translations[0].text, "");
    EXPECT_TRUE(answers[blank].translations[0].tokens.empty());
  }
  expect_same(answers[1], answers[4], "repeated");
  EXPECT_TRUE(translator.translate({}, beam_options(2, 32, 2)).empty());
}

TEST(Translator, OneSentenceHasTheAnswerThatItHasAmongOthers) {
  const Translator translator({toy_bundle("bahdanau")});
  const auto sentences = toy_sentences(2);
  const Translated expected = translator.translate(sentences).front();
  expect_same(translator.translate(sentences.front()), expected, "string");
  expect_same(translator.translate(std::string_view(sentences.front())), expected, "view");
  expect_same(translator.translate(sentences.front().c_str(), TranslateOptions{}), expected, "literal");
}

TEST(Translator, WrongOptionsAreUsageErrors) {
  const Translator translator({toy_bundle("bahdanau")});
  const auto refuse = [&](auto change) {
    TranslateOptions how = beam_options(2, 8, 1);
    change(how);
    EXPECT_THROW(translator.translate(toy_sentences(2), how), UsageError);
  };
  refuse([](TranslateOptions& how) { how.beam = 0; });
  refuse([](TranslateOptions& how) { how.nbest = 3; });
  refuse([](TranslateOptions& how) { how.nbest = 0; });
  refuse([](TranslateOptions& how) { how.batch_sentences = 0; });
  refuse([](TranslateOptions& how) { how.threads = 0; });
  refuse([](TranslateOptions& how) { how.max_source_tokens = -1; });
  EXPECT_THROW(Translator({}), UsageError);
}

TEST(Translator, ABundleWithoutAModelIsAnError) {
  const std::vector<SentencePair> pairs = {{"a", "b"}};
  const char* fault = "the bundle has no model: Bundle::load() reads one";
  EXPECT_EQ(error_of([] { Translator({Bundle{}}); }), fault);
  EXPECT_EQ(error_of([] { Translator({toy_bundle("bahdanau"), Bundle{}}); }), fault);
  EXPECT_EQ(error_of([&] { score_pairs(Bundle{}, pairs); }), fault);
  EXPECT_EQ(error_of([&] { shortlist_of_attention(Bundle{}, pairs); }), fault);
}

TEST(Translator, ABeamHasAWidth) {
  const Translator translator({toy_bundle("bahdanau")});
  EXPECT_EQ(error_of([&] { translator.translate("t1", {.beam = std::numeric_limits<int>::max()}); }),
            "beam is 2147483647; it must be at most 1000");
  EXPECT_EQ(error_of([&] { translator.translate("t1", {.nbest = 1001, .sampling = Sampling{}}); }),
            "nbest is 1001; it must be at most 1000");
  EXPECT_NO_THROW(translator.translate("t1", {.beam = 1000}));
}

}  // namespace
}  // namespace heed
