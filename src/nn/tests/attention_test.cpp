#include "heed/nn/attention.h"

#include "attention_conformance.h"
#include "heed/base/error.h"

namespace heed {
namespace {

std::vector<AttentionKind> mechanisms() {
  std::vector<AttentionKind> out;
  for (const AttentionKind& kind : attention_kinds()) {
    if (kind.make != nullptr) out.push_back(kind);
  }
  return out;
}

// Every line of the table but `none`: a new mechanism is tested by being listed.
class AttentionConformance : public testing::TestWithParam<AttentionKind> {};
INSTANTIATE_TEST_SUITE_P(Kinds, AttentionConformance, testing::ValuesIn(mechanisms()), [](const auto& test) {
  std::string name = test.param.name;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  return name;
});

TEST_P(AttentionConformance, RowsSumToOneAndEndAtTheSentence) {
  conformance::rows_sum_to_one_and_end_at_the_sentence(GetParam());
}
TEST_P(AttentionConformance, ContextIsTheWeightedSum) { conformance::context_is_the_weighted_sum(GetParam()); }
TEST_P(AttentionConformance, BatchesChangeNothing) { conformance::batches_change_nothing(GetParam()); }
TEST_P(AttentionConformance, InterleavedSentencesDoNotMeet) {
  conformance::interleaved_sentences_do_not_meet(GetParam());
}
TEST_P(AttentionConformance, GradientsAreRight) { conformance::gradients_are_right(GetParam()); }

TEST_P(AttentionConformance, OtherWidthsWorkOrAreRefused) {
  try {
    const conformance::Mechanism mechanism(GetParam(), {12, conformance::kWidth});
    Arena arena;
    Tape tape(arena);
    const std::vector<int> lengths = {5};
    const std::vector<int> offsets = {0};
    const Variable states = tape.variable(5, conformance::kWidth);
    const Variable query = tape.variable(1, 12);
    randomize(states.value(), 1);
    randomize(query.value(), 2);
    const AttentionMemory memory = mechanism.attention->prepare(tape, {states, {offsets, lengths, 5}});
    const Attended attended = mechanism.attention->attend(tape, query, memory, offsets, {});
    EXPECT_EQ(attended.context.columns(), conformance::kWidth);
    EXPECT_EQ(attended.trace.weights.columns(), 5);
  } catch (const UsageError& error) {
    const std::string text = error.what();
    for (const std::string& part : {GetParam().name, std::string("12"), std::string("20")}) {
      EXPECT_NE(text.find(part), std::string::npos) << text;
    }
  }
}

TEST_P(AttentionConformance, TheSameSeedGivesTheSameWeights) {
  const auto values = [&](std::uint64_t seed) {
    std::vector<float> out;
    Rng rng(seed);
    GetParam().make({8, 8}, rng)->visit([&](Parameter& parameter) {
      const Tensor& value = parameter.value.view();
      out.insert(out.end(), value.data, value.data + value.size());
    });
    return out;
  };
  EXPECT_EQ(values(1), values(1));
  if (!values(1).empty()) {
    EXPECT_NE(values(1), values(2));
  }
}

TEST(AttentionTable, EveryLineIsComplete) {
  for (const AttentionKind& kind : attention_kinds()) {
    EXPECT_FALSE(kind.name.empty());
    EXPECT_FALSE(kind.description.empty()) << kind.name;
    EXPECT_FALSE(kind.paper.empty()) << kind.name;
    EXPECT_EQ(&find_attention(kind.name), &kind);
  }
}

TEST(AttentionTable, AnUnknownNameComesWithTheNearest) {
  try {
    find_attention("lunog-general");
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_STREQ(error.what(), "unknown attention 'lunog-general'; did you mean 'luong-general'?");
  }
  EXPECT_THROW(find_attention(""), UsageError);
}

}  // namespace
}  // namespace heed
