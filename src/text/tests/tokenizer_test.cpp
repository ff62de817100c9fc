#include "heed/text/tokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "heed/base/error.h"
#include "heed/base/rng.h"
#include "heed/base/utf8.h"
#include "heed/text/vocabulary.h"
#include "sanitized.h"
#include "sentencepiece_tokenizer.h"
#include "test_files.h"

namespace heed {
namespace {

using testing::ElementsAre;

std::vector<std::string> texts(const std::vector<Piece>& pieces) {
  std::vector<std::string> out;
  for (const Piece& piece : pieces) out.push_back(piece.text);
  return out;
}

std::vector<std::string> split(const std::string& kind, std::string_view sentence) {
  return texts(make_tokenizer(kind)->split(sentence));
}

// White space as single spaces, none at the ends.
std::string normalised(std::string_view sentence) {
  std::string out;
  bool space = false;
  for (const std::string_view c : utf8::chars(sentence)) {
    const bool is_space = utf8::is_space(utf8::decode(c));
    if (!is_space && space && !out.empty()) out += ' ';
    if (!is_space) out += c;
    space = is_space;
  }
  return out;
}

// Lines that are hard on tokenizers.
std::vector<std::string> odd_lines() {
  return {"",
          " ",
          "a",
          "  l'eau,  \t2 €\u00a0! ",
          "￭",
          "￭￭ a￭b ￭c d￭ &#65517; &#65517;￭ ￭\u0301x",
          "▁ ▁▁ a▁b ▁",
          "<unk> <s> </s>",
          "&#60;unk> &#38;&#60;s> &#38;&#38;&#60;/s> &#60;x> &#38; &#38;#60;s>",
          "abc123def 4½ x² don't e.g. U.S.A. 1,000.50",
          "e\u0301te\u0301 \u0301a 1\u20e3 👩‍👩‍👧 ❤️! \u200b \ufeff",
          "हिन्दी में 漢字とかな 한국어 ไทย عربى‌متن",
          "\u3000wide\u3000space\u202f!",
          "--...!!! '' \"quoted\" (a) [b]{c}"};
}

// Random strings over an alphabet that mixes all classes.
std::vector<std::string> random_lines() {
  const std::vector<std::string_view> alphabet =
      utf8::chars("aé漢19٣ \u00a0\t'.,￭▁&#65517;\u0301\u200d\u200b½🙂<>s/\"");
  Rng rng(11);
  std::vector<std::string> lines(3000);
  for (std::string& line : lines) {
    for (std::uint64_t n = rng.below(20); n > 0; --n) line += alphabet[rng.below(alphabet.size())];
  }
  return lines;
}

void expect_faithful(const std::string& kind, const std::string& line) {
  const auto tokenizer = make_tokenizer(kind);
  const std::vector<Piece> pieces = tokenizer->split(line);
  const Joined joined = tokenizer->join_pieces(texts(pieces));
  ASSERT_EQ(joined.text, kind == "characters" ? line : normalised(line)) << kind << ": " << line;
  ASSERT_EQ(joined.ranges.size(), pieces.size()) << line;
  std::size_t at = 0;
  for (std::size_t p = 0; p < pieces.size(); ++p) {
    const Piece& piece = pieces[p];
    ASSERT_LE(at, piece.begin) << line;
    ASSERT_LT(piece.begin, piece.end) << line;
    ASSERT_LE(piece.end, line.size()) << line;
    const std::string_view covered = std::string_view(line).substr(piece.begin, piece.end - piece.begin);
    ASSERT_FALSE(utf8::first_invalid(covered)) << line;
    const auto [begin, end] = joined.ranges[p];
    ASSERT_EQ(joined.text.substr(begin, end - begin), covered) << kind << ": " << line;
    const bool special = covered == "<unk>" || covered == "<s>" || covered == "</s>";
    const bool escaped = special || covered.find("￭") == 0 || covered == "▁" || covered == " ";
    ASSERT_TRUE(escaped || piece.text.find(covered) != std::string::npos) << kind << ": " << line;
    at = piece.end;
  }
}

TEST(Tokenizer, WordsSplitsLettersDigitsAndTheRest) {
  EXPECT_THAT(split("words", "l'eau, 2 €."), ElementsAre("l", "￭'￭", "eau", "￭,", "2", "€", "￭."));
  EXPECT_THAT(split("words", "\"Hello\" (world)..."),
              ElementsAre("\"￭", "Hello", "￭\"", "(￭", "world", "￭)", "￭.", "￭.", "￭."));
  EXPECT_THAT(split("words", "abc123def"), ElementsAre("abc", "￭123￭", "def"));
  EXPECT_THAT(split("words", "1,000.5 %"), ElementsAre("1", "￭,￭", "000", "￭.￭", "5", "%"));
  EXPECT_THAT(split("words", "e\u0301te\u0301 ❤️!"), ElementsAre("e\u0301te\u0301", "❤️", "￭!"));
  EXPECT_THAT(split("words", "x￭"), ElementsAre("x", "￭&#65517;"));
  EXPECT_THAT(split("words", ""), ElementsAre());
}

TEST(Tokenizer, WordsKeepsByteRanges) {
  const std::vector<Piece> pieces = make_tokenizer("words")->split(" é'a");
  ASSERT_EQ(pieces.size(), 3u);
  EXPECT_EQ(pieces[0].begin, 1u);
  EXPECT_EQ(pieces[0].end, 3u);
  EXPECT_EQ(pieces[1].begin, 3u);
  EXPECT_EQ(pieces[1].end, 4u);
}

TEST(Tokenizer, Characters) {
  EXPECT_THAT(split("characters", "aé 漢"), ElementsAre("a", "é", "▁", "漢"));
  EXPECT_THAT(split("characters", "a\nb\u00a0▁"), ElementsAre("a", "▁", "b", "\u00a0", "▁▁"));
}

TEST(Tokenizer, Spaces) { EXPECT_THAT(split("spaces", " a, \tb\u3000c\u00a0d "), ElementsAre("a,", "b", "c", "d")); }

TEST(Tokenizer, EveryKindIsFaithful) {
  for (const std::string kind : {"words", "characters", "spaces"}) {
    for (const std::string& line : odd_lines()) expect_faithful(kind, line);
    for (const std::string& line : random_lines()) expect_faithful(kind, line);
  }
}

// The first `limit` lines of a file of the folder of real data, which the environment variable HEED_TEST_DATA names
// (or CMake's, where there is none); empty where it is missing.
std::vector<std::string> real_lines(const std::string& file, std::size_t limit) {
  const char* folder = std::getenv("HEED_TEST_DATA");
  std::ifstream in(std::string(folder != nullptr ? folder : HEED_TEST_DATA) + "/" + file);
  std::vector<std::string> lines;
  for (std::string line; lines.size() < limit && std::getline(in, line);) lines.push_back(line);
  return lines;
}

TEST(Tokenizer, EveryKindIsFaithfulOnRealText) {
  std::size_t lines = 0;
  for (const char* file :
       {"multi30k/raw/train.de", "tatoeba-en-fr/train.fr", "libreoffice-help-en-fr/train.fr",
        "debian-synopsis/train.src", "conll2017/arabic-train-high", "conll2017/russian-train-high"}) {
    for (const std::string& line : real_lines(file, kSanitized ? 300 : 3000)) {
      for (const std::string kind : {"words", "characters", "spaces"}) expect_faithful(kind, line);
      ++lines;
    }
  }
  if (lines == 0) GTEST_SKIP() << "no real text: HEED_TEST_DATA names no folder that has it";
}

TEST(Tokenizer, JoinTakesAnyPieces) {
  // What a model may give: joiners in odd places, specials, nothing.
  const auto words = make_tokenizer("words");
  EXPECT_EQ(words->join(std::vector<std::string>{"￭.", "￭", "a", "￭'￭", "￭'￭", "<unk>", "b￭"}), ". a''<unk> b");
  EXPECT_THAT(words->join_pieces(std::vector<std::string>{"￭.", "￭", "a￭", "￭"}).ranges,
              ElementsAre(ByteRange{0, 1}, ByteRange{1, 1}, ByteRange{2, 3}, ByteRange{3, 3}));
  EXPECT_EQ(words->join({}), "");
}

TEST(Tokenizer, UnknownKind) {
  EXPECT_THAT([] { make_tokenizer("word"); },
              testing::ThrowsMessage<UsageError>("unknown tokenizer 'word'; did you mean 'words'?"));
  EXPECT_THROW(make_tokenizer("sentencepiece"), UsageError);
}

std::string trained(const std::vector<std::string>& sentences, int size) {
  FlatLists<char> text;
  for (const std::string& sentence : sentences) text.add(sentence);
  TextOptions options;
  options.vocabulary = size;
  return train_sentencepiece(std::array<const FlatLists<char>*, 1>{&text}, options);
}

TEST(SentencePiece, TrainsTheSameModelAndIsExact) {
  std::vector<std::string> lines = real_lines("tatoeba-en-fr/dev.fr", 1000);
  if (lines.empty()) lines = {"un deux trois", "deux trois quatre", "trois quatre cinq", "l'eau d'une île"};
  const std::string model = trained(lines, 400);
  EXPECT_EQ(trained(lines, 400), model);
  const SentencePieceTokenizer tokenizer(model);
  EXPECT_LE(tokenizer.pieces().size(), 400u);
  EXPECT_EQ(tokenizer.pieces()[2], "</s>");
  for (const std::string& line : lines) {
    const std::vector<Piece> pieces = tokenizer.split(line);
    if (line == normalised(line)) {
      ASSERT_EQ(tokenizer.join(texts(pieces)), line);
    }
    for (const Piece& piece : pieces) {
      const std::string_view covered = std::string_view(line).substr(piece.begin, piece.end - piece.begin);
      ASSERT_TRUE(piece.text.ends_with(covered) || covered == " ") << line << " | " << piece.text;
    }
  }
  EXPECT_TRUE(tokenizer.split("").empty());
  EXPECT_EQ(tokenizer.join(texts(tokenizer.split("漢 un"))), "漢 un");
}

// Text that SentencePiece, or a vocabulary, could take for something of its own.
std::vector<std::string> hostile_lines() {
  std::vector<std::string> lines = odd_lines();
  for (const char* line : {"▅", "a▅b ▅▅ ▁▅▁", "<s>", "</s><s><unk>x", "x<s>y</s>z<unk>", "<unk", "<<s>>", "▁<s>▁",
                           "⁇ \u2047", "<0x41> <pad>", "\ufdd0\ufdd1 \ufdd2▁\ufdd0▅ \ufdd0\ufdd0",
                           "\ufdd3 \ufffe \U0010ffff \ufffd", "&#9601; &lt;s>", "@@ a@@ ##b"}) {
    lines.emplace_back(line);
  }
  const std::vector<std::string_view> parts = {"<s>", "</s>",  "<unk>", "▁",   "▅",      " ",      "a",      "é",
                                               "<",   ">",     "s",     "/",   "\ufdd0", "\ufdd1", "\ufdd2", "￭",
                                               "⁇",   "&#60;", "1",     "unk", "漢",     "&#38;"};
  Rng rng(23);
  for (int i = 0; i < 500; ++i) {
    std::string& line = lines.emplace_back();
    for (std::uint64_t n = rng.below(12); n > 0; --n) line += parts[rng.below(parts.size())];
  }
  for (std::string& line : lines) line = normalised(line);
  return lines;
}

TEST(SentencePiece, TextIsData) {
  const std::vector<std::string> lines = hostile_lines();
  const SentencePieceTokenizer tokenizer(trained(lines, 400));
  const SentencePieceTokenizer other(trained({"a 1 b"}, 10));
  const std::vector<std::string> pieces = tokenizer.pieces();
  for (const std::string& line : lines) {
    EXPECT_EQ(other.join(texts(other.split(line))), line) << "unknown characters keep their text";
    std::size_t at = 0;
    for (const Piece& piece : tokenizer.split(line)) {
      EXPECT_NE(std::find(pieces.begin() + Vocabulary::kSpecials, pieces.end(), piece.text), pieces.end())
          << piece.text << " of " << line;
      ASSERT_LE(at, piece.begin) << line;
      ASSERT_LE(piece.begin, piece.end) << line;
      at = piece.end;
    }
    EXPECT_EQ(at, line.size()) << line;
    const Joined joined = tokenizer.join_pieces(texts(tokenizer.split(line)));
    EXPECT_EQ(joined.text, line);
    EXPECT_EQ(joined.ranges, ranges_of(tokenizer.split(line))) << line;
  }
}

TEST(SentencePiece, AWordOfAnyLength) {
  std::string word;
  while (word.size() < (kSanitized ? 9600 : 96000)) word += "abcdefgh";
  const SentencePieceTokenizer tokenizer(trained({word}, 30));
  EXPECT_EQ(tokenizer.join(texts(tokenizer.split(word))), word);
  std::string unknown;  // in one run: the library needs a time that grows with its square
  while (unknown.size() < (kSanitized ? 30000 : 300000)) unknown += "漢";
  const std::string line = "abc " + unknown + " abc " + word + " abc";
  const std::vector<Piece> pieces = tokenizer.split(line);
  EXPECT_EQ(tokenizer.join(texts(pieces)), line);
  for (const Piece& piece : pieces) {
    const std::string_view covered = std::string_view(line).substr(piece.begin, piece.end - piece.begin);
    ASSERT_TRUE(piece.text.ends_with(covered) || covered == " ") << piece.begin;
  }
}

TEST(SentencePiece, SmallTextsAndSizes) {
  EXPECT_EQ(SentencePieceTokenizer(trained({"ab"}, 6)).pieces().size(), 6u);
  EXPECT_THAT([] { trained({"abc"}, 6); },
              testing::ThrowsMessage<UsageError>(testing::HasSubstr("3 different characters; 7 is the least")));
  EXPECT_THROW(trained({"", " "}, 100), Error);
  EXPECT_THROW(trained({}, 100), Error);
}

TEST(SentencePiece, DamagedModelsAreErrors) {
  EXPECT_THROW(make_sentencepiece_tokenizer(""), Error);
  EXPECT_THROW(make_sentencepiece_tokenizer("nonsense"), Error);
  const std::string model = trained({"hello world", "hello you"}, 100);
  // Rules of normalisation that the library would believe, and crash with; before and behind the pieces.
  const auto expect_refusal = [](const std::string& changed, const std::string& why) {
    EXPECT_THAT([&] { make_sentencepiece_tokenizer(changed); }, testing::ThrowsMessage<Error>(testing::HasSubstr(why)));
  };
  const std::string rules("\x1a\x04\x12\x02\xff\xff", 6);
  expect_refusal(model + rules, "its precompiled_charsmap");
  EXPECT_NO_THROW(make_sentencepiece_tokenizer(rules + model)) << "what comes later holds: there are none";
  expect_refusal(model + "\x2a\x03\x12\x01\xff", "changes what is joined");
  const auto with_piece = [&](const std::string& piece) {
    return model + "\x0a" + static_cast<char>(piece.size()) + piece;
  };
  const std::string text("\x0a\x02zz", 4);
  EXPECT_NO_THROW(make_sentencepiece_tokenizer(with_piece(text + std::string("\x15\x00\x00\x80\xbf", 5))));
  EXPECT_THAT([&] { make_sentencepiece_tokenizer(with_piece(text + std::string("\x15\x00\x00\xc0\x7f", 5))); },
              testing::ThrowsMessage<Error>(testing::HasSubstr("the score of piece")));  // not a number
  for (const char* type : {"\x18\x02", "\x18\x07", "\x18\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"}) {
    EXPECT_THROW(make_sentencepiece_tokenizer(with_piece(text + type)), Error);
  }
  // What others train that cannot be joined here, and what no program trains.
  expect_refusal(with_piece(text + "\x18\x06"), "is no byte");
  expect_refusal(with_piece("\x0a\x06<0x00>\x18\x06"), "pieces for some bytes only");
  expect_refusal(with_piece(text + "\x18\x02"), "is a second one for unknown text");
  expect_refusal(with_piece("\x0a\x03<s>"), "'<s>', which is a special of every vocabulary");
  expect_refusal(with_piece("\x0a\x01\n"), "has a line break in piece");
  expect_refusal(model + "\x12\x03\xc0\x01\x01", "without treat_whitespace_as_suffix");
  expect_refusal(model + std::string("\x1a\x02\x28\x00", 4), "without escape_whitespaces=false");
  EXPECT_THROW(make_sentencepiece_tokenizer(with_piece("\x0a\x01\xff")), Error);
  EXPECT_THROW(make_sentencepiece_tokenizer(with_piece(std::string("\x0a\x01\x00", 3))), Error);
  EXPECT_THROW(make_sentencepiece_tokenizer(with_piece(text) + "\x0b"), Error);
  EXPECT_THROW(make_sentencepiece_tokenizer(with_piece(text + text.substr(0, 3))), Error);
  Rng rng(5);
  for (int i = 0; i < 3000; ++i) {
    std::string damaged = model;
    for (std::uint64_t n = rng.below(4); n < 4; ++n) {
      damaged[rng.below(damaged.size())] = static_cast<char>(rng.below(256));
    }
    if (i % 3 == 0) damaged.resize(rng.below(damaged.size()));
    try {
      SentencePieceTokenizer(damaged).split("hello world");
    } catch (const Error&) {
    }
  }
}

}  // namespace
}  // namespace heed
