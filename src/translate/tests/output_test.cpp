// What every line of the table of outputs must do: a new one is tested by being listed.
#include "heed/model/output.h"

#include <cmath>

#include "heed/text/vocabulary.h"
#include "heed/translate/model_scorer.h"
#include "heed/translate/translator.h"
#include "test_name.h"
#include "toy_bundle.h"

namespace heed {
namespace {

class Outputs : public testing::TestWithParam<OutputKind> {
 protected:
  /// With the mechanism of the same name, if there is one.
  static Bundle bundle() {
    ModelOptions options = toy_options("luong-general");
    options.output = GetParam().name;
    for (const AttentionKind& kind : attention_kinds()) {
      if (kind.name == options.output) options.attention.kind = kind.name;
    }
    return toy_bundle(options);
  }
};
INSTANTIATE_TEST_SUITE_P(Kinds, Outputs, testing::ValuesIn(output_kinds()),
                         [](const auto& test) { return test_name(test.param.name); });

TEST_P(Outputs, ProbabilitiesOfEachRowSumToOne) {
  const Bundle toy = bundle();
  ModelScorer scorer(*toy.model);
  const std::vector<std::vector<int>> sources = {{5, 6, 7, 8}, {9, 4}};
  if (GetParam().copies) {
    scorer.start(sources, sources);
  } else {
    scorer.start(sources);
  }
  scorer.advance(std::vector<int>{0, 1}, std::vector<int>{Vocabulary::kBegin, Vocabulary::kBegin});
  scorer.advance(std::vector<int>{1, 0, 0}, std::vector<int>{4, 5, 6});
  for (int row = 0; row < 3; ++row) {
    const RowScores scores = scorer.scores(row);
    double sum = 0;
    for (std::size_t v = 0; v < scores.logits.size(); ++v) {
      sum += std::exp(static_cast<double>(scores.log_probability(v)));
    }
    EXPECT_NEAR(sum, 1.0, 1e-5) << row;
  }
}

TEST_P(Outputs, SearchAndScoringSayTheSame) {
  const Bundle toy = bundle();
  const Translator translator({toy});
  int compared = 0;
  for (const Translated& answer : translator.translate(toy_sentences(40), {.beam = 3})) {
    const Translation& best = answer.translations.front();
    if (best.cut || best.text.empty() || best.text.find("<unk>") != std::string::npos) continue;
    const std::vector<SentencePair> pair = {{answer.source, best.text}};
    EXPECT_NEAR(score_targets(toy, pair).front().log_probability, best.log_probability,
                1e-4 * std::abs(best.log_probability))
        << best.text;
    ++compared;
  }
  EXPECT_GT(compared, 3);
}

TEST_P(Outputs, EveryLineIsCompleteAndFoundByItsName) {
  const OutputKind& kind = GetParam();
  EXPECT_FALSE(kind.name.empty() || kind.description.empty() || kind.paper.empty());
  ModelOptions options;
  options.output = kind.name;
  EXPECT_EQ(output_kind(options).name, kind.name);
}

}  // namespace
}  // namespace heed
