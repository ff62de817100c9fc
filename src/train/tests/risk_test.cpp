// Minimum-risk training and distillation.
#include "../risk.h"

#include <gmock/gmock.h>

#include <cmath>

#include "../teachers.h"
#include "error_of.h"
#include "small_trainings.h"
#include "small_updater.h"

namespace heed {
namespace {

using testing::HasSubstr;

// Equations 9 to 11 of Shen et al. 2016, for one sentence.
double risk_of(const std::vector<double>& log_probability, const std::vector<double>& cost, double sharpness) {
  double sum = 0, risk = 0;
  for (const double each : log_probability) sum += std::exp(sharpness * each);
  for (std::size_t y = 0; y < cost.size(); ++y) risk += std::exp(sharpness * log_probability[y]) / sum * cost[y];
  return risk;
}

TEST(Risk, FactorsAreTheDerivativesOfTheRisk) {
  RiskCandidates candidates;
  candidates.sentence = {0, 0, 0, 1, 1, 2};
  candidates.cost = {0.1, 0.8, 0.4, 1, 0, 0.3};
  candidates.targets.resize(6);
  const std::vector<double> log_probability = {-3, -5, -4, -2, -2.5, -7};
  constexpr double kSharpness = 0.3;
  const RiskFactors found = risk_factors(candidates, log_probability, kSharpness);
  const auto total = [&](std::vector<double> p) {
    const auto part = [&](std::size_t from, std::size_t to) {
      const auto begin = static_cast<std::ptrdiff_t>(from), end = static_cast<std::ptrdiff_t>(to);
      return risk_of({p.begin() + begin, p.begin() + end},
                     {candidates.cost.begin() + begin, candidates.cost.begin() + end}, kSharpness);
    };
    return part(0, 3) + part(3, 5) + part(5, 6);
  };
  EXPECT_NEAR(found.risk, total(log_probability), 1e-12);
  for (std::size_t y = 0; y < 6; ++y) {
    std::vector<double> up = log_probability, down = log_probability;
    up[y] += 1e-5;
    down[y] -= 1e-5;
    EXPECT_NEAR(-found.factors[y], (total(up) - total(down)) / 2e-5, 1e-6) << y;
  }
}

double misses(std::span<const int> candidate, std::span<const int> reference) {
  return std::equal(candidate.begin(), candidate.end(), reference.begin(), reference.end()) ? 0 : 1;
}

TEST(Risk, CandidatesAreEachOnceAndGoByTheModel) {
  Training training(1, "sgd", small_model("luong-general", 0));
  const std::vector<std::vector<int>> sources = {{3, 4, 5}, {6, 7}}, references = {{4, 4}, {5}};
  for (const bool sampled : {true, false}) {
    Rng rng(5);
    const RiskTerm risk{.weight = 1, .candidates = 6, .sampled = sampled, .cost = misses};
    const std::vector<std::span<const int>> tokens = views_of(sources);
    const RiskCandidates drawn = draw_candidates(training.model, {tokens}, views_of(references), risk, rng);
    ASSERT_GE(drawn.size(), 4U);
    EXPECT_TRUE(std::is_sorted(drawn.sentence.begin(), drawn.sentence.end()));
    for (std::size_t y = 0; y < drawn.size(); ++y) {
      const auto& reference = references[static_cast<std::size_t>(drawn.sentence[y])];
      EXPECT_EQ(drawn.cost[y], misses(drawn.targets[y], reference));
      if (sampled) {
        EXPECT_LE(drawn.targets[y].size(), 2 * reference.size() + 10);
      }
      for (std::size_t other = 0; other < y; ++other) {
        EXPECT_FALSE(drawn.sentence[y] == drawn.sentence[other] && drawn.targets[y] == drawn.targets[other]);
      }
    }
  }
}

TEST(Risk, TrainingMakesItSmaller) {
  const auto cost = [](std::span<const int> candidate, std::span<const int>) {
    return std::find(candidate.begin(), candidate.end(), 5) == candidate.end() ? 1.0 : 0.0;
  };
  const RiskTerm risk{.weight = 1, .candidates = 8, .sampled = true, .sharpness = 1, .cost = cost};
  Training training(2, "adam", small_model("luong-general", 0), {.risk = risk});
  const std::vector<Example> batch = random_examples(8, 3, 4);
  const double before = training.update(batch, {.learning_rate = 0.02}).risk;
  double after = 0;
  for (int i = 0; i < 60; ++i) after = training.update(batch, {.learning_rate = 0.02}).risk;
  EXPECT_GT(before, 0.2);
  EXPECT_LT(after, 0.5 * before);
}

TEST(Distillation, TheStudentBecomesTheTeacher) {
  const ModelOptions options = small_model("luong-general", 0);
  const std::vector<Example> batch = random_examples(16, 3);
  Training teacher(1, "adam", options);
  for (int i = 0; i < 60; ++i) teacher.update(batch, {.learning_rate = 0.02});
  ModelOptions smaller = options;
  smaller.decoder_hidden = smaller.encoder_hidden = 6;
  smaller.decoder_layers = smaller.encoder_layers = 1;
  // Without labels at all: what it learns is the teacher's.
  Training student(2, "adam", smaller, {.teachers = {&teacher.model}});
  const double before = student.updater.evaluate(batch).loss;
  for (int i = 0; i < 150; ++i) student.update(batch, {.learning_rate = 0.02, .distillation = 1});
  EXPECT_LT(student.updater.evaluate(batch).loss, 0.6 * before);
}

class Teachers : public SmallTrainings {};

TEST_F(Teachers, HaveTheTokensOfTheTraining) {
  const Config teacher = small_run("teacher", 1);
  run(teacher);
  Config student = small_run("student", 1);
  student.training.distill = {{teacher.output}, 0.5};
  run(student);
  Config other = small_run("other", 1);
  other.data.target.vocabulary = 6;
  other.training.distill = student.training.distill;
  EXPECT_THAT(error_of([&] { run(other); }), HasSubstr("has other tokens than this training"));
  other.training.distill.teacher = {"nowhere"};
  EXPECT_THAT(error_of([&] { run(other); }), HasSubstr("nowhere"));
  Config stopped = student;
  stopped.output = (root / "stopped").string();
  run_until(stopped, 2);
  run(stopped, true);
  expect_same_state(student, stopped);
}

TEST_F(Teachers, RiskGoesOnToTheBitAfterAStop) {
  Config whole = small_run("whole", 1);
  whole.training.risk = {.weight = 0.5, .candidates = 3};
  run(whole);
  Config stopped = whole;
  stopped.output = (root / "stopped").string();
  run_until(stopped, 3);
  run(stopped, true);
  expect_same_state(whole, stopped);
}

}  // namespace
}  // namespace heed
