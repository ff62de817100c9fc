#include "heed/base/replace_all.h"

#include <gtest/gtest.h>

namespace heed {
namespace {

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  replace_all(text, what, by);
  return text;
}

TEST(ReplaceAll, PutsOneTextInThePlaceOfAnother) {
  EXPECT_EQ(replaced("a-b--c", "-", "+"), "a+b++c");
  EXPECT_EQ(replaced("aaa", "aa", "b"), "ba");
  EXPECT_EQ(replaced("aab", "ab", "b"), "ab") << "what was put in is not read again";
  EXPECT_EQ(replaced("abab", "ab", ""), "");
  EXPECT_EQ(replaced("abc", "d", "e"), "abc");
  EXPECT_EQ(replaced("", "d", "e"), "");
  EXPECT_EQ(replaced("x", "x", "xx"), "xx");
}

}  // namespace
}  // namespace heed
