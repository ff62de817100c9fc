#include "heed/base/nearest.h"

#include <gtest/gtest.h>

namespace heed {
namespace {

const std::vector<std::string> kAttentions = {"none", "bahdanau", "luong-dot", "luong-general", "luong-concat"};

TEST(Nearest, FindsWhatWasMeant) {
  EXPECT_EQ(nearest("bahdenau", kAttentions), "bahdanau");
  EXPECT_EQ(nearest("BAHDANAU", kAttentions), "bahdanau");
  EXPECT_EQ(nearest("luong-genreal", kAttentions), "luong-general");
  EXPECT_EQ(nearest("luongdot", kAttentions), "luong-dot");
  EXPECT_EQ(nearest("noen", kAttentions), "none");
}

TEST(Nearest, IsSilentWhereNothingIsNear) {
  EXPECT_EQ(nearest("transformer", kAttentions), "");
  EXPECT_EQ(nearest("", kAttentions), "");
  EXPECT_EQ(nearest("xy", std::vector<std::string>{"ab"}), "");
  EXPECT_EQ(nearest(std::string(100000, 'a'), kAttentions), "");
  EXPECT_EQ(nearest("a", {}), "");
}

TEST(Nearest, DidYouMean) {
  EXPECT_EQ(did_you_mean("luong-generall", kAttentions), "; did you mean 'luong-general'?");
  EXPECT_EQ(did_you_mean("zzz", kAttentions), "");
}

}  // namespace
}  // namespace heed
