#include "heed/ranks/ranks.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "local_transport.h"

namespace heed {
namespace {

using testing::ElementsAre;

TEST(Ranks, GatherWhatAllGive) {
  in_ranks(3, [](Ranks& ranks) {
    const double own[] = {10.0 + ranks.rank(), -1.0};
    const std::span<const double> all = ranks.gather(own);
    EXPECT_THAT(std::vector<double>(all.begin(), all.end()), ElementsAre(10, -1, 11, -1, 12, -1));
    EXPECT_THAT(ranks.gather(std::string(static_cast<std::size_t>(ranks.rank()), 'x')), ElementsAre("", "x", "xx"));
    EXPECT_EQ(ranks.from_leader(std::string(ranks.leads() ? "first" : "other")), "first");
    EXPECT_TRUE(ranks.from_leader(ranks.leads()));
  });
}

TEST(Ranks, StopAndHaveOneClockTogether) {
  const std::atomic<bool> stop = true;
  const std::atomic<bool> on = false;
  std::array<double, 2> clocks{};
  in_ranks(2, [&](Ranks& ranks) {
    ranks.watch(ranks.rank() == 1 ? stop : on);
    EXPECT_FALSE(ranks.stop());
    ranks.gather(std::span<const double>());
    EXPECT_TRUE(ranks.stop());
    clocks[static_cast<std::size_t>(ranks.rank())] = ranks.seconds();
  });
  EXPECT_EQ(clocks[0], clocks[1]);
}

TEST(Ranks, OneTellsWhatFails) {
  std::array<std::string, 3> told;
  in_ranks(3, [&](Ranks& ranks) {
    std::string& own = told[static_cast<std::size_t>(ranks.rank())];
    try {
      ranks.together([&] {
        if (ranks.rank() > 0) throw UsageError(fmt::format("by rank {}", ranks.rank()));
        return 7;
      });
    } catch (const EndedElsewhere& end) {
      own = fmt::format("status {}", end.status());
    } catch (const Error& error) {
      own = error.what();
    }
  });
  EXPECT_THAT(
      told, ElementsAre("status 2", testing::MatchesRegex("rank 1 \\(process [0-9]+ on .*\\): by rank 1"), "status 2"));
  in_ranks(2, [&](Ranks& ranks) {
    std::string& own = told[static_cast<std::size_t>(ranks.rank())];
    try {
      ranks.together([] { throw Error("everywhere"); });
    } catch (const EndedElsewhere& end) {
      own = fmt::format("status {}", end.status());
    } catch (const Error& error) {
      own = error.what();
    }
  });
  EXPECT_THAT(std::vector<std::string>(told.begin(), told.begin() + 2), ElementsAre("everywhere", "status 1"))
      << "who it is tells nothing then";
}

TEST(Ranks, MustHaveTheSame) {
  in_ranks(2, [&](Ranks& ranks) {
    ranks.check_same("the config", "same");
    try {
      ranks.check_same("the config", ranks.leads() ? "one" : "two");
      ADD_FAILURE();
    } catch (const Error& error) {
      EXPECT_TRUE(ranks.leads());
      EXPECT_THAT(error.what(), testing::HasSubstr("the config of rank 0 is not that of rank 1 (process"));
      EXPECT_THAT(error.what(), testing::HasSubstr("(one, two)"));
    } catch (const EndedElsewhere&) {
      EXPECT_FALSE(ranks.leads());
    }
  });
}

TEST(Ranks, DoNotWaitForEver) {
  in_ranks(3, [&](Ranks& ranks) {
    ranks.set_patience(std::chrono::milliseconds(50));
    if (ranks.rank() == 1) return;  // it does not answer
    try {
      ranks.gather(std::span<const double>());
      ADD_FAILURE();
    } catch (const RankLost& error) {
      EXPECT_TRUE(ranks.leads());
      EXPECT_THAT(error.what(), testing::HasSubstr("rank 1 (process"));
      EXPECT_THAT(error.what(), testing::HasSubstr("has not answered"));
    } catch (const EndedElsewhere& end) {
      EXPECT_EQ(ranks.rank(), 2);
      EXPECT_EQ(end.status(), 1);
    }
  });
}

TEST(Ranks, AreToldByTheEnvironment) {
  EXPECT_EQ(launch_of_environment().size, 1);
  setenv("SLURM_PROCID", "0", 1);
  setenv("SLURM_NTASKS", "4", 1);  // of a batch script, outside a step
  EXPECT_EQ(launch_of_environment().size, 1);
  setenv("SLURM_STEP_NUM_TASKS", "4", 1);
  EXPECT_EQ(launch_of_environment().size, 4);
  EXPECT_EQ(launch_of_environment().by, "srun");
  setenv("OMPI_COMM_WORLD_RANK", "1", 1);
  setenv("OMPI_COMM_WORLD_SIZE", "2", 1);
  EXPECT_EQ(launch_of_environment().size, 2);
  EXPECT_EQ(launch_of_environment().rank, 1);
  EXPECT_EQ(launch_of_environment().by, "mpirun");
  for (const char* name :
       {"SLURM_PROCID", "SLURM_NTASKS", "SLURM_STEP_NUM_TASKS", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"})
    unsetenv(name);
}

}  // namespace
}  // namespace heed
