#include "heed/base/links.h"

#include <gmock/gmock.h>

#include "error_of.h"
#include "heed/base/error.h"

namespace heed {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

using Rows = std::vector<std::vector<float>>;

std::vector<Link> aligned(const WordTokens& source, const WordTokens& target, const Rows& attention) {
  return align_words(attention_of_words(source, target, attention));
}

TEST(Links, OfAPharaohLineAndBack) {
  EXPECT_THAT(parse_links(" 10-12\t3-4\r"), ElementsAre(Link{10, 12}, Link{3, 4}));
  EXPECT_THAT(parse_links(""), IsEmpty());
  EXPECT_EQ(to_pharaoh(parse_links("0-0  2-1")), "0-0 2-1");
  EXPECT_EQ(error_of([] { parse_links("0-0 1:2"); }),
            "'1:2' is no link; it would be like '3-4', word numbers counted from 0");
}

TEST(Links, TokensOfWordsAreThoseThatStandForAPartOfThem) {
  const std::vector<ByteRange> tokens = {{0, 1}, {1, 2}, {2, 3}, {3, 4}, {}};  // "ab c" and EOS
  EXPECT_THAT(tokens_of_words("ab c", tokens), ElementsAre(ElementsAre(0, 1), ElementsAre(3)));
}

TEST(Links, AWordWithoutTokensIsCountedAndGetsNoLink) {
  const std::vector<ByteRange> tokens = {{0, 1}, {6, 7}};  // of "a c" with an ideographic space for a word between
  const WordTokens target = tokens_of_words("a \xe3\x80\x80 c", tokens);
  EXPECT_THAT(target, ElementsAre(ElementsAre(0), IsEmpty(), ElementsAre(1)));
  EXPECT_THAT(aligned({{0}, {1}}, target, {{0.6F, 0.4F}, {0.3F, 0.7F}}), ElementsAre(Link{0, 0}, Link{1, 2}));
}

TEST(Links, WithoutEosEachWordIsLinked) {
  const Rows attention = {{0.4F, 0.6F}, {0.7F, 0.3F}};
  EXPECT_THAT(aligned({{0}, {1}}, {{0}, {1}}, attention), ElementsAre(Link{1, 0}, Link{0, 1}));
  EXPECT_THAT(aligned({{0}}, {{0}, {1}}, attention), ElementsAre(Link{0, 1}));  // the second column is EOS
}

TEST(Links, AttentionOfWordsIsSummedOverSourceTokensAndAveragedOverTargetTokens) {
  const Rows attention = {{0.5F, 0.25F, 0.125F, 0.125F}, {0, 0.25F, 0.25F, 0.5F}, {0, 0, 0.25F, 0.75F}, {0, 0, 0, 1}};
  const WordAttention words = attention_of_words({{0, 1}, {2}}, {{0, 1}, {}, {2}}, attention);
  EXPECT_THAT(words.weights, ElementsAre(ElementsAre(0.5F, 0.1875F), ElementsAre(0, 0), ElementsAre(0, 0.25F)));
  EXPECT_THAT(words.eos, ElementsAre(0.3125F, 0, 0.75F));
  EXPECT_THAT(align_words(words), ElementsAre(Link{0, 0}));  // the last word attends to EOS
  EXPECT_THAT(align_words(words, 0.5F), ElementsAre(Link{0, 0}));
  EXPECT_THAT(align_words(words, 0.51F), IsEmpty());
}

}  // namespace
}  // namespace heed
