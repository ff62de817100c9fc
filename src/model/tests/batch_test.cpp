#include "heed/model/batch.h"

#include <gmock/gmock.h>

#include "error_of.h"
#include "heed/base/error.h"
#include "heed/base/rng.h"
#include "heed/text/vocabulary.h"

namespace heed {
namespace {

using testing::ElementsAre;
using Sequences = std::vector<std::vector<int>>;

constexpr int kVocabulary = 9;
constexpr int kBegin = 1;
constexpr int kEnd = 2;

TEST(PackSources, LongestFirstStepByStepWithEos) {
  const SourceBatch batch = pack_sources(Sequences{{3, 4}, {}, {5, 6, 7}}, kVocabulary);
  EXPECT_THAT(batch.step_rows, ElementsAre(3, 2, 2, 1));
  EXPECT_THAT(batch.ids, ElementsAre(5, 3, kEnd, 6, 4, 7, kEnd, kEnd));
  EXPECT_THAT(batch.lengths, ElementsAre(3, 1, 4));
  EXPECT_THAT(batch.offsets, ElementsAre(0, 3, 4));
  EXPECT_THAT(batch.by_sentence, ElementsAre(1, 4, 6, 2, 0, 3, 5, 7));
  EXPECT_THAT(batch.first_row, ElementsAre(1, 2, 0));
  EXPECT_THAT(batch.last_row, ElementsAre(6, 2, 7));
  EXPECT_EQ(batch.longest, 4);
  EXPECT_EQ(batch.sentences(), 3);
}

TEST(PackSources, EqualLengthsKeepTheirOrder) {
  const SourceBatch batch = pack_sources(Sequences{{3}, {4}, {5}}, kVocabulary);
  EXPECT_THAT(batch.ids, ElementsAre(3, 4, 5, kEnd, kEnd, kEnd));
  EXPECT_THAT(batch.step_rows, ElementsAre(3, 3));
}

TEST(PackTargets, InputsAreLabelsOneStepLater) {
  const TargetBatch batch = pack_targets(Sequences{{3}, {4, 5, 6}, {}}, kVocabulary);
  EXPECT_THAT(batch.order, ElementsAre(1, 0, 2));
  EXPECT_THAT(batch.step_rows, ElementsAre(3, 2, 1, 1));
  EXPECT_THAT(batch.inputs, ElementsAre(kBegin, kBegin, kBegin, 4, 3, 5, 6));
  EXPECT_THAT(batch.labels, ElementsAre(4, 3, kEnd, 5, kEnd, 6, kEnd));
  EXPECT_THAT(batch.lengths, ElementsAre(2, 4, 1));
}

// Every token stands in exactly one row, whatever the lengths are.
TEST(Packing, LosesNothing) {
  Rng rng(1);
  for (int round = 0; round < 50; ++round) {
    Sequences sequences(1 + rng.below(9));
    for (std::vector<int>& sequence : sequences) {
      sequence.resize(rng.below(8));
      for (int& id : sequence) id = static_cast<int>(rng.below(kVocabulary));
    }
    const SourceBatch source = pack_sources(sequences, kVocabulary);
    const TargetBatch target = pack_targets(sequences, kVocabulary);
    EXPECT_EQ(source.step_rows, target.step_rows);
    Sequences labels(sequences.size());
    std::size_t row = 0;
    for (const int rows : target.step_rows) {
      for (int r = 0; r < rows; ++r) labels[target.order[r]].push_back(target.labels[row++]);
    }
    EXPECT_EQ(row, target.labels.size());
    for (std::size_t i = 0; i < sequences.size(); ++i) {
      std::vector<int> expected = sequences[i];
      expected.push_back(kEnd);
      EXPECT_EQ(labels[i], expected);
      std::vector<int> read;
      for (int t = 0; t < source.lengths[i]; ++t) read.push_back(source.ids[source.by_sentence[source.offsets[i] + t]]);
      EXPECT_EQ(read, expected);
    }
  }
}

TEST(Packing, RefusesIdsOutsideTheVocabulary) {
  for (const int id : {-1, kVocabulary, 1 << 30}) {
    for (const bool source : {true, false}) {
      const Sequences sequences = {{3, 4}, {5, id}};
      const std::string text = error_of(
          [&] { source ? void(pack_sources(sequences, kVocabulary)) : void(pack_targets(sequences, kVocabulary)); });
      EXPECT_NE(text.find(std::to_string(id)), std::string::npos) << text;
      EXPECT_NE(text.find(std::to_string(kVocabulary)), std::string::npos) << text;
    }
  }
}

TEST(Batch, CopiedWordsAreLabelsAndReadAsUnknown) {
  const SourceBatch source = pack_sources(Sequences{{3}, {0, 5}}, kVocabulary, Sequences{{4}, {kVocabulary, 5}});
  EXPECT_EQ(source.copies, (std::vector<int>{4, Vocabulary::kEnd, kVocabulary, 5, Vocabulary::kEnd}));
  const TargetBatch target = pack_targets(Sequences{{4}, {kVocabulary, 3}}, kVocabulary, source);
  EXPECT_EQ(target.labels, (std::vector<int>{kVocabulary, 4, 3, Vocabulary::kEnd, Vocabulary::kEnd}));
  EXPECT_EQ(target.inputs, (std::vector<int>{Vocabulary::kBegin, Vocabulary::kBegin, Vocabulary::kUnknown, 4, 3}));
  EXPECT_THROW(pack_targets(Sequences{{kVocabulary}, {3}}, kVocabulary, source), Error);  // another's word
  EXPECT_THROW(pack_sources(Sequences{{3}, {4}}, kVocabulary, Sequences{{4}}), Error);
  EXPECT_THROW(pack_sources(Sequences{{3}}, kVocabulary, Sequences{{4, 4}}), Error);
}

TEST(Batch, SourcesWithoutAnEndAreTheirTokensAlone) {
  const Sequences sources = {{3, 4}, {}, {5, 6, 7}}, copied = {{4, 8}, {}, {5, 6, 7}},
                  features = {{3, 4, 8, 8}, {2, 2}, {5, 6, 7, 9, 9, 9}};
  const auto tokens = views_of(sources), copies = views_of(copied), values = views_of(features);
  SourceBatch batch;
  pack_sources({tokens, copies, values}, {kVocabulary, {.always = false}}, batch);
  EXPECT_THAT(batch.lengths, ElementsAre(2, 1, 3));  // what has no token is EOS
  EXPECT_THAT(batch.ids, ElementsAre(5, 3, kEnd, 6, 4, 7));
  EXPECT_THAT(batch.last_row, ElementsAre(4, 2, 5));
  EXPECT_THAT(batch.copies, ElementsAre(4, 8, kEnd, 5, 6, 7));
  EXPECT_THAT(batch.features, ElementsAre(batch.ids, ElementsAre(9, 8, kEnd, 9, 8, 9)));
  const Sequences with_end = {{3, 4, 2}, {2}, {5, 6, 7, 2}};
  const auto wrong = views_of(with_end);
  EXPECT_THROW(pack_sources({.tokens = tokens, .features = wrong}, {kVocabulary, {.always = false}}, batch), Error);
}

TEST(Batch, FeaturesArePackedAsTheirTokensAre) {
  const Sequences sources = {{3, 4}, {5, 6, 7}}, features = {{3, 4, 2, 8, 8, 2}, {5, 6, 7, 2, 9, 9, 9, 2}};
  const std::vector<std::span<const int>> tokens = views_of(sources), values = views_of(features);
  SourceBatch batch;
  pack_sources({.tokens = tokens, .features = values}, {kVocabulary}, batch);
  ASSERT_EQ(batch.features.size(), 2U);
  EXPECT_EQ(batch.features[0], batch.ids);
  EXPECT_EQ(batch.features[1], (std::vector<int>{9, 8, 9, 8, 9, 2, 2}));
  const Sequences fewer = {{3, 4, 2, 8, 8, 2}, {5, 6, 7, 2}};
  const std::vector<std::span<const int>> wrong = views_of(fewer);
  EXPECT_THROW(pack_sources({.tokens = tokens, .features = wrong}, {kVocabulary}, batch), Error);
  pack_sources({.tokens = tokens}, {kVocabulary}, batch);
  EXPECT_TRUE(batch.features.empty());
}

}  // namespace
}  // namespace heed
