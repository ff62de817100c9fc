#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "heed/nn/attention.h"
#include "heed/nn/cell.h"
#include "heed/translate/translator.h"
#include "test_name.h"
#include "toy_bundle.h"

// What the house promises of float32, in the other numbers.
namespace heed {
namespace {

struct Case {
  std::string attention;
  Precision precision;
  std::string cell = "lstm";
};

std::vector<Case> cases() {
  std::vector<Case> out;
  for (const AttentionKind& kind : attention_kinds()) {
    for (const Precision precision : {Precision::kBfloat16, Precision::kInt8}) out.push_back({kind.name, precision});
  }
  for (const std::string& cell : cell_names()) {
    if (cell == "lstm") continue;
    for (const Precision precision : {Precision::kBfloat16, Precision::kInt8}) {
      out.push_back({"bahdanau", precision, cell});
    }
  }
  return out;
}

ModelOptions options_of(const Case& test, int hidden) {
  ModelOptions out = toy_options(test.attention, hidden);
  out.encoder_cell = out.decoder_cell = test.cell;
  return out;
}

// A width that is no multiple of any block.
Bundle narrow_bundle(const Case& test) {
  constexpr int kHidden = 74;
  Bundle bundle = toy_bundle(options_of(test, kHidden));
  pack(bundle, test.precision);
  bundle.precision = test.precision;
  return bundle;
}

class EachPrecision : public testing::TestWithParam<Case> {};

TEST_P(EachPrecision, ATranslationDoesNotDependOnBatchOrThreads) {
  const Translator translator({narrow_bundle(GetParam())});
  const auto sentences = toy_sentences(18, 7, 15);
  for (const int beam : {1, 4}) {
    TranslateOptions options;
    options.beam = options.nbest = beam;
    options.attention = true;
    options.batch_sentences = 1;
    const auto alone = translator.translate(sentences, options);
    for (const auto& [batch, threads] : {std::pair{3, 4}, std::pair{18, 1}}) {
      if (beam == 1 && batch == 3) continue;
      options.batch_sentences = batch;
      options.threads = threads;
      const auto answers = translator.translate(sentences, options);
      for (std::size_t i = 0; i < answers.size(); ++i) {
        ASSERT_EQ(answers[i].translations.size(), alone[i].translations.size());
        for (std::size_t n = 0; n < alone[i].translations.size(); ++n) {
          const Translation& one = alone[i].translations[n];
          const Translation& other = answers[i].translations[n];
          ASSERT_EQ(one.tokens, other.tokens) << "batch " << batch << ", sentence " << i;
          ASSERT_EQ(one.log_probability, other.log_probability) << "batch " << batch << ", sentence " << i;
          ASSERT_EQ(one.attention, other.attention) << "batch " << batch << ", sentence " << i;
        }
      }
    }
  }
}

// The toy's weights are four times as large as usual, so that its choices differ; here they are as usual, or the LSTM
// would be all switches, which rounding turns.
Bundle calm_bundle(const Case& test) {
  Bundle bundle = toy_bundle(options_of(test, 74));
  for (Parameter* parameter : bundle.model->parameters().all()) {
    const Tensor& value = parameter->value.view();
    for (std::int64_t i = 0; i < value.size(); ++i) value.data[i] *= 0.25F;
  }
  pack(bundle, test.precision);
  return bundle;
}

TEST_P(EachPrecision, ASentenceIsAboutAsProbableAsInFloat32) {
  const Bundle reference = calm_bundle({GetParam().attention, Precision::kFloat32, GetParam().cell});
  const auto sentences = toy_sentences(60);
  std::vector<SentencePair> pairs;
  for (std::size_t i = 0; i < sentences.size(); i += 2) pairs.push_back({sentences[i], "3 4 5 18 7 6 3"});
  const auto exact = score_targets(reference, pairs);
  const auto rounded = score_targets(calm_bundle(GetParam()), pairs);
  double difference = 0;
  double size = 0;
  bool same = true;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    for (std::size_t t = 0; t < exact[i].log_probabilities.size(); ++t) {
      difference += std::abs(exact[i].log_probabilities[t] - rounded[i].log_probabilities[t]);
      size += std::abs(exact[i].log_probabilities[t]);
      same = same && exact[i].log_probabilities[t] == rounded[i].log_probabilities[t];
    }
  }
  EXPECT_LT(difference / size, 0.01);
  EXPECT_FALSE(same) << "the products were not rounded";
}

INSTANTIATE_TEST_SUITE_P(All, EachPrecision, testing::ValuesIn(cases()), [](const auto& test) {
  return test_name(test.param.attention + "_" + test.param.cell + "_" + name_of(test.param.precision));
});

}  // namespace
}  // namespace heed
