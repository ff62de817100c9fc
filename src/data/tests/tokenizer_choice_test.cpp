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
  options.target.vocabulary = 7000;
  choose(options);
  EXPECT_EQ(options.source.tokenizer, "sentencepiece");
  EXPECT_EQ(options.target.tokenizer, "sentencepiece");
  EXPECT_EQ(options.source.vocabulary, 4000) << "there are few pairs";
  EXPECT_EQ(options.target.vocabulary, 7000) << "which was said";
}

TEST_F(TokenizerChoice, ManyPairsHaveManyPieces) {
  DataOptions options = corpus(100000, sentence, sentence);
  choose(options);
  EXPECT_EQ(options.source.tokenizer, "sentencepiece");
  EXPECT_EQ(options.source.vocabulary, TextOptions{}.vocabulary);
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
  EXPECT_THAT(error_of([&] { choose(options); }),
              HasSubstr("data.train.tsv: standard input can be read only once, but data.source.tokenizer and "
                        "data.target.tokenizer are auto"));
  options.source.tokenizer = "words";
  EXPECT_THAT(error_of([&] { choose(options); }), HasSubstr("only once, but data.target.tokenizer is auto"));
}

TEST_F(TokenizerChoice, WhatIsNotTrainedOnDoesNotCount) {
  std::string junk = "x";
  for (int i = 0; i < 5000; ++i) junk += " " + word(i);
  const auto with_junk = [&](const auto& line) {
    return [&](int i) { return i < 10000 ? "" : i < 10010 ? junk : line(i); };
  };
  DataOptions options = corpus(10300, with_junk(word), with_junk(phones));
  const std::string said = choose(options);
  EXPECT_THAT(said, HasSubstr("data.source.tokenizer: characters, chosen as 100 % of 290 lines are single words"));
  EXPECT_THAT(said, HasSubstr("data.target.tokenizer: spaces, chosen as 11 different words in 290 lines"));
}

TEST_F(TokenizerChoice, AFewLinesDecideNothing) {
  const std::string repeated = [] {
    std::string out;
    for (int i = 0; i < 20000; ++i) out += "again ";
    return out;
  }();
  DataOptions options = corpus(
      100, [&](int i) { return i == 0 ? repeated : word(i); },
      [](int i) { return i == 0 ? std::string(20000, 'a') : word(i); });
  options.source.max_length = options.target.max_length = 0;
  choose(options);
  EXPECT_EQ(options.source.tokenizer, "characters");
  EXPECT_EQ(options.target.tokenizer, "characters");
}

TEST_F(TokenizerChoice, AllCorporaCount) {
  DataOptions options = corpus(300, word, phones);
  options.more_train = {options.train};
  options.more_train.front().tsv = root_ / "more.tsv";
  std::ofstream file(options.more_train.front().tsv);
  for (int i = 0; i < 300; ++i) file << sentence(i) << '\t' << phones(i) << '\n';
  file.close();
  DataOptions weighted = options;
  EXPECT_THAT(choose(options), HasSubstr("data.target.tokenizer: spaces, chosen as 11 different words in 600 lines"));
  EXPECT_EQ(options.source.tokenizer, "sentencepiece");
  weighted.train.weight = 0.9999;
  weighted.more_train.front().weight = 0.0001;
  choose(weighted);
  EXPECT_EQ(weighted.source.tokenizer, "characters") << "of the other, one line";
}

TEST_F(TokenizerChoice, OfNothingNothingIsSaid) {
  const auto blank = [](int) { return ""; };
  DataOptions options = corpus(5, blank, blank);
  EXPECT_EQ(choose(options), "");
  EXPECT_FALSE(options.source.is_auto()) << "so that the training comes to its error";
}

}  // namespace
}  // namespace heed
