#pragma once
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "hwy/targets.h"

namespace heed {

/// The instruction sets for which the kernels are compiled (CMakeLists.txt) and which this processor has.
inline std::vector<std::int64_t> kernel_targets() {
  std::vector<std::int64_t> out;
  for (const std::int64_t target :
       {std::int64_t{HWY_STATIC_TARGET}, std::int64_t{HWY_SSE4}, std::int64_t{HWY_AVX2}, std::int64_t{HWY_AVX3}}) {
    if (target == HWY_STATIC_TARGET || (hwy::SupportedTargets() & target) != 0) out.push_back(target);
  }
  return out;
}

/// Runs a test once for each instruction set, as if the processor had no better one.
class OnEachTarget : public testing::TestWithParam<std::int64_t> {
 protected:
  void SetUp() override { choose(GetParam()); }
  void TearDown() override { choose(0); }

 private:
  static void choose(std::int64_t target) {
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  }
};

inline std::string target_name(const testing::TestParamInfo<std::int64_t>& test) { return hwy::TargetName(test.param); }

}  // namespace heed
