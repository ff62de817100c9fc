#include "heed/base/processors.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <thread>

#include "cgroup.h"

namespace heed {
namespace {

namespace fs = std::filesystem;

class CgroupTest : public testing::Test {
 protected:
  void SetUp() override {
    const testing::TestInfo* test = testing::UnitTest::GetInstance()->current_test_info();
    root_ = fs::temp_directory_path() / (std::string("heed-") + test->name());
    fs::remove_all(root_);
  }
  void TearDown() override { fs::remove_all(root_); }
  void write(const std::string& path, const std::string& text) const {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text;
  }
  fs::path root_;
};

TEST_F(CgroupTest, NoneLimitsNothing) {
  EXPECT_TRUE(std::isinf(cgroup_processors(root_)));
  write("proc/self/cgroup", "0::/user.slice\n");
  write("sys/fs/cgroup/user.slice/cpu.max", "max 100000\n");
  EXPECT_TRUE(std::isinf(cgroup_processors(root_)));
}

TEST_F(CgroupTest, TheLeastQuotaAboveCounts) {
  write("proc/self/cgroup", "0::/user.slice/job/step\n");
  write("sys/fs/cgroup/user.slice/cpu.max", "150000 100000\n");
  write("sys/fs/cgroup/user.slice/job/cpu.max", "400000 100000\n");
  EXPECT_EQ(cgroup_processors(root_), 1.5);
  write("sys/fs/cgroup/user.slice/job/step/cpu.max", "25000 50000\n");
  EXPECT_EQ(cgroup_processors(root_), 0.5);
}

TEST_F(CgroupTest, AContainerSeesItsOwnGroupAsTheMountPoint) {
  write("proc/self/cgroup", "0::/\n");
  write("sys/fs/cgroup/cpu.max", "200000 100000\n");
  EXPECT_EQ(cgroup_processors(root_), 2);
}

TEST_F(CgroupTest, TheFirstVersion) {
  write("proc/self/cgroup", "12:cpuset:/docker/1f\n4:cpu,cpuacct:/docker/1f\n1:name=systemd:/docker/1f\n");
  write("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "-1\n");
  write("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n");
  EXPECT_TRUE(std::isinf(cgroup_processors(root_)));
  write("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "300000\n");
  EXPECT_EQ(cgroup_processors(root_), 3);
}

TEST(Processors, AffinityCounts) {
  EXPECT_GE(usable_processors(), 1);
  EXPECT_LE(usable_processors(), all_processors());
  std::thread([] {  // the mask is a thread's
    cpu_set_t mask;
    ASSERT_EQ(sched_getaffinity(0, sizeof(mask), &mask), 0);
    int first = 0;
    while (!CPU_ISSET(first, &mask)) ++first;
    CPU_ZERO(&mask);
    CPU_SET(first, &mask);
    ASSERT_EQ(sched_setaffinity(0, sizeof(mask), &mask), 0);
    EXPECT_EQ(usable_processors(), 1);
  })
      .join();
}

}  // namespace
}  // namespace heed
