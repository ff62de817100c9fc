#include "heed/base/message.h"

#include <gtest/gtest.h>

#include "heed/base/error.h"
#include "heed/base/json_depth.h"
#include "heed/base/utf8.h"

namespace heed {
namespace {

TEST(Message, IsItselfUpToItsBound) {
  const std::string longest(2000, 'a');
  EXPECT_EQ(bounded_message(longest), longest);
}

TEST(Message, KeepsBeginningAndEndWhateverItQuotes) {
  const std::string message = bounded_message("file:3: '" + std::string(5'000'000, 'x') + "' is no link");
  EXPECT_LT(message.size(), 2000U);
  EXPECT_TRUE(message.starts_with("file:3: 'xxx")) << message;
  EXPECT_TRUE(message.ends_with("xxx' is no link")) << message;
  EXPECT_NE(message.find("bytes left out"), std::string::npos) << message;
}

TEST(Message, MegabytesHaveThreeDigits) {
  EXPECT_EQ(megabytes_text(12345), "0.0123 MB");
  EXPECT_EQ(megabytes_text(2530012), "2.53 MB");
  EXPECT_EQ(megabytes_text(1530012345), "1530 MB");
}

TEST(Message, IsCutBetweenCharacters) {
  for (const char* before : {"", "a", "ab", "abc"}) {
    std::string message = before;
    for (int i = 0; i < 2000; ++i) message += "\U0001F600";
    EXPECT_FALSE(utf8::first_invalid(bounded_message(message)).has_value()) << before;
  }
}

TEST(JsonDepth, IsThatOfBracketsOutsideOfText) {
  EXPECT_NO_THROW(check_json_depth(R"({"a": [[1], [2]], "[[[[\"[[[[": ["[[[[\\"]})", 3));
  EXPECT_THROW(check_json_depth(R"({"a": [[1], [2]]})", 2), Error);
  EXPECT_THROW(check_json_depth(R"(["\\", [[]]])", 2), Error);
  EXPECT_THROW(check_json_depth(std::string(1000000, '['), 16), Error);
  EXPECT_NO_THROW(check_json_depth("]]]]\"", 0));
}

}  // namespace
}  // namespace heed
