#include <gtest/gtest.h>

#include "answers.h"
#include "heed/translate/translator.h"
#include "toy_bundle.h"

namespace heed {
namespace {

TranslateOptions options(int beam, int batch, int threads, bool trace) {
  TranslateOptions out = beam_options(beam, batch, threads);
  out.trace = trace;
  return out;
}

/// Tokens and attention of the branch that ends in a candidate.
Translation branch(const Translated& translated, int place) {
  Translation out;
  for (; place >= 0; place = translated.trace.candidates[place].parent) {
    out.tokens.insert(out.tokens.begin(), translated.trace_tokens[place]);
    out.attention.insert(out.attention.begin(),
                         translated.trace.attention[translated.trace.candidates[place].attention]);
  }
  return out;
}

TEST(Trace, HasEachTranslationWhateverTheBatch) {
  const Translator translator({toy_bundle("bahdanau")});
  auto sentences = toy_sentences(20);
  sentences[3] = "  ";
  for (const int beam : {1, 4}) {
    const auto plain = translator.translate(sentences, options(beam, 7, 2, false));
    const auto alone = translator.translate(sentences, options(beam, 1, 1, true));
    const auto traced = translator.translate(sentences, options(beam, 7, 2, true));
    for (std::size_t i = 0; i < sentences.size(); ++i) {
      EXPECT_TRUE(plain[i].trace.candidates.empty());
      EXPECT_EQ(traced[i].trace_tokens, alone[i].trace_tokens);
      EXPECT_EQ(traced[i].trace_tokens.size(), traced[i].trace.candidates.size());
      EXPECT_EQ(traced[i].trace.attention, alone[i].trace.attention);
      for (std::size_t n = 0; n < plain[i].translations.size(); ++n) {
        const Translation& translation = traced[i].translations[n];
        EXPECT_EQ(translation.tokens, plain[i].translations[n].tokens);
        EXPECT_EQ(translation.score, plain[i].translations[n].score);
        int found = 0;
        for (std::size_t c = 0; c < traced[i].trace.candidates.size(); ++c) {
          if (traced[i].trace.candidates[c].fate == Fate::kKept || traced[i].trace.candidates[c].fate == Fate::kPruned)
            continue;
          const Translation way = branch(traced[i], static_cast<int>(c));
          if (way.tokens != translation.tokens) continue;
          ++found;
          EXPECT_EQ(way.attention, translation.attention);
          EXPECT_EQ(traced[i].trace.candidates[c].score, translation.score);
        }
        EXPECT_EQ(found, i == 3 ? 0 : 1);
      }
    }
  }
}

}  // namespace
}  // namespace heed
