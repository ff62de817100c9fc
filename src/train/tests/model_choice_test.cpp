#include "../model_choice.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "numbered_side.h"

namespace heed {
namespace {

struct Choice {
  ModelOptions model;
  std::vector<std::string> said;
};

Choice choose(ModelOptions options, int source, int target, const ModelOptions* start = nullptr) {
  std::vector<std::string> said;
  choose_model(options, numbered_side(source), numbered_side(target), start,
               [&](LogLevel, std::string_view text) { said.emplace_back(text); });
  return {options, said};
}

TEST(ModelChoice, GoesByTheSizesOfTheVocabularies) {
  const Choice letters = choose({}, 30, 60);
  EXPECT_EQ(letters.model.attention.kind, "bahdanau");
  EXPECT_EQ(letters.model.tied, "none");
  EXPECT_EQ(letters.model.input_feeding, false) << "the context enters the cell";
  EXPECT_THAT(letters.said, testing::ElementsAre("model.attention.kind: bahdanau, chosen as the larger vocabulary has "
                                                 "60 tokens"));
  const Choice pieces = choose({}, 4000, 2000);
  EXPECT_EQ(pieces.model.attention.kind, "luong-general");
  EXPECT_EQ(pieces.model.tied, "target");
  EXPECT_EQ(pieces.model.input_feeding, true);
  EXPECT_THAT(pieces.said, testing::ElementsAre("model.attention.kind: luong-general, chosen as the larger vocabulary "
                                                "has 4000 tokens",
                                                "model.tied: target, chosen as the target has 2000 tokens"));
  EXPECT_EQ(choose({}, 4000, 60).model.attention.kind, "luong-general");
  EXPECT_EQ(choose({}, 4000, 60).model.tied, "none");
  EXPECT_EQ(choose({}, 60, 4000).model.attention.kind, "luong-general");
}

TEST(ModelChoice, LeavesWhatIsSet) {
  ModelOptions set;
  set.attention.kind = "luong-dot";
  set.tied = "target";
  const Choice kept = choose(set, 30, 30);
  EXPECT_EQ(kept.model.attention.kind, "luong-dot");
  EXPECT_EQ(kept.model.tied, "target");
  EXPECT_TRUE(kept.said.empty());
}

TEST(ModelChoice, WhatGoesWithAMechanismIsNotGivenAnother) {
  for (void (*set)(ModelOptions&) : {
           +[](ModelOptions& options) { options.attention.scale = "none"; },
           +[](ModelOptions& options) { options.attention_entry = "output-only"; },
           +[](ModelOptions& options) { options.attention_layers = "each"; },
           +[](ModelOptions& options) { options.input_feeding = true; },
       }) {
    ModelOptions options;
    options.decoder_layers = 2;
    set(options);
    EXPECT_EQ(choose(options, 30, 30).model.attention.kind, "luong-general");
  }
}

TEST(ModelChoice, TiesOnlyWhereTheWidthsAgree) {
  ModelOptions narrow;
  narrow.embedding = 64;
  EXPECT_EQ(choose(narrow, 4000, 4000).model.tied, "none");
  narrow.target_embedding = narrow.decoder_hidden;
  EXPECT_EQ(choose(narrow, 4000, 4000).model.tied, "target");
}

TEST(ModelChoice, IsThatOfTheModelThatATrainingStartsFrom) {
  ModelOptions start;
  start.attention.kind = "luong-general";
  start.tied = "all";
  EXPECT_EQ(choose({}, 30, 30, &start).model.attention.kind, "luong-general");
  EXPECT_EQ(choose({}, 30, 30, &start).model.tied, "all");
  EXPECT_EQ(choose({}, 30, 40, &start).model.tied, "target") << "one table has one vocabulary";
  start.tied = "none";
  EXPECT_EQ(choose({}, 4000, 4000, &start).model.tied, "none");
}

}  // namespace
}  // namespace heed
