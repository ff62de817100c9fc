#include <gtest/gtest.h>

#include <numeric>

#include "answers.h"
#include "error_of.h"
#include "heed/translate/translator.h"
#include "numbered_side.h"
#include "toy_bundle.h"

namespace heed {
namespace {

TEST(Translator, EnsembleOfOneModelTwiceIsTheModel) {
  const Bundle bundle = toy_bundle("bahdanau");
  const auto sentences = toy_sentences(20);
  const auto one = Translator({bundle}).translate(sentences, beam_options(3, 8, 1));
  const auto two = Translator({bundle, bundle}).translate(sentences, beam_options(3, 8, 1));
  for (std::size_t i = 0; i < sentences.size(); ++i) {
    EXPECT_EQ(one[i].translations[0].tokens, two[i].translations[0].tokens);
    EXPECT_NEAR(one[i].translations[0].log_probability, two[i].translations[0].log_probability, 1e-4);
    EXPECT_EQ(one[i].translations[0].attention, two[i].translations[0].attention);
  }
}

TEST(Translator, EnsembleDoesNotDependOnBatch) {
  const Translator translator({toy_bundle("bahdanau"), toy_bundle("luong-general", 2), toy_bundle("none", 3)});
  const auto sentences = toy_sentences(20);
  const auto alone = translator.translate(sentences, beam_options(3, 1, 1));
  const auto together = translator.translate(sentences, beam_options(3, 32, 2));
  for (std::size_t i = 0; i < sentences.size(); ++i) expect_same(together[i], alone[i], "ensemble");
  for (const auto& row : alone[0].translations[0].attention) {
    EXPECT_NEAR(std::accumulate(row.begin(), row.end(), 0.0), 1.0, 1e-5);
  }
}

TEST(Translator, EnsembleNeedsOneVocabulary) {
  Bundle other = toy_bundle("bahdanau");
  other.source = numbered_side(kToySourceVocabulary + 1);
  const std::string error = error_of([&] { const Translator translator({toy_bundle("bahdanau"), other}); });
  EXPECT_NE(error.find("source side"), std::string::npos) << error;
}

}  // namespace
}  // namespace heed
