#include "heed/data/tokenizer_choice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "error_of.h"

namespace heed {
namespace {

using ::testing::HasSubstr;

/// A corpus of so many lines, made by `line(i)` for each side.
class TokenizerChoice : public ::testing::Test {
 protected:
  template <typename Source, typename Target>
  DataOptions corpus(int lines, const Source& source, const Target& target) {
    std::filesystem::create_directories(root_);
    DataOptions out;
    out.train.tsv = root_ / "train.tsv";
    std::ofstream file(out.train.tsv);
    for (int i = 0; i < lines; ++i) file << source(i) << '\t' << target(i) << '\n';
    return out;
  }
  std::string choose(DataOptions& options, bool alike = false) {
    std::string said;
    choose_tokenizers(options, alike, [&](LogLevel, std::string_view text) { said += std::string(text) + "\n"; });
    return said;
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  const std::filesystem::path root_ =
      std::filesystem::temp_directory_path() /
      ("tokenizer_choice_" + std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()));
  static std::string word(int i) { return "word" + std::to_string(i); }
  static std::string phones(int i) { return "AH" + std::to_string(i % 9) + " T S"; }
  static std::string sentence(int i) { return word(i) + " comes before " + word(i + 1); }
};

TEST_F(TokenizerChoice, LettersToSoundsAreCharactersAndSpaces) {
  DataOptions options = corpus(300, word, phones);
  const std::string said = choose(options);
  EXPECT_EQ(options.source.tokenizer, "characters");
  EXPECT_EQ(options.target.tokenizer, "spaces");
  EXPECT_THAT(said, HasSubstr("data.source.tokenizer: characters, chosen as 100 % of 300 lines are single words"));
  EXPECT_THAT(said, HasSubstr("data.target.tokenizer: spaces, chosen as 11 different words in 300 lines"));
}

TEST_F(TokenizerChoice, SentencesArePieces) {
  DataOptions options = corpus(300, sentence, sentence);
  choose(options);
  EXPECT_EQ(options.source.tokenizer, "sentencepiece");
  EXPECT_EQ(options.target.tokenizer, "sentencepiece");
}

TEST_F(TokenizerChoice, LinesWithoutSpacesThatAreNoWordsArePieces) {
  DataOptions options = corpus(
      300, [](int i) { return std::string(30, 'a') + word(i); }, phones);
  choose(options);
  EXPECT_EQ(options.source.tokenizer, "sentencepiece");
}

TEST_F(TokenizerChoice, WhatIsNamedStays) {
  DataOptions options = corpus(300, word, phones);
  options.source.tokenizer = "words";
  EXPECT_THAT(choose(options), ::testing::Not(HasSubstr("source")));
  EXPECT_EQ(options.source.tokenizer, "words");
  EXPECT_EQ(options.target.tokenizer, "spaces");
}

TEST_F(TokenizerChoice, SidesThatAreCutAlikeHaveTheSame) {
  DataOptions options = corpus(300, word, phones);
  EXPECT_THAT(choose(options, true), HasSubstr("both sides have to be cut alike"));
  EXPECT_EQ(options.source.tokenizer, "sentencepiece");
  EXPECT_EQ(options.target.tokenizer, "sentencepiece");
}

TEST_F(TokenizerChoice, OfSidesThatAreCutAlikeOneMayBeNamed) {
  DataOptions options = corpus(300, word, phones);
  options.target.tokenizer = "characters";
  choose(options, true);
  EXPECT_EQ(options.source.tokenizer, "characters");
}

TEST_F(TokenizerChoice, AGivenModelNeedsItsTokenizer) {
  DataOptions options = corpus(300, word, phones);
  options.source.model = "given";
  EXPECT_THAT(error_of([&] { choose(options); }), HasSubstr("data.source.tokenizer: auto does not look into"));
}

TEST_F(TokenizerChoice, ACorpusThatIsReadOnceIsRefused) {
  DataOptions options;
  options.train.tsv = "-";
  EXPECT_THAT(error_of([&] { choose(options); }), HasSubstr("standard input can be read only once: name them"));
}

}  // namespace
}  // namespace heed
