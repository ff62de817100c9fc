// Strings that are one token each whatever stands around them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "heed/base/error.h"
#include "heed/base/rng.h"
#include "heed/base/utf8.h"
#include "heed/text/text_side.h"
#include "test_files.h"

namespace heed {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

const std::vector<std::string> kSymbols = {"<2fr>", "V;PST", "V", "\U0001f642x"};
const std::vector<std::string> kSymbolText = {"<2fr> walk V;PST", "run V;PST", "<2fr>stay<2fr>V",
                                              "a walk and a run 12, V;PST."};

TextOptions symbol_options(const std::string& tokenizer) {
  TextOptions options;
  options.tokenizer = tokenizer;
  options.vocabulary = 60;
  options.symbols = kSymbols;
  return options;
}

std::vector<std::string> tokens(const TextSide& side, std::string_view sentence) {
  std::vector<std::string> out;
  for (const Piece& piece : side.encode(sentence).pieces) out.push_back(piece.text);
  return out;
}

TEST(Symbols, AreOneTokenEach) {
  const TextSide words = TextSide::build(symbol_options("words"), kSymbolText);
  EXPECT_THAT(tokens(words, "<2fr> walk V;PST"), ElementsAre("<2fr>", "walk", "V;PST"));
  EXPECT_THAT(tokens(words, "walkV;PST"), ElementsAre("walk\uffed", "V;PST"));
  EXPECT_THAT(tokens(words, "V;PSTwalk."), ElementsAre("V;PST", "\uffedwalk", "\uffed."));
  EXPECT_THAT(tokens(words, "V;PST<2fr> V"), ElementsAre("V;PST", "\uffed\uffed", "<2fr>", "V"));
  EXPECT_THAT(tokens(words, "V\u0301 2V3"), ElementsAre("V", "\uffed\u0301", "2\uffed", "V", "\uffed3"));
  const TextSide characters = TextSide::build(symbol_options("characters"), kSymbolText);
  EXPECT_THAT(tokens(characters, "run V;PST"), ElementsAre("r", "u", "n", "\u2581", "V;PST"));
  EXPECT_THAT(tokens(characters, "VV;PS"), ElementsAre("V", "V", ";", "P", "S"));
  const TextSide spaces = TextSide::build(symbol_options("spaces"), kSymbolText);
  EXPECT_THAT(tokens(spaces, "<2fr>stay, V;PSTx</s>"), ElementsAre("<2fr>", "stay,", "V;PST", "x</s>"));
  const TextSide pieces = TextSide::build(symbol_options("sentencepiece"), kSymbolText);
  EXPECT_THAT(tokens(pieces, "V;PST"), ElementsAre("\u2581", "V;PST"));
  EXPECT_THAT(tokens(pieces, "aV;PST<2fr>"), testing::IsSupersetOf({"V;PST", "<2fr>"}));
}

TEST(Symbols, AreInEveryVocabulary) {
  for (const std::string& kind : tokenizer_kinds()) {
    TextOptions options = symbol_options(kind);
    options.symbols = {"<never>", "a"};
    options.min_count = 2;
    const std::vector<std::string> text = {"ab cd", "ab cd"};
    const TextSide side = TextSide::build(options, text);
    for (const std::string& symbol : options.symbols) {
      EXPECT_GE(side.id(symbol), Vocabulary::kSpecials) << kind;
      EXPECT_EQ(side.token(side.encode(symbol).ids.back()), symbol) << kind;
    }
    options.vocabulary = 5;
    EXPECT_THAT(
        [&] { TextSide::build(options, text); },
        ThrowsMessage<UsageError>(HasSubstr("no room for tokens beside the symbols; expected 0 (all) or at least 6")));
  }
}

// The same text comes out, with the same places, but for spaces, which cuts words at symbols.
TEST(Symbols, TextStaysAsItIs) {
  std::vector<std::string> parts = {"<2fr>", "V;PST",  "V",      "\U0001f642x", "V;P",    "<2fr",
                                    " ",     " ",      "a",      "run",         ".",      "12",
                                    "</s>",  "\uffed", "\u2581", "\u0301",      "\u00e9", "\U0001f642"};
  Rng rng(7);
  std::vector<std::string> lines(800);
  for (std::string& line : lines) {
    for (std::uint64_t n = 1 + rng.below(9); n > 0; --n) line += parts[rng.below(parts.size())];
    std::string single;  // blanks: neither at the ends nor two in a row
    for (const std::string_view word : utf8::words(line)) single += (single.empty() ? "" : " ") + std::string(word);
    line = single;
  }
  for (const std::string& kind : tokenizer_kinds()) {
    TextOptions options = symbol_options(kind);
    options.vocabulary = kind == "sentencepiece" ? 60 : 0;
    const TextSide side = TextSide::build(options, lines);
    for (const std::string& line : lines) {
      const Encoding encoding = side.encode(line);
      const std::vector<std::string> cut = tokens(side, line);
      std::string expected = line;
      if (kind == "spaces") {
        expected.clear();
        for (const Piece& piece : encoding.pieces) {
          expected += (expected.empty() ? "" : " ") + line.substr(piece.begin, piece.end - piece.begin);
        }
      }
      ASSERT_EQ(side.join(cut), expected) << kind;
      ASSERT_EQ(side.decode(encoding.ids), expected) << kind;
      std::size_t at = 0, symbols = 0;
      for (const Piece& piece : encoding.pieces) {
        ASSERT_LE(at, piece.begin) << kind << line;
        ASSERT_LE(piece.begin, piece.end) << kind << line;
        at = piece.end;
        const bool symbol = std::find(kSymbols.begin(), kSymbols.end(), piece.text) != kSymbols.end();
        symbols += symbol ? 1 : 0;
        if (symbol) {
          ASSERT_EQ(line.substr(piece.begin, piece.end - piece.begin), piece.text) << kind;
        }
      }
      std::size_t expected_symbols = 0;
      for (std::size_t i = 0; i < line.size();) {
        std::size_t longest = 0;
        for (const std::string& symbol : kSymbols) {
          if (line.compare(i, symbol.size(), symbol) == 0) longest = std::max(longest, symbol.size());
        }
        expected_symbols += longest > 0 ? 1 : 0;
        i += std::max<std::size_t>(longest, 1);
      }
      ASSERT_EQ(symbols, expected_symbols) << kind << ": " << line;
    }
  }
}

TEST(Symbols, KeepTheirCaseAndForm) {
  for (const std::string& kind : tokenizer_kinds()) {
    TextOptions options = symbol_options(kind);
    options.lowercase = true;
    options.normalization = "nfkc";
    options.symbols.emplace_back("\ufb01");
    const std::string sentence = "WALK \ufb01V;PST \ufb02";
    const TextSide side = TextSide::build(options, std::vector{sentence});
    const Encoding encoding = side.encode(sentence);
    EXPECT_THAT(tokens(side, sentence), testing::IsSupersetOf({"\ufb01", "V;PST"})) << kind;
    EXPECT_EQ(side.decode(encoding.ids), kind == "spaces" ? "walk \ufb01 V;PST fl" : "walk \ufb01V;PST fl") << kind;
    for (const Piece& piece : encoding.pieces) {
      if (piece.text == "V;PST") {
        EXPECT_EQ(sentence.substr(piece.begin, piece.end - piece.begin), "V;PST") << kind;
      }
    }
    EXPECT_EQ(encoding.pieces.back().end, sentence.size()) << kind;
  }
}

using SymbolsTest = FolderTest;

TEST_F(SymbolsTest, GoIntoAGivenModelAndBundle) {
  for (const std::string kind : {"words", "sentencepiece"}) {
    TextOptions options = symbol_options(kind);
    options.symbols.clear();
    const TextSide plain = TextSide::build(options, kSymbolText);
    plain.save(root.string(), "source");
    options.symbols = {"<new>", kind == "words" ? "run" : "V"};  // one that it lacks, one that is an ordinary token
    options.model = (root / (kind == "words" ? "source.vocabulary" : "source.sentencepiece")).string();
    const TextSide side = TextSide::of_model(options, "source");
    EXPECT_EQ(side.vocabulary_size(), plain.vocabulary_size() + 1) << kind;
    EXPECT_EQ(side.id("<new>"), plain.vocabulary_size()) << kind;
    EXPECT_EQ(side.id(options.symbols[1]), plain.id(options.symbols[1])) << kind;
    EXPECT_THAT(tokens(side, "x<new>walk"), testing::Contains("<new>")) << kind;
    EXPECT_THAT(tokens(side, "aV<new>runV"), testing::Contains(options.symbols[1])) << kind;
    side.save(root.string(), "target");
    const TextSide again = TextSide::load(options, root, "target");
    EXPECT_EQ(again.encode("a <new> run V").ids, side.encode("a <new> run V").ids) << kind;
    again.save(root.string(), "again");
    const std::string suffix = kind == "words" ? ".vocabulary" : ".sentencepiece";
    EXPECT_EQ(TextSide::load(options, root, "again").vocabulary_size(), side.vocabulary_size()) << kind << suffix;
  }
}

TEST(Symbols, InALineThatIsReadInParts) {
  TextOptions options = symbol_options("sentencepiece");
  const TextSide side = TextSide::build(options, kSymbolText);
  std::string line;
  for (int i = 0; i < 3000; ++i) line += "V;PST";
  const std::vector<std::string> cut = tokens(side, line);
  EXPECT_EQ(std::count(cut.begin(), cut.end(), "V;PST"), 3000);
  EXPECT_EQ(side.join(cut), line);
}

TEST(Symbols, WhatCouldBeMistakenIsRefused) {
  for (const char* symbol : {"", " ", "a b", "a\tb", "<s>", "</s>", "<unk>", "&#60;s>", "\u2581a", "a\uffed", "\u2585",
                             "\ufdd0", "\xff", "a\n", "\u00a0"}) {
    EXPECT_THROW(check_symbols({"fine", symbol}), UsageError) << symbol;
  }
  EXPECT_THAT([] { check_symbols({"a", "b", "a"}); }, ThrowsMessage<UsageError>("the symbol 'a' is there twice"));
  EXPECT_NO_THROW(check_symbols({"<2fr>", "V;PST", "&amp;", "<S>", "\u2582"}));
}

}  // namespace
}  // namespace heed
