#pragma once
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "heed/kernels/instruction_set.h"

namespace heed {

/// The versions of vector code that run here.
inline std::vector<VectorCode> kernel_targets() {
  std::vector<VectorCode> out;
  for (const VectorCode code : {VectorCode::kPlain, VectorCode::kSse4, VectorCode::kAvx2, VectorCode::kAvx512}) {
    if (has_vector_code(code)) out.push_back(code);
  }
  return out;
}

/// Runs a test once for each of them, as if the processor had no better one.
class OnEachTarget : public testing::TestWithParam<VectorCode> {
 protected:
  void SetUp() override { use_vector_code(GetParam()); }
  void TearDown() override { use_vector_code(best_); }

 private:
  const VectorCode best_ = vector_code();
};

inline std::string target_name(const testing::TestParamInfo<VectorCode>& test) {
  static constexpr std::array<const char*, 4> kNames = {"AVX512", "AVX2", "SSE4", "Plain"};
  return kNames[static_cast<std::size_t>(test.param)];
}

}  // namespace heed
