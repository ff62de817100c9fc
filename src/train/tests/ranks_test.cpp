// Updates that are computed by several processes, or as several would.
#include <gtest/gtest.h>

#include <tuple>

#include "local_transport.h"
#include "small_updater.h"

namespace heed {
namespace {

struct Way {
  int ranks = 1;
  int threads = 1;
  UpdaterOptions how = {};
  std::string optimizer = "adam";
  bool freezes = false;  // the decoder
};

struct Outcome {
  std::vector<float> weights;
  std::vector<float> gradient;
  std::vector<std::vector<float>> state;
  std::vector<double> figures;
  bool operator==(const Outcome&) const = default;
};

constexpr int kUpdates = 3;

ModelOptions model_of(bool tied) {
  ModelOptions out = small_model("luong-general", 0.2);
  if (tied) {
    out.tied = "target";
    out.decoder_hidden = out.embedding = 8;
  }
  return out;
}

Outcome train_a_little(const Way& way, bool tied, int sentences, Ranks* ranks) {
  UpdaterOptions how = way.how;
  how.ranks = ranks;
  Training training(way.threads, way.optimizer, model_of(tied), how, way.freezes ? "decoder" : "");
  EXPECT_EQ(training.frozen_arrays > 0, way.freezes);
  Outcome out;
  for (int i = 1; i <= kUpdates; ++i) {
    const UpdateResult result =
        training.update(random_examples(sentences, static_cast<std::uint64_t>(i)), {.learning_rate = 0.01, .seed = 5});
    out.figures.insert(out.figures.end(), {result.loss, result.gradient_norm, result.risk});
  }
  out.figures.push_back(training.updater.evaluate(random_examples(sentences, 9)).loss);
  out.weights = training.weights();
  training.updater.gather_state();
  training.updater.gather_gradient();
  for (const auto& [name, array] : training.updater.state())
    out.state.emplace_back(array.data, array.data + array.size());
  const Tensor& gradient = training.updater.gradient();
  out.gradient.assign(gradient.data, gradient.data + gradient.size());
  return out;
}

// Of each rank.
std::vector<Outcome> outcomes(const Way& way, bool tied = false, int sentences = 13) {
  std::vector<Outcome> out(static_cast<std::size_t>(way.ranks));
  if (way.ranks == 1) {
    out[0] = train_a_little(way, tied, sentences, nullptr);
  } else {
    in_ranks(way.ranks, [&](Ranks& ranks) {
      out[static_cast<std::size_t>(ranks.rank())] = train_a_little(way, tied, sentences, &ranks);
    });
  }
  return out;
}

// A gradient that is in parts is whole in rank 0 alone.
void expect_all(const std::vector<Outcome>& actual, const Outcome& expected, const std::string& what,
                bool sharded = false) {
  for (std::size_t rank = 0; rank < actual.size(); ++rank) {
    EXPECT_EQ(actual[rank].figures, expected.figures) << what << ", rank " << rank;
    EXPECT_TRUE(actual[rank].weights == expected.weights) << what << ", rank " << rank;
    if (sharded && rank > 0) continue;
    EXPECT_TRUE(actual[rank].state == expected.state) << what << ", rank " << rank;
    EXPECT_TRUE(actual[rank].gradient == expected.gradient) << what << ", rank " << rank;
  }
}

TEST(UpdaterOfRanks, ComputesWhatOneProcessDoes) {
  for (const bool tied : {false, true}) {
    for (const int groups : {2, 3}) {
      UpdaterOptions how{.average_decay = 0.9, .workers = 2 * groups, .groups = groups};
      const Outcome one = outcomes({1, 2, how}, tied)[0];
      expect_all(outcomes({1, 1, how}, tied), one, "one thread");
      expect_all(outcomes({groups, 2, how}, tied), one, "ranks of two threads");
      expect_all(outcomes({groups, 1, how}, tied), one, "ranks of one thread");
      if (groups == 3) expect_all(outcomes({2, 1, how}, tied), one, "ranks with unlike shares");
    }
  }
}

TEST(UpdaterOfRanks, MayEachUpdateAPart) {
  for (const bool tied : {false, true}) {
    for (const bool rounds : {false, true}) {
      UpdaterOptions how{.parts = 2, .average_decay = 0.9, .workers = 3, .groups = 3, .rounds_sums = rounds};
      const Outcome one = outcomes({1, 2, how}, tied)[0];
      how.sharded = true;
      expect_all(outcomes({1, 1, how}, tied), one, "alone");
      for (const int ranks : {2, 3}) {
        const std::vector<Outcome> actual = outcomes({ranks, 2, how}, tied);
        expect_all(actual, one, std::to_string(ranks) + " ranks", true);
        for (const Outcome& each : actual) EXPECT_TRUE(each.state.back() == one.state.back());  // the average
      }
    }
  }
}

TEST(UpdaterOfRanks, EachUpdatesAPartWithAnyOptimizer) {
  for (const std::string optimizer : {"sgd", "adagrad"}) {
    for (const bool freezes : {false, true}) {
      UpdaterOptions how{.workers = 2, .groups = 2};
      const Outcome one = outcomes({1, 1, how, optimizer, freezes})[0];
      how.sharded = true;
      expect_all(outcomes({2, 1, how, optimizer, freezes}), one, optimizer, true);
    }
  }
}

TEST(UpdaterOfRanks, RoundsAlikeInOneProcess) {
  for (const bool tied : {false, true}) {
    const UpdaterOptions how{.workers = 3, .groups = 3, .rounds_sums = true};
    const Outcome one = outcomes({1, 2, how}, tied)[0];
    expect_all(outcomes({3, 1, how}, tied), one, "three ranks");
    expect_all(outcomes({2, 1, how}, tied), one, "two ranks");
    const Outcome exact = outcomes({1, 3, {.groups = 3}}, tied)[0];
    EXPECT_FALSE(exact.gradient == one.gradient);
    EXPECT_NEAR(one.figures[1], exact.figures[1], 0.01 * exact.figures[1]);  // the norm, of eight bits
  }
}

TEST(UpdaterOfRanks, AccumulatesAsOneProcessDoes) {
  const UpdaterOptions how{.parts = 3, .workers = 2, .groups = 2};
  expect_all(outcomes({2, 1, how}), outcomes({1, 2, how})[0], "in three parts");
}

TEST(UpdaterOfRanks, MayHaveNoSentence) {
  for (const bool tied : {false, true}) {
    for (const bool rounds : {false, true}) {
      UpdaterOptions how{.workers = 6, .groups = 3, .rounds_sums = rounds};
      const Outcome one = outcomes({1, 3, how}, tied, 2)[0];
      expect_all(outcomes({3, 1, how}, tied, 2), one, "two sentences");
      how.sharded = true;
      expect_all(outcomes({3, 1, how}, tied, 2), one, "two sentences, sharded", true);
    }
  }
}

TEST(UpdaterOfRanks, OneGroupIsTheUsualSum) {
  const Outcome usual = outcomes({1, 3, {}})[0];
  expect_all(outcomes({1, 2, {.workers = 3}}), usual, "fewer threads than workers");
  const Outcome grouped = outcomes({1, 3, {.groups = 3}})[0];
  ASSERT_EQ(grouped.weights.size(), usual.weights.size());
  for (std::size_t i = 0; i < usual.weights.size(); ++i) EXPECT_NEAR(grouped.weights[i], usual.weights[i], 1e-4);
}

}  // namespace
}  // namespace heed
