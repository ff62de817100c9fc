#include "heed/autograd/recurrent_attention.h"

#include <algorithm>

#include "gradient_check.h"
#include "three_sentences.h"

namespace heed {
namespace {

using Outputs = GradientCheck::Outputs;
using Inputs = std::span<const Variable>;

TEST(RecurrentAttention, AdditivePairScores) {
  const ThreeSentences s;
  for (const int count : {1, 5}) {
    GradientCheck check;
    check.input(9, 6);
    check.input(4, 6);
    check.input(4, 5 * count);
    check.input(2, 6);
    const Parameter& v = check.parameter("v", 1, 6, ParameterRole::kVector);
    const Parameter& weights = check.parameter("weights", count, 6, ParameterRole::kVector);
    check.run([&](Tape& tape, Inputs x) {
      const SourceMatrix keys = source_matrix(tape, x[0], s.rows());
      const Variable shared = value_of(tape, v);
      return Outputs{{additive_pair_scores(tape, {x[1], keys, shared}, {x[2], value_of(tape, weights)}, s.first),
                      additive_pair_scores(tape, {x[3], keys, shared}, {}, s.second)}};
    });
  }
}

TEST(RecurrentAttention, LocationFeatures) {
  const ThreeSentences s;
  GradientCheck check;
  check.input(4, 5);
  const Parameter& filters = check.parameter("filters", 3, 18, ParameterRole::kVector);
  check.run([&](Tape& tape, Inputs x) {
    const Variable shared = value_of(tape, filters);
    return Outputs{{location_features(tape, x[0], shared, s.rows(), s.first),
                    location_features(tape, tape.view(x[0], 0, 2), shared, s.rows(), s.second)}};
  });
}

TEST(RecurrentAttention, CoveredShare) {
  const ThreeSentences s;
  GradientCheck check;
  check.input(4, 5);
  check.input(9, 1);
  check.run([&](Tape& tape, Inputs x) {
    return Outputs{{covered_share(tape, x[0], source_matrix(tape, x[1], s.rows()), 2, s.first)}};
  });
}

TEST(RecurrentAttention, GatedCoverage) {
  const ThreeSentences s;
  for (const int count : {2, 17}) {
    GradientCheck check;
    check.input(4, 5);
    check.input(4, 3 * count);
    check.input(9, 3 * count);
    check.input(2, 5);
    const Parameter& of_weight = check.parameter("of_weight", 1, 3 * count, ParameterRole::kVector);
    const Parameter& recurrent = check.parameter("recurrent", count, 3 * count, ParameterRole::kVector);
    check.run([&](Tape& tape, Inputs x) {
      const SourceMatrix positions = source_matrix(tape, x[2], s.rows());
      const Variable weight = value_of(tape, of_weight);
      const Variable gates = value_of(tape, recurrent);
      const Variable first = gated_coverage(tape, {x[0], {}, x[1], positions, weight, gates}, s.first);
      const GatedCoverageTerms next{x[3], tape.view(first, 0, 2), tape.view(x[1], 1, 2), positions, weight, gates};
      return Outputs{{first, gated_coverage(tape, next, s.second)}};
    });
  }
}

TEST(RecurrentAttention, MonotonicAlignmentAndChunks) {
  const ThreeSentences s;
  GradientCheck check;
  check.input(4, 5);
  check.input(2, 5);
  check.input(2, 5);
  check.input(1, 1);
  check.run([&](Tape& tape, Inputs x) {
    const auto stops = [&](const Variable& scores, std::span<const int> sentence) {
      return choice_probability(tape, scores, x[3], {s.rows(), sentence}, {});
    };
    const Variable first = monotonic_alignment(tape, stops(x[0], s.first), {}, {s.rows(), s.first});
    const Variable before = tape.view(first, 0, 2);
    const Variable second = monotonic_alignment(tape, stops(x[1], s.second), before, {s.rows(), s.second});
    return Outputs{{first, second, chunk_weights(tape, second, x[2], 3, {s.rows(), s.second})}};
  });
}

TEST(RecurrentAttention, NoiseIsOnlyInTraining) {
  const ThreeSentences s;
  for (const bool recording : {false, true}) {
    Arena arena;
    Tape tape(arena, recording);
    const Variable scores = tape.variable(arena.zeros(4, 5));
    const Variable offset = tape.variable(arena.zeros(1, 1));
    Rng rng(1);
    const Variable p = choice_probability(tape, scores, offset, {s.rows(), s.first}, {1, &rng});
    for (int i = 0; i < 5; ++i) EXPECT_EQ(p.value().row(0)[i] == 0.5F, !recording);
    EXPECT_EQ(p.value().row(3)[1], 0.0F);  // beyond its sentence
  }
}

TEST(RecurrentAttention, JumpAlignment) {
  const ThreeSentences s;
  for (const int window : {0, 1, 10}) {
    const int jumps = 2 * window + 1;
    GradientCheck check;
    check.input(9, jumps);
    check.input(4, jumps);
    check.input(2, jumps);
    check.input(4, 5);
    check.all_used = window > 0;  // where nothing can jump, all is certain
    check.run([&](Tape& tape, Inputs x) {
      const SourceMatrix keys = source_matrix(tape, x[0], s.rows());
      const Variable stood = attention_softmax(tape, x[3], s.rows(), s.first);
      return Outputs{{jump_alignment(tape, {}, x[1], keys, s.first), jump_alignment(tape, stood, x[2], keys, s.second),
                      jump_alignment(tape, stood, x[1], keys, s.first)}};
    });
  }
}

TEST(RecurrentAttention, AJumpMayReachTheWindowAndNoFurther) {
  const std::vector<int> lengths = {6};
  const std::vector<int> offsets = {0};
  const std::vector<int> sentence = {0};
  Arena arena;
  Tape tape(arena);
  const auto zeros = [&](std::int64_t rows, std::int64_t columns) { return tape.variable(arena.zeros(rows, columns)); };
  const SourceMatrix keys = source_matrix(tape, zeros(6, 5), {offsets, lengths, 6});
  const Variable first = jump_alignment(tape, {}, zeros(1, 5), keys, sentence);
  for (int s = 0; s < 6; ++s) EXPECT_FLOAT_EQ(first.value().data[s], s <= 2 ? 1.0F / 3 : 0.0F);
  const Variable at_end = zeros(1, 6);
  at_end.value().data[5] = 1;
  const Variable next = jump_alignment(tape, at_end, zeros(1, 5), keys, sentence);
  for (int s = 0; s < 6; ++s) EXPECT_FLOAT_EQ(next.value().data[s], s >= 3 ? 1.0F / 3 : 0.0F);
}

TEST(RecurrentAttention, PositionPosterior) {
  const ThreeSentences s;
  GradientCheck check;
  check.input(4, 5);
  check.input(4, 5);
  check.run([&](Tape& tape, Inputs x) {
    const Variable prior = attention_softmax(tape, x[0], s.rows(), s.first);
    return Outputs{{position_posterior(tape, prior, x[1], {s.rows(), s.first})}};
  });
}

// However improbable the token is from everywhere, and where the prior is 0.
TEST(RecurrentAttention, PositionPosteriorOfExtremes) {
  const ThreeSentences s;
  const std::vector<int> sentence = {0, 0};
  Arena arena;
  Tape tape(arena, true);
  const Variable prior = tape.variable(2, 5);
  const Variable tells = tape.variable(2, 5);
  const std::vector<float> priors = {0.5F, 0.5F, 0, 0, 0, 1e-40F, 0, 1, 0, 0};
  const std::vector<float> logs = {-1e4F, -1e4F - 1, 0, 0, 0, 0, 0, -80, 0, 0};
  std::copy(priors.begin(), priors.end(), prior.value().data);
  std::copy(logs.begin(), logs.end(), tells.value().data);
  const Variable out = position_posterior(tape, prior, tells, {s.rows(), sentence});
  EXPECT_NEAR(out.value().row(0)[0], 0.731F, 2e-3F);
  EXPECT_EQ(out.value().row(0)[2], 0.0F);
  for (int r = 0; r < 2; ++r)
    EXPECT_NEAR(out.value().row(r)[0] + out.value().row(r)[1] + out.value().row(r)[2], 1, 1e-5);
  std::fill_n(out.gradient().data, 10, 1.0F);
  out.gradient().row(0)[0] = 2;
  tape.backward();
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(std::isfinite(prior.gradient().data[i]));
    EXPECT_TRUE(std::isfinite(tells.gradient().data[i]));
  }
}

}  // namespace
}  // namespace heed
