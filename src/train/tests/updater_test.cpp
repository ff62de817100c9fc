#include "heed/train/updater.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>

#include "compositions.h"
#include "error_of.h"
#include "heed/base/error.h"
#include "heed/nn/attention.h"
#include "heed/tensor/work_clock.h"
#include "small_updater.h"

namespace heed {
namespace {

constexpr UpdateOptions kPlain{1.0, 0, 0, 1};  // SGD with it: the weights change by the gradient

void expect_near(const std::vector<float>& actual, const std::vector<float>& expected, double tolerance) {
  ASSERT_EQ(actual.size(), expected.size());
  double worst = 0;
  for (std::size_t i = 0; i < actual.size(); ++i) {
    worst = std::max(worst, std::abs(static_cast<double>(actual[i]) - static_cast<double>(expected[i])));
  }
  EXPECT_LE(worst, tolerance);
}

TEST(Updater, SkipsASpikeAndLeavesAllAsItWas) {
  Training training(2, "adam", small_model("luong-dot", 0), {.average_decay = 0.5});
  const std::vector<Example> batch = random_examples(6, 3);
  UpdateOptions how;
  how.skip = true;
  const double norm = training.update(batch, how).gradient_norm;
  const std::vector<float> weights = training.weights();
  how.most_norm = norm / 10;
  const UpdateResult spike = training.update(batch, how);
  EXPECT_NE(spike.skipped.find("update 2: the norm of the gradient is"), std::string::npos) << spike.skipped;
  EXPECT_EQ(training.weights(), weights);
  EXPECT_EQ(training.optimizer->updates, 1);
  how.skip = false;
  EXPECT_EQ(training.update(batch, how).skipped, "");
  EXPECT_NE(training.weights(), weights);
}

TEST(Updater, AveragesTheWeightsAfterEachUpdate) {
  constexpr double kDecay = 0.15;
  for (const int workers : {1, 3}) {
    const UpdaterOptions how{.average_decay = kDecay};
    Training training(workers, "adam", small_model("luong-dot", 0.2), how);
    std::vector<float> expected = training.weights();
    for (int t = 1; t <= 4; ++t) {
      training.update(random_examples(6, static_cast<std::uint64_t>(t)), {.learning_rate = 0.1, .seed = 3});
      const auto decay = static_cast<float>(std::min(kDecay, (1.0 + t) / (10.0 + t)));
      const std::vector<float> now = training.weights();
      for (std::size_t i = 0; i < now.size(); ++i) expected[i] = decay * expected[i] + (1 - decay) * now[i];
    }
    const std::vector<float> weights = training.weights();
    {
      const AveragedWeights averaged(training.updater);
      expect_near(training.weights(), expected, 1e-6);
    }
    EXPECT_EQ(training.weights(), weights);
    EXPECT_EQ(training.updater.state().back().first, "average");
  }
}

TEST(Updater, TheSameSeedWorkersAndPartsGiveTheSameBits) {
  for (const auto& [workers, parts] : {std::pair(1, 1), std::pair(2, 1), std::pair(4, 1), std::pair(2, 3)}) {
    std::vector<std::vector<float>> results;
    for (const std::uint64_t seed : {5U, 5U, 6U}) {
      Training training(workers, "adam", small_model("bahdanau", 0.3), {Precision::kFloat32, parts});
      for (int i = 0; i < 5; ++i) {
        training.update(random_examples(13, 100 + static_cast<std::uint64_t>(i)), {0.01, 1.0, 0.1, seed});
      }
      results.push_back(training.weights());
    }
    EXPECT_EQ(results[0], results[1]) << workers << ", " << parts;
    EXPECT_NE(results[0], results[2]) << "dropout does not depend on the seed";
  }
}

// Batches of different words one after the other: nothing of a batch may be left for the next.
TEST(Updater, GradientsDoNotDependOnTheNumberOfWorkersAndParts) {
  Training one(1, "sgd", small_model("luong-general", 0));
  Training two(2, "sgd", small_model("luong-general", 0));
  Training three(3, "sgd", small_model("luong-general", 0));
  Training parts(1, "sgd", small_model("luong-general", 0), {Precision::kFloat32, 3});
  Training both(2, "sgd", small_model("luong-general", 0), {Precision::kFloat32, 5});
  for (std::uint64_t i = 0; i < 6; ++i) {
    const std::vector<Example> batch = random_examples(i == 3 ? 2 : 7, 200 + i, i % 2 == 0 ? 3 : 9);
    const UpdateResult expected = one.update(batch, kPlain);
    for (Training* other : {&two, &three, &parts, &both}) {
      const UpdateResult result = other->update(batch, kPlain);
      EXPECT_NEAR(result.loss, expected.loss, 1e-4 * expected.loss);
      EXPECT_NEAR(result.gradient_norm, expected.gradient_norm, 1e-4 * expected.gradient_norm);
      EXPECT_EQ(result.source_tokens, expected.source_tokens);
      EXPECT_EQ(result.target_tokens, expected.target_tokens);
      expect_near(other->weights(), one.weights(), 1e-5);
    }
  }
}

// With all that a loss can be made of, and in batches of fewer sentences than parts.
TEST(Updater, PartsAddUpToTheBatch) {
  std::vector<Composition> kinds = {
      {"copying", [](ModelOptions& options) { options.copy = "pointer-generator"; }},
      {"marginal", [](ModelOptions& options) { options.attention.kind = "hard-exact"; }},
      {"evidence", [](ModelOptions& options) { options.attention.kind = "hard-exact-first-order"; }}};
  for (const Composition& kind : kinds) {
    ModelOptions options = small_model("bahdanau", 0);
    kind.apply(options);
    Training whole(1, "sgd", options);
    Training parts(2, "sgd", options, {Precision::kFloat32, 4});
    for (const int sentences : {13, 3}) {
      std::vector<Example> batch = random_examples(sentences, 1500);
      if (options.copy != "none") {
        for (Example& example : batch) example.copies = example.source;
      }
      UpdateOptions how = kPlain;
      if (kind.name == "copying") how.coverage_loss = 0.5;
      const UpdateResult expected = whole.update(batch, how);
      EXPECT_NEAR(parts.update(batch, how).loss, expected.loss, 1e-4 * expected.loss) << kind.name;
      expect_near(parts.weights(), whole.weights(), 1e-5);
    }
  }
}

// A batch of the same sentence: parts differ in what dropout leaves of it, or their gradients would be those of one.
TEST(Updater, EachPartHasDropoutOfItsOwn) {
  const std::vector<Example> one = random_examples(1, 1600);
  const std::vector<Example> four(4, one.front());
  Training single(1, "sgd", small_model("bahdanau", 0.5));
  Training parts(1, "sgd", small_model("bahdanau", 0.5), {Precision::kFloat32, 4});
  const double loss = single.update(one, kPlain).loss;
  EXPECT_GT(std::abs(parts.update(four, kPlain).loss - 4 * loss), 1e-3 * loss);
}

TEST(Updater, NoPartsAreAnError) {
  EXPECT_THROW(Training(1, "sgd", small_model("none", 0), {Precision::kFloat32, 0}), UsageError);
}

void expect_gradient_everywhere(const ModelOptions& options, const std::string& name) {
  Training training(2, "sgd", options);
  std::vector<std::vector<float>> before;
  for (const Parameter* parameter : training.model.parameters().all()) {
    const Tensor& value = parameter->value.view();
    before.emplace_back(value.data, value.data + value.size());
  }
  training.update(random_examples(16, 300), kPlain);
  for (const Parameter* parameter : training.model.parameters().all()) {
    const Tensor& value = parameter->value.view();
    double change = 0;
    for (std::int64_t i = 0; i < value.size(); ++i) {
      const float old = before[static_cast<std::size_t>(parameter->index)][static_cast<std::size_t>(i)];
      change = std::max(change, std::abs(static_cast<double>(value.data[i] - old)));
    }
    EXPECT_GT(change, 0) << name << ": " << parameter->name;
  }
}

TEST(Updater, EveryParameterGetsAGradient) {
  for (const AttentionKind& kind : attention_kinds()) {
    for (const bool feeding : {true, false}) {
      ModelOptions options = small_model(kind.name, 0);
      options.input_feeding = feeding;
      expect_gradient_everywhere(options, kind.name);
    }
  }
  for (const Composition& composition : compositions()) {
    ModelOptions options = small_model("bahdanau", 0);
    composition.apply(options);
    expect_gradient_everywhere(options, composition.name);
  }
}

TEST(Updater, ArenasDoNotGrowAfterTheFirstEpoch) {
  Training training(2, "adam", small_model("luong-concat", 0.2));
  std::vector<std::vector<Example>> batches;
  for (std::uint64_t i = 0; i < 6; ++i) batches.push_back(random_examples(10 + 5 * static_cast<int>(i % 3), 400 + i));
  std::size_t bytes = 0;
  for (int epoch = 0; epoch < 4; ++epoch) {
    for (const std::vector<Example>& batch : batches) training.update(batch, {});
    training.updater.evaluate(batches[0]);
    if (epoch == 0) bytes = training.updater.arena_bytes();
  }
  EXPECT_GT(bytes, 0U);
  EXPECT_EQ(training.updater.arena_bytes(), bytes);
}

// Whatever parameter is poisoned: no update comes of it, and nothing of it is left once the parameter is mended.
TEST(Updater, NotANumberStopsTheUpdateAndLeavesTheWeights) {
  for (const std::string attention : {"bahdanau", "luong-general"}) {
    Training training(2, "adam", small_model(attention, 0.1));
    Training untouched(2, "adam", small_model(attention, 0.1));
    const std::vector<Example> batch = random_examples(12, 500);
    for (Parameter* parameter : training.model.parameters().all()) {
      float& element =
          parameter->value.view().row(parameter->rows() > 1 ? batch[0].source[0] % parameter->rows() : 0)[0];
      const float before = element;
      if (parameter->name == "target.embedding") continue;  // below: the row must be in use
      element = std::numeric_limits<float>::quiet_NaN();
      training.updater.pack_weights();
      EXPECT_THROW(training.update(batch, {}), Error) << parameter->name;
      EXPECT_EQ(training.optimizer->updates, 0) << parameter->name;
      EXPECT_TRUE(std::isnan(element));
      element = before;
      training.updater.pack_weights();
      EXPECT_EQ(training.weights(), untouched.weights()) << parameter->name;
    }
    training.update(batch, {});
    untouched.update(batch, {});
    EXPECT_EQ(training.weights(), untouched.weights());
  }
}

TEST(Updater, AHugeLearningRateEndsInAnErrorThatSaysSo) {
  Training training(2, "sgd", small_model("bahdanau", 0));
  const std::vector<Example> batch = random_examples(12, 600);
  std::vector<float> before;
  const std::string text = error_of([&] {
    for (int i = 0; i < 20; ++i) {
      before = training.weights();
      training.update(batch, {1e38, 0, 0, 1});
    }
  });
  EXPECT_NE(text.find("update " + std::to_string(training.optimizer->updates + 1)), std::string::npos) << text;
  EXPECT_NE(text.find("training.learning_rate"), std::string::npos) << text;
  const std::vector<float> after = training.weights();
  // Some may be infinite, none may be new.
  EXPECT_EQ(std::memcmp(after.data(), before.data(), before.size() * sizeof(float)), 0);
}

TEST(Updater, AnErrorInAWorkerIsHandedOnAndForgotten) {
  Training training(2, "adam", small_model("luong-dot", 0.2));
  Training untouched(2, "adam", small_model("luong-dot", 0.2));
  const std::vector<Example> good = random_examples(9, 700);
  std::vector<Example> bad = good;
  std::vector<int> wrong(bad[4].target.begin(), bad[4].target.end());
  wrong[0] = kVocabulary;
  bad[4].target = wrong;
  EXPECT_THROW(training.update(bad, {}), Error);
  EXPECT_EQ(training.weights(), untouched.weights());
  training.update(good, {});
  untouched.update(good, {});
  EXPECT_EQ(training.weights(), untouched.weights());
}

TEST(Updater, ClippingLimitsTheStep) {
  Training training(2, "sgd", small_model("luong-general", 0));
  const std::vector<Example> batch = random_examples(8, 800);
  const std::vector<float> before = training.weights();
  const UpdateResult result = training.update(batch, {0.5, 0.01, 0, 1});
  EXPECT_GT(result.gradient_norm, 0.01);
  double squares = 0;
  const std::vector<float> after = training.weights();
  for (std::size_t i = 0; i < before.size(); ++i) {
    squares += std::pow(static_cast<double>(after[i]) - static_cast<double>(before[i]), 2);
  }
  EXPECT_NEAR(std::sqrt(squares), 0.5 * 0.01, 1e-5);
}

TEST(Updater, PartsOfABatchNeedLessMemory) {
  const std::vector<Example> batch = random_examples(500, 1400, 20);
  const auto bytes = [&](int parts) {
    Training training(2, "adam", small_model("bahdanau", 0.2), {Precision::kFloat32, parts});
    for (int i = 0; i < 2; ++i) {
      training.update(batch, {});
      training.updater.evaluate(batch);
    }
    return training.updater.arena_bytes();
  };
  EXPECT_LE(2 * bytes(4), bytes(1));
}

TEST(Updater, EvaluationIsWithoutDropoutAndChangesNothing) {
  const std::vector<Example> batch = random_examples(11, 900);
  std::vector<double> losses;
  for (const int workers : {1, 2, 4}) {
    Training training(workers, "adam", small_model("bahdanau", 0.5), {Precision::kFloat32, workers});
    const std::vector<float> before = training.weights();
    losses.push_back(training.updater.evaluate(batch).loss);
    EXPECT_EQ(training.updater.evaluate(batch).loss, losses.back());
    EXPECT_EQ(training.weights(), before);
  }
  EXPECT_NEAR(losses[1], losses[0], 1e-5 * losses[0]);
  EXPECT_NEAR(losses[2], losses[0], 1e-5 * losses[0]);
}

TEST(Updater, Bfloat16GradientsAreThoseOfFloat32Rounded) {
  for (const AttentionKind& kind : attention_kinds()) {
    Training exact(1, "sgd", small_model(kind.name, 0));
    Training rounded(2, "sgd", small_model(kind.name, 0), {Precision::kBfloat16});
    const std::vector<float> before = exact.weights();
    const std::vector<Example> batch = random_examples(9, 1100);
    const UpdateResult expected = exact.update(batch, kPlain);
    const UpdateResult result = rounded.update(batch, kPlain);
    EXPECT_NEAR(result.loss, expected.loss, 5e-3 * expected.loss) << kind.name;
    const std::vector<float> after = exact.weights();
    const std::vector<float> other = rounded.weights();
    double difference = 0;
    double size = 0;
    for (std::size_t i = 0; i < before.size(); ++i) {
      difference += std::pow(static_cast<double>(other[i] - after[i]), 2);
      size += std::pow(static_cast<double>(after[i] - before[i]), 2);
    }
    EXPECT_LT(std::sqrt(difference / size), 0.02) << kind.name;
    EXPECT_GT(difference, 0.0) << "nothing was rounded";
  }
}

TEST(Updater, Bfloat16GivesTheSameBitsAgainAndLearns) {
  const std::vector<Example> batch = random_examples(6, 1200);
  std::vector<std::vector<float>> results;
  for (int run = 0; run < 2; ++run) {
    Training training(2, "adam", small_model("bahdanau", 0.1), {Precision::kBfloat16});
    const double first = training.update(batch, {0.02, 1, 0, 1}).loss;
    double last = 0;
    for (int i = 0; i < 80; ++i) last = training.update(batch, {0.02, 1, 0, 1}).loss;
    EXPECT_LT(last, 0.5 * first);
    results.push_back(training.weights());
  }
  EXPECT_EQ(results[0], results[1]);
}

TEST(Updater, Int8IsForInference) {
  EXPECT_THROW(Training(1, "sgd", small_model("none", 0), {Precision::kInt8}), UsageError);
}

TEST(Updater, MeasuringAnUpdateDoesNotChangeIt) {
  Training plain(2, "adam", small_model("bahdanau", 0.2));
  Training measured(2, "adam", small_model("bahdanau", 0.2));
  std::vector<std::unique_ptr<WorkClock>> clocks(2);
  measured.pool.run([&](int worker) { clocks[worker] = std::make_unique<WorkClock>(); });
  for (std::uint64_t i = 0; i < 3; ++i) {
    const std::vector<Example> batch = random_examples(8, 1300 + i);
    plain.update(batch, {});
    measured.update(batch, {});
  }
  measured.pool.run([&](int worker) {
    for (const double part : clocks[worker]->stop()) EXPECT_GT(part, 0.0);
    clocks[worker].reset();
  });
  EXPECT_EQ(measured.weights(), plain.weights());
}

TEST(Updater, LossFallsOnABatchThatComesAgain) {
  Training training(2, "adam", small_model("luong-concat", 0));
  const std::vector<Example> batch = random_examples(6, 1000);
  const double first = training.update(batch, {0.02, 1, 0, 1}).loss;
  double last = 0;
  for (int i = 0; i < 60; ++i) last = training.update(batch, {0.02, 1, 0, 1}).loss;
  EXPECT_LT(last, 0.5 * first);
}

// The links of an example are where its attention goes.
TEST(Updater, GuidedAttentionGoesWhereTheLinksAre) {
  std::vector<Example> batch = random_examples(6, 3, 6);
  for (Example& example : batch) {  // each target token with the last source token
    std::vector<int> links;
    for (int t = 0; t < std::ssize(example.target); ++t) {
      links.insert(links.end(), {t, static_cast<int>(example.source.size()) - 1});
    }
    example.links = kept(std::move(links));
  }
  Training training(2, "adam", small_model("luong-general", 0));
  for (int i = 0; i < 150; ++i) training.update(batch, {.learning_rate = 0.02, .guided_alignment = 1});
  Arena arena;
  Tape tape(arena);
  for (const Example& example : batch) {
    const std::vector<std::vector<int>> source = {{example.source.begin(), example.source.end()}};
    const std::vector<std::vector<int>> target = {{example.target.begin(), example.target.end()}};
    const SourceBatch sources = pack_sources(source, kVocabulary);
    const TargetBatch targets = pack_targets(target, kVocabulary);
    const TeacherForced forced = training.model.teacher_force(tape, sources, targets, {});
    for (std::size_t t = 0; t + 1 < forced.steps.size(); ++t) {
      EXPECT_GT(forced.steps[t].weights(tape).value().row(0)[example.source.size() - 1], 0.8F);
    }
  }
}

}  // namespace
}  // namespace heed
