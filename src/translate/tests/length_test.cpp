#include <gtest/gtest.h>

#include <algorithm>

#include "answers.h"
#include "heed/base/length_limit.h"
#include "heed/translate/translator.h"
#include "toy_bundle.h"

namespace heed {
namespace {

TEST(Translator, AnswersAreCutAtTheLimit) {
  const Translator translator({toy_bundle("luong-dot")});
  const auto sentences = toy_sentences(20);
  for (const int beam : {1, 3}) {
    int cut = 0;
    TranslateOptions how = beam_options(beam, 8, 1);
    how.max_output = OutputLimit{0.5, 1};
    for (const Translated& answer : translator.translate(sentences, how)) {
      const int most =
          length_limit(how.max_output->ratio, how.max_output->extra, static_cast<int>(answer.source_tokens.size()));
      for (const Translation& translation : answer.translations) {
        EXPECT_EQ(translation.cut, translation.tokens.back() != "</s>");
        EXPECT_LE(translation.tokens.size(), static_cast<std::size_t>(most));
        if (translation.cut) {
          EXPECT_EQ(translation.tokens.size(), static_cast<std::size_t>(most));
        }
        cut += translation.cut ? 1 : 0;
      }
      EXPECT_TRUE(std::is_sorted(answer.translations.begin(), answer.translations.end(),
                                 [](const Translation& a, const Translation& b) { return a.score > b.score; }));
    }
    EXPECT_GT(cut, 0) << "or nothing was tested";
  }
}

TEST(Translator, TheLimitIsTheModelsAndOfAnEnsembleTheWidest) {
  const auto with_limit = [](const std::string& limit) {
    Bundle bundle = toy_bundle("luong-dot");
    bundle.config.data.max_output = limit;
    return bundle;
  };
  EXPECT_EQ(Translator({toy_bundle("luong-dot")}).output_limit().text(), "x2+20");
  EXPECT_EQ(Translator({with_limit("x1.5+3")}).output_limit().text(), "x1.5+3");
  EXPECT_EQ(Translator({with_limit("x1.5+30"), with_limit("x3+4")}).output_limit().text(), "x3+30");
  const auto sentences = toy_sentences(5);
  for (const Translated& answer : Translator({with_limit("3")}).translate(sentences, beam_options(1, 8, 1))) {
    EXPECT_LE(answer.translations.front().tokens.size(), 3U);
  }
}

TEST(Translator, OfALineWithoutEndTheFrontIsRead) {
  const Translator translator({toy_bundle("luong-dot")});
  TranslateOptions how = beam_options(1, 8, 1);
  how.max_source_tokens = 2;
  std::string sentence = "5 6";
  sentence.resize(100000, ' ');
  const std::vector<std::string> sentences = {sentence + "7", sentence, "5 6"};
  const auto answers = translator.translate(sentences, how);
  EXPECT_EQ(answers[0].tokens_cut, 1);
  EXPECT_EQ(answers[0].source_tokens, answers[2].source_tokens);
  EXPECT_EQ(answers[2].tokens_cut, 0);
}

TEST(Translator, CutsLongSentences) {
  const Translator translator({toy_bundle("luong-dot")});
  TranslateOptions how = beam_options(1, 8, 1);
  how.max_source_tokens = 4;
  const std::vector<std::string> sentences = {"5 6 7 8 9 10", "5 6 7 8"};
  const auto answers = translator.translate(sentences, how);
  EXPECT_EQ(answers[0].tokens_cut, 2);
  EXPECT_EQ(answers[0].source_tokens, answers[1].source_tokens);
  EXPECT_EQ(answers[0].translations[0].tokens, answers[1].translations[0].tokens);
  EXPECT_EQ(answers[1].tokens_cut, 0);
}

TEST(Translator, ForcedLengthIsKept) {
  const Translator translator({toy_bundle("luong-general")});
  TranslateOptions how = beam_options(2, 8, 1);
  how.forced_length = 26;
  for (const Translated& answer : translator.translate(toy_sentences(5), how)) {
    for (const Translation& translation : answer.translations) EXPECT_EQ(translation.tokens.size(), 26U);
  }
}

}  // namespace
}  // namespace heed
