#include <gmock/gmock.h>

#include "error_of.h"
#include "heed/train/rehearsal.h"
#include "small_trainings.h"

namespace heed {
namespace {

class CacheTraining : public SmallTrainings {
 protected:
  /// 3,000 pairs, of which a window has a part.
  Config windowed(const std::string& name, int epochs) const {
    Config out = small_run(name, epochs);
    out.data.train.tsv = write_pairs("large.tsv", {6, 2, 4, false}, 3000, 5);
    out.data.cache = (root / "cache").string();
    out.data.cache_memory = 0.05;
    return out;
  }
};

TEST_F(CacheTraining, OfDataThatFitIsTrainingInMemory) {
  const Config memory = small_run("memory", 2);
  Config cached = small_run("cached", 2);
  cached.data.cache = kAuto;
  run(memory);
  run(cached);
  expect_same_state(memory, cached);
  EXPECT_TRUE(std::filesystem::exists(root / "cached/data/manifest"));
  cached.training.epochs = 3;
  Config longer = small_run("longer", 3);
  run(cached, true);
  run(longer);
  expect_same_state(longer, cached);
}

TEST_F(CacheTraining, WindowByWindowResumesToTheSameBytes) {
  const Config straight = windowed("straight", 2);
  run(straight);
  const Config parts = windowed("parts", 2);
  TrainingMode mode = TrainingMode::kNew;
  for (const long update : {1, 60, 170, 200, 350}) {
    run_until(parts, update, mode);
    mode = TrainingMode::kResume;
  }
  run(parts, true);
  expect_same_state(straight, parts);
  Config other = windowed("parts", 3);
  other.data.cache_memory = 0.06;
  EXPECT_THAT(error_of([&] { run(other, true); }), testing::HasSubstr("data.cache_memory"));
  std::filesystem::rename(root / "cache", root / "moved");
  Config moved = windowed("parts", 3);
  moved.data.cache = (root / "moved").string();
  run(moved, true);
  std::filesystem::remove_all(root / "moved");
  Config made_again = windowed("straight", 3);
  run(made_again, true);
  expect_same_state(made_again, moved);
}

TEST_F(CacheTraining, WhatACacheDoesNotGiveCostsNoWork) {
  const Config straight = windowed("straight", 1);
  run(straight);
  const Config broken = windowed("broken", 1);
  const std::filesystem::path part = root / "cache/part-000000";
  TrainerEvents events;
  events.progress = [&](const TrainingProgress& progress) {
    if (progress.update == 3) std::filesystem::rename(part, root / "away");
  };
  EXPECT_THAT(error_of([&] { train(broken, {.events = events}); }),
              testing::AllOf(testing::HasSubstr("part-000000"), testing::HasSubstr("holds the state of update")));
  std::filesystem::rename(root / "away", part);
  run(broken, true);
  expect_same_state(straight, broken);
}

TEST_F(CacheTraining, IsRehearsedByAWindow) {
  const Rehearsal out = rehearse(windowed("run", 2));
  EXPECT_EQ(out.time.updates, (3000 + 15) / 16 + 0);
  EXPECT_EQ(out.texts.front().kept, 3000);
  EXPECT_LT(out.memory.data, 200000);
}

}  // namespace
}  // namespace heed
