#include "heed/text/extended_vocabulary.h"

#include <gtest/gtest.h>

#include "heed/base/error.h"

namespace heed {
namespace {

TextSide side_of(const std::string& tokenizer) {
  TextOptions options;
  options.tokenizer = tokenizer;
  const std::vector<std::string> text = {"the cat, the dog"};
  return TextSide::build(options, text);
}

TEST(ExtendedVocabulary, WordsThatTheTargetLacksGetIdsInTheirOrder) {
  const TextSide target = side_of("spaces");
  const int size = target.vocabulary_size();
  const ExtendedVocabulary extended(target, target.encode("the Zoe of Ulm the Zoe </s>").pieces);
  EXPECT_EQ(extended.source_ids(),
            (std::vector<int>{target.id("the"), size, size + 1, size + 2, target.id("the"), size, size + 3}));
  EXPECT_EQ(extended.token(size), "Zoe");
  EXPECT_EQ(extended.token(size + 3), "&#60;/s>");  // of the text: no mark
  EXPECT_EQ(target.join(std::vector{extended.token(size + 3)}), "</s>");
  EXPECT_EQ(extended.token(target.id("dog")), "dog");
  EXPECT_THROW(extended.token(size + 4), Error);
}

TEST(ExtendedVocabulary, ATargetHasTheWordsOfItsSource) {
  const TextSide target = side_of("spaces");
  const int size = target.vocabulary_size();
  const ExtendedVocabulary extended(target, target.encode("Zoe dog Ulm").pieces);
  EXPECT_EQ(extended.ids(target.encode("the Ulm Kim Zoe")),
            (std::vector<int>{target.id("the"), size + 1, Vocabulary::kUnknown, size}));
}

TEST(ExtendedVocabulary, TokensKeepTheirMarks) {
  const TextSide target = side_of("words");
  const Encoding source = target.encode("l'Ulm, dog");
  const ExtendedVocabulary extended(target, source.pieces);
  std::vector<std::string> tokens;
  for (const int id : extended.source_ids()) tokens.push_back(extended.token(id));
  EXPECT_EQ(target.join(tokens), "l'Ulm, dog");
}

}  // namespace
}  // namespace heed
