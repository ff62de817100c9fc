// What SentencePiece learns from, how, and one vocabulary for two sides.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "heed/base/error.h"
#include "heed/base/rng.h"
#include "heed/text/text_side_builder.h"

namespace heed {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

/// Words that share syllables.
std::vector<std::string> sentences(std::size_t count, std::uint64_t seed = 1) {
  const std::vector<std::string> syllables = {"ka", "lo", "mi", "tan", "re", "su", "ven", "do"};
  Rng rng(seed);
  std::vector<std::string> out(count);
  for (std::string& sentence : out) {
    for (std::uint64_t word = 1 + rng.below(6); word > 0; --word) {
      if (!sentence.empty()) sentence += ' ';
      for (std::uint64_t n = 1 + rng.below(3); n > 0; --n) sentence += syllables[rng.below(syllables.size())];
    }
  }
  return out;
}

TextOptions pieces(int vocabulary) {
  TextOptions options;
  options.tokenizer = "sentencepiece";
  options.vocabulary = vocabulary;
  return options;
}

std::vector<std::string> tokens_of(const TextSide& side) {
  std::vector<std::string> out;
  for (int id = 0; id < side.vocabulary_size(); ++id) out.push_back(side.token(id));
  return out;
}

TEST(SentencePieceTraining, BpeIsAnotherModelAndAsExact) {
  const std::vector<std::string> text = sentences(400);
  TextOptions options = pieces(60);
  const TextSide unigram = TextSide::build(options, text);
  options.algorithm = "bpe";
  const TextSide bpe = TextSide::build(options, text);
  EXPECT_EQ(tokens_of(bpe), tokens_of(TextSide::build(options, text)));
  EXPECT_NE(tokens_of(bpe), tokens_of(unigram));
  EXPECT_EQ(bpe.vocabulary_size(), 60);
  for (const std::string& sentence : text) {
    const Encoding encoding = bpe.encode(sentence);
    ASSERT_EQ(bpe.decode(encoding.ids), sentence);
    ASSERT_EQ(bpe.join_pieces(std::vector<std::string>(1, encoding.pieces[0].text)).ranges[0].end,
              encoding.pieces[0].end);
  }
}

TEST(SentencePieceTraining, TheSameModelForTheSameThreads) {
  const std::vector<std::string> text = sentences(2000);
  for (const char* algorithm : {"unigram", "bpe"}) {
    TextOptions options = pieces(80);
    options.algorithm = algorithm;
    options.threads = 3;
    EXPECT_EQ(tokens_of(TextSide::build(options, text)), tokens_of(TextSide::build(options, text))) << algorithm;
  }
}

TEST(SentencePieceTraining, ASampleIsDrawnTheSameWayEachTime) {
  std::vector<std::string> text = sentences(600);
  TextOptions options = pieces(70);
  const auto all = tokens_of(TextSide::build(options, text));
  options.sample = 600;
  EXPECT_EQ(tokens_of(TextSide::build(options, text)), all);
  options.sample = 100000;
  EXPECT_EQ(tokens_of(TextSide::build(options, text)), all);
  options.sample = 60;
  const auto few = tokens_of(TextSide::build(options, text));
  EXPECT_NE(few, all);
  EXPECT_EQ(tokens_of(TextSide::build(options, text)), few);
  // The last lines are as likely as the first: characters of either half are found.
  for (std::size_t i = 0; i < text.size(); ++i) text[i] += i < 300 ? " x" : " y";
  const TextSide halves = TextSide::build(options, text);
  for (const char* half : {"x", "y"}) EXPECT_NE(halves.encode(half).ids.back(), Vocabulary::kUnknown);
}

TEST(SentencePieceTraining, RareCharactersNeedNoPiece) {
  std::vector<std::string> text = sentences(500);
  text[0] += " 漢字";
  TextOptions options = pieces(60);
  EXPECT_NE(TextSide::build(options, text).encode("漢").ids.back(), Vocabulary::kUnknown);
  options.coverage = 0.999;
  const TextSide side = TextSide::build(options, text);
  EXPECT_EQ(side.encode("漢").ids.back(), Vocabulary::kUnknown);
  EXPECT_EQ(side.as_written("漢字 ka"), "漢字 ka");
  // And so a smaller vocabulary is enough.
  options.vocabulary = 19;
  options.coverage = 1;
  EXPECT_THAT([&] { TextSide::build(options, text); },
              ThrowsMessage<UsageError>(HasSubstr("16 different characters; 20 is the least")));
  options.coverage = 0.999;
  EXPECT_LE(TextSide::build(options, text).vocabulary_size(), 19);
}

TEST(JointVocabulary, IsThatOfTheTextsTogether) {
  std::vector<std::string> source = sentences(300), target = sentences(300, 2);
  source[0] += " left", target[0] += " right";
  std::vector<std::string> both = source;
  both.insert(both.end(), target.begin(), target.end());
  for (const std::string& kind : tokenizer_kinds()) {
    TextOptions options = pieces(kind == "characters" ? 0 : 60);
    options.tokenizer = kind;
    TextSide::Builder sources(options), targets(options);
    for (const std::string& sentence : source) sources.add(sentence);
    for (const std::string& sentence : target) targets.add(sentence);
    const auto [one, other] = TextSide::Builder::finish_joint(sources, targets);
    EXPECT_EQ(tokens_of(one.side), tokens_of(other.side)) << kind;
    EXPECT_EQ(tokens_of(one.side), tokens_of(TextSide::build(options, both))) << kind;
    for (std::size_t i = 0; i < source.size(); ++i) {
      ASSERT_EQ(one.encoding(i).ids, one.side.encode(source[i]).ids) << kind;
      ASSERT_EQ(other.encoding(i).ids, other.side.encode(target[i]).ids) << kind;
    }
  }
}

}  // namespace
}  // namespace heed
