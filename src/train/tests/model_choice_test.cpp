#include "../model_choice.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace heed {
namespace {

struct Choice {
  ModelOptions model;
  std::vector<std::string> said;
};

Choice choose(const Config& given, int source, int target, std::size_t pairs = 5000) {
  Config config = given;
  std::vector<std::string> said;
  choose_model(config, {source, target, pairs}, [&](LogLevel, std::string_view text) { said.emplace_back(text); });
  return {config.model, said};
}

Config with(void (*set)(Config& config)) {
  Config out;
  set(out);
  return out;
}

TEST(ModelChoice, GoesByTheSizesOfTheVocabularies) {
  const Choice letters = choose({}, 30, 60);
  EXPECT_EQ(letters.model.attention.kind, "bahdanau");
  EXPECT_EQ(letters.model.tied, "none");
  EXPECT_EQ(letters.model.input_feeding, false) << "the context enters the cell";
  EXPECT_THAT(letters.said, testing::ElementsAre("model.attention.kind: bahdanau, chosen as no vocabulary has more "
                                                 "than 60 tokens"));
  const Choice pieces = choose({}, 4000, 2000);
  EXPECT_EQ(pieces.model.attention.kind, "luong-general");
  EXPECT_EQ(pieces.model.tied, "target");
  EXPECT_EQ(pieces.model.input_feeding, true);
  EXPECT_THAT(pieces.said, testing::ElementsAre("model.attention.kind: luong-general, chosen as a vocabulary has 4000 "
                                                "tokens, 1000 or more",
                                                "model.tied: target, chosen as the target has 2000 tokens"));
  EXPECT_EQ(choose({}, 4000, 60).model.attention.kind, "luong-general");
  EXPECT_EQ(choose({}, 4000, 60).model.tied, "none");
  EXPECT_EQ(choose({}, 60, 4000).model.attention.kind, "luong-general");
  EXPECT_EQ(choose({}, 60, 999).model.attention.kind, "bahdanau");
  EXPECT_EQ(choose({}, 60, 1000).model.attention.kind, "luong-general");
}

TEST(ModelChoice, GoesByTheNumberOfPairsToo) {
  EXPECT_EQ(choose({}, 30, 60, 5000).model.attention.kind, "bahdanau");
  const Choice few = choose({}, 30, 60, 4999);
  EXPECT_EQ(few.model.attention.kind, "luong-general");
  EXPECT_THAT(few.said, testing::ElementsAre("model.attention.kind: luong-general, chosen as there are 4999 training "
                                             "pairs, less than 5000"));
}

TEST(ModelChoice, LeavesWhatIsSet) {
  const Choice kept = choose(with([](Config& config) {
                               config.model.attention.kind = "luong-dot";
                               config.model.tied = "target";
                             }),
                             30, 30);
  EXPECT_EQ(kept.model.attention.kind, "luong-dot");
  EXPECT_EQ(kept.model.tied, "target");
  EXPECT_TRUE(kept.said.empty());
}

TEST(ModelChoice, WhatAMechanismDoesNotReadIsNotSetInVain) {
  const Choice scaled = choose(with([](Config& config) { config.model.attention.scale = "none"; }), 30, 30);
  EXPECT_EQ(scaled.model.attention.kind, "luong-general");
  EXPECT_THAT(scaled.said,
              testing::ElementsAre("model.attention.kind: luong-general, chosen as model.attention.scale is set"));
  const Choice each = choose(with([](Config& config) {
                               config.model.attention_layers = "each";
                               config.model.decoder_layers = 2;
                             }),
                             30, 30);
  EXPECT_EQ(each.model.attention.kind, "luong-general");
  const Choice dropped = choose(with([](Config& config) { config.model.attention.dropout = 0.1; }), 30, 30);
  EXPECT_EQ(dropped.model.attention.kind, "bahdanau") << "it reads that too";
}

TEST(ModelChoice, TiesOnlyWhereTheWidthsAgreeAndTheTableIsFree) {
  Config narrow;
  narrow.model.embedding = 64;
  EXPECT_EQ(choose(narrow, 4000, 4000).model.tied, "none");
  narrow.model.target_embedding = narrow.model.decoder_hidden;
  EXPECT_EQ(choose(narrow, 4000, 4000).model.tied, "target");
  EXPECT_EQ(choose(with([](Config& config) { config.training.freeze = {"target.embedding"}; }), 4000, 4000).model.tied,
            "none");
  EXPECT_EQ(choose(with([](Config& config) { config.model.pretrained_target = "a.vec"; }), 4000, 4000).model.tied,
            "none");
}

}  // namespace
}  // namespace heed
