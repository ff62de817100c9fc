#include "heed/nn/attention.h"

#include <algorithm>

#include "attention_conformance.h"
#include "error_of.h"
#include "test_name.h"

namespace heed {
namespace {

std::unique_ptr<Attention> compose(const std::string& name, const AttentionSizes& sizes, AttentionOptions options,
                                   const std::string& kind, int hops = 1, const std::string& combine = "concat") {
  options.kind = kind;
  options.hops = hops;
  options.combine = combine;
  return make_attention(name, sizes, options);
}

AttentionKind composition(const std::string& name, decltype(AttentionKind::make) make,
                          std::vector<std::string> refuses = {}) {
  AttentionKind kind{name, "a composition", "none", ContextEntry::kOutput, make};
  kind.refuses = std::move(refuses);
  return kind;
}

/// Mechanisms made of mechanisms must do all that one alone does.
std::vector<AttentionKind> compositions() {
  return {
      composition("two-hops",
                  [](const std::string& name, const AttentionSizes& sizes, const AttentionOptions& options) {
                    return compose(name, sizes, options, "bahdanau", 2);
                  }),
      composition("beside-each-other",
                  [](const std::string& name, const AttentionSizes& sizes, const AttentionOptions& options) {
                    return compose(name, sizes, options, "luong-general + bahdanau");
                  }),
      composition("gated",
                  [](const std::string& name, const AttentionSizes& sizes, const AttentionOptions& options) {
                    return compose(name, sizes, options, "luong-general+multi-head", 1, "gate");
                  },
                  {"heads that do not divide the width"}),
      composition("hops-of-heads",
                  [](const std::string& name, const AttentionSizes& sizes, const AttentionOptions& options) {
                    return compose(name, sizes, options, "multi-head", 2);
                  },
                  {"heads that do not divide the width"}),
  };
}

std::vector<AttentionKind> mechanisms() {
  std::vector<AttentionKind> out = compositions();
  for (const AttentionKind& kind : attention_kinds()) {
    if (kind.make != nullptr) out.push_back(kind);
  }
  return out;
}

// Every line of the table but `none`: a new mechanism is tested by being listed.
class AttentionConformance : public testing::TestWithParam<AttentionKind> {};
INSTANTIATE_TEST_SUITE_P(Kinds, AttentionConformance, testing::ValuesIn(mechanisms()),
                         [](const auto& test) { return test_name(test.param.name); });

TEST_P(AttentionConformance, RowsSumToOneAndEndAtTheSentence) {
  for (const NormalizerKind& normalizer : conformance::normalizers_of(GetParam())) {
    SCOPED_TRACE(normalizer.name);
    conformance::rows_sum_to_one_and_end_at_the_sentence(GetParam(), normalizer);
  }
}
TEST_P(AttentionConformance, ContextIsTheWeightedSum) { conformance::context_is_the_weighted_sum(GetParam()); }
TEST_P(AttentionConformance, BatchesChangeNothing) {
  for (const NormalizerKind& normalizer : conformance::normalizers_of(GetParam())) {
    SCOPED_TRACE(normalizer.name);
    conformance::batches_change_nothing(GetParam(), normalizer);
  }
}
TEST_P(AttentionConformance, InterleavedSentencesDoNotMeet) {
  conformance::interleaved_sentences_do_not_meet(GetParam());
}
TEST_P(AttentionConformance, GradientsAreRight) {
  for (const NormalizerKind& normalizer : conformance::normalizers_of(GetParam())) {
    SCOPED_TRACE(normalizer.name);
    conformance::gradients_are_right(GetParam(), normalizer);
  }
}
TEST_P(AttentionConformance, WhatIsCarriedGoesWithItsRow) {
  conformance::what_is_carried_goes_with_its_row(GetParam());
}

TEST_P(AttentionConformance, RefusesWhatDoesNotFit) { conformance::refuses_what_does_not_fit(GetParam()); }
TEST_P(AttentionConformance, RefusesWhatIsOfAnother) { conformance::refuses_what_is_of_another(GetParam()); }

TEST_P(AttentionConformance, RefusesWhatItsLineSays) { conformance::refuses_what_its_line_says(GetParam()); }

TEST_P(AttentionConformance, OtherWidthsWorkUnlessTheyAreRefused) {
  const conformance::Trial& unequal = conformance::trials().front();
  const std::string refusal = conformance::refusal_of(GetParam(), unequal);
  if (!refusal.empty()) {
    for (const std::string& part : {GetParam().name, std::string("12"), std::string("20")}) {
      EXPECT_NE(refusal.find(part), std::string::npos) << refusal;
    }
    return;
  }
  const conformance::Mechanism mechanism(GetParam(), unequal.sizes);
  Arena arena;
  Tape tape(arena);
  const std::vector<int> lengths = {5};
  const std::vector<int> offsets = {0};
  const Variable states = tape.variable(5, conformance::kWidth);
  const Variable query = tape.variable(1, 12);
  randomize(states.value(), 1);
  randomize(query.value(), 2);
  const AttentionMemory memory = mechanism.attention->prepare(tape, {states, {offsets, lengths, 5}});
  const Attended attended = mechanism.attention->attend(tape, {query, memory, offsets, {}});
  EXPECT_EQ(attended.context.columns(), mechanism.attention->context_columns());
  EXPECT_EQ(attended.trace.weights.columns(), 5);
}

TEST_P(AttentionConformance, TheSameSeedGivesTheSameWeights) {
  const auto values = [&](std::uint64_t seed) {
    std::vector<float> out;
    Rng rng(seed);
    const auto attention = GetParam().make("attention", {8, 8}, conformance::small_options());
    initialize(*attention, rng);
    attention->visit([&](Parameter& parameter) {
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

// What a sentence gets from a mechanism in any number of steps.
std::vector<std::vector<float>> weights_of(const std::string& kind, int length, int steps) {
  const conformance::Mechanism mechanism(find_attention(kind));
  conformance::Sentence sentence = conformance::make_sentence(length, 4);
  while (static_cast<int>(sentence.queries.size()) < steps) {
    sentence.queries.push_back(conformance::make_sentence(1, sentence.queries.size()).queries[0]);
  }
  conformance::Batch batch(*mechanism.attention, {sentence}, {0}, {sentence});
  for (int t = 0; t < steps; ++t) batch.step();
  return batch.all_steps().front().weights;
}

// Window 2 (small_options). The window moves with the step, and stays at the end of a source that is shorter.
TEST(LocalAttention, TheMonotonicWindowMovesAndStaysAtTheEnd) {
  constexpr int kLength = 9;
  const auto weights = weights_of("luong-local-m", kLength, 14);
  ASSERT_EQ(weights.size(), 14U);
  for (int t = 0; t < 14; ++t) {
    for (int s = 0; s < kLength; ++s) {
      const bool inside = std::abs(s - std::min(t, kLength - 1)) <= 2;
      EXPECT_EQ(weights[t][s] > 0, inside) << "step " << t << ", position " << s;
    }
  }
}

TEST(LocalAttention, ThePredictedWindowIsOnePieceOfFewPositions) {
  for (const int length : {1, 2, 5, 40}) {
    for (const auto& row : weights_of("luong-local-p", length, 9)) {
      const auto positive = [](float weight) { return weight > 0; };
      const auto first = std::find_if(row.begin(), row.end(), positive);
      const auto last = std::find_if(row.rbegin(), row.rend(), positive).base();
      ASSERT_LT(first, last);
      EXPECT_LE(last - first, 5);
      EXPECT_TRUE(std::all_of(first, last, positive));
    }
  }
}

// 3 positions (small_options).
TEST(LocationAttention, PositionsBeyondHaveNoWeight) {
  for (const auto& row : weights_of("luong-location", 7, 3)) {
    for (int s = 0; s < 7; ++s) EXPECT_EQ(row[s] > 0, s < 3);
  }
}

TEST(NormalizerTable, EveryLineIsCompleteAndAnUnknownNameIsRefused) {
  for (const NormalizerKind& kind : normalizer_kinds()) {
    EXPECT_FALSE(kind.description.empty() || kind.paper.empty()) << kind.name;
    EXPECT_EQ(&find_normalizer(kind.name), &kind);
  }
  EXPECT_EQ(error_of<UsageError>([] { find_normalizer("sparsmax"); }),
            "unknown normaliser 'sparsmax'; did you mean 'sparsemax'?");
}

TEST(AttentionTable, EveryLineIsComplete) {
  for (const AttentionKind& kind : attention_kinds()) {
    EXPECT_FALSE(kind.name.empty());
    EXPECT_FALSE(kind.description.empty()) << kind.name;
    EXPECT_FALSE(kind.paper.empty()) << kind.name;
    EXPECT_EQ(&find_attention(kind.name), &kind);
  }
}

TEST(AttentionTable, ComesWithHeadsAndLayersInTheOrderOfTheirWeights) {
  AttentionOptions options;
  options.kind = "multi-head+bahdanau";
  options.heads = 3;
  options.hops = 2;
  EXPECT_EQ(make_attention("attention", {12, 12}, options)->heads(), (std::vector<int>{3, 1, 3, 1}));
}

TEST(AttentionTable, WhatMakesNoSenseIsRefused) {
  const auto fault = [](const AttentionOptions& options) {
    return error_of<UsageError>([&] { (void)make_attention("attention", {12, 12}, options); });
  };
  AttentionOptions options;
  options.kind = "bahdanau+none";
  EXPECT_NE(fault(options).find("'none' cannot be joined with others"), std::string::npos);
  options.kind = "none";
  EXPECT_EQ(fault(options), "");
  options.hops = 2;
  EXPECT_NE(fault(options).find("no hops without attention"), std::string::npos);
  options = {};
  options.kind = "multi-head";
  options.heads = 5;
  EXPECT_NE(fault(options).find("heads is 5, which does not divide"), std::string::npos);
  options.heads = 2;
  options.score = "multi-head";
  EXPECT_NE(fault(options).find("cannot score the heads"), std::string::npos);
  options.score = "bahdanoo";
  EXPECT_NE(fault(options).find("did you mean 'bahdanau'"), std::string::npos);
}

TEST(AttentionTable, EachLineSaysWhatItsMechanismReads) {
  for (const AttentionKind& kind : attention_kinds()) {
    if (kind.make != nullptr) conformance::reads_what_its_line_says(kind);
  }
}

TEST(AttentionTable, AnOptionThatNothingReadsIsRefused) {
  const auto fault = [](const AttentionOptions& options) {
    return error_of<UsageError>([&] { check_effect(options); });
  };
  AttentionOptions options;
  options.kind = "bahdanau";
  options.window = 3;
  EXPECT_EQ(fault(options),
            "model.attention.window has no effect on 'bahdanau': luong-local-m, luong-local-p and "
            "hard-exact-first-order read it");
  options.kind = "bahdanau+luong-local-p";
  EXPECT_EQ(fault(options), "");
  options.kind = "multi-head";
  EXPECT_NE(fault(options).find("(score: scaled-dot)"), std::string::npos);
  options.score = "luong-local-m";
  EXPECT_EQ(fault(options), "");
  options = {};
  options.kind = "monotonic-soft";
  options.temperature = 2;
  EXPECT_NE(fault(options).find("model.attention.temperature has no effect on 'monotonic-soft'"), std::string::npos);
  options.kind = "none";
  EXPECT_NE(fault(options).find("without attention"), std::string::npos);
}

TEST(AttentionTable, AMechanismFromOutsideIsAsGoodAsAnyOther) {
  AttentionKind own = find_attention("luong-general");
  own.name = "general-of-my-own";
  add_attention_kind(own);
  EXPECT_EQ(find_attention("general-of-my-own").paper, own.paper);
  EXPECT_THROW(add_attention_kind(own), UsageError);  // taken
  own.name = "a+b";
  EXPECT_THROW(add_attention_kind(own), UsageError);  // no name
  own.name = "general-in-a-window";
  own.reads = {"windo"};
  EXPECT_THROW(add_attention_kind(own), UsageError);  // reads what there is not
}

TEST(AttentionTable, AnUnknownNameComesWithTheNearest) {
  EXPECT_EQ(error_of<UsageError>([] { find_attention("lunog-general"); }),
            "unknown attention 'lunog-general'; did you mean 'luong-general'?");
  EXPECT_THROW(find_attention(""), UsageError);
}

}  // namespace
}  // namespace heed
