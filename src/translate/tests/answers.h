#pragma once
#include <gtest/gtest.h>

#include <string>

#include "heed/translate/translator.h"

namespace heed {

// To the bit: tokens, scores and attention.
inline void expect_same(const Translated& a, const Translated& b, const std::string& what) {
  ASSERT_EQ(a.source, b.source) << what;
  ASSERT_EQ(a.source_tokens, b.source_tokens) << what;
  ASSERT_EQ(a.translations.size(), b.translations.size()) << what;
  for (std::size_t n = 0; n < a.translations.size(); ++n) {
    const Translation& x = a.translations[n];
    const Translation& y = b.translations[n];
    ASSERT_EQ(x.tokens, y.tokens) << what;
    ASSERT_EQ(x.text, y.text) << what;
    ASSERT_EQ(x.log_probability, y.log_probability) << what;
    ASSERT_EQ(x.score, y.score) << what;
    ASSERT_EQ(x.attention, y.attention) << what;
    ASSERT_EQ(x.attention_layers, y.attention_layers) << what;
  }
}

inline TranslateOptions beam_options(int beam, int batch, int threads) {
  TranslateOptions out;
  out.beam = beam;
  out.nbest = beam;
  out.batch_sentences = batch;
  out.threads = threads;
  out.attention = true;
  return out;
}

}  // namespace heed
