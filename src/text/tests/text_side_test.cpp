#include "heed/text/text_side.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "heed/base/error.h"
#include "heed/base/settings.h"
#include "heed/text/side_files.h"
#include "numbered_side.h"
#include "test_files.h"

namespace heed {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

using TextSideTest = FolderTest;

const std::vector<std::string> kSentences = {"Le chat dort.", "Le chien dort.", "Le chat mange l'île.", ""};

std::vector<std::string> texts(const Encoding& encoding) {
  std::vector<std::string> out;
  for (const Piece& piece : encoding.pieces) out.push_back(piece.text);
  return out;
}

TextOptions options_of(const std::string& tokenizer) {
  TextOptions options;
  options.tokenizer = tokenizer;
  options.vocabulary = 60;
  return options;
}

TEST_F(TextSideTest, EncodesAndDecodes) {
  for (const std::string& kind : tokenizer_kinds()) {
    const TextSide side = TextSide::build(options_of(kind), kSentences);
    for (const std::string& sentence : kSentences) {
      const Encoding encoding = side.encode(sentence);
      ASSERT_EQ(encoding.ids.size(), encoding.pieces.size());
      std::vector<int> ids = {Vocabulary::kBegin};
      ids.insert(ids.end(), encoding.ids.begin(), encoding.ids.end());
      ids.push_back(Vocabulary::kEnd);
      EXPECT_EQ(side.decode(ids), sentence) << kind;
    }
  }
}

TEST_F(TextSideTest, WhiteSpaceAloneIsAnEmptySentence) {
  for (const std::string& kind : tokenizer_kinds()) {
    const TextSide side = TextSide::build(options_of(kind), kSentences);
    for (const char* blank : {"", " ", "\t", "\u00a0", "\u3000 \u3000"}) {
      EXPECT_TRUE(side.encode(blank).ids.empty()) << kind;
      EXPECT_EQ(side.as_written(blank), "") << kind;
    }
  }
}

// What a model could write at its best: unknown words stay, lower case and lost blanks do not matter.
TEST_F(TextSideTest, ReferencesAsTheSideWouldWriteThem) {
  for (const std::string& kind : tokenizer_kinds()) {
    TextOptions options = options_of(kind);
    options.lowercase = true;
    const TextSide side = TextSide::build(options, kSentences);
    EXPECT_EQ(side.as_written("Le ZÉBU dort."), "le zébu dort.") << kind;
    EXPECT_EQ(side.as_written(""), "") << kind;
    EXPECT_EQ(side.as_written(" Le  chat "), kind == "characters" ? " le  chat " : "le chat") << kind;
    EXPECT_EQ(TextSide::build(options_of(kind), kSentences).as_written("Le ZÉBU"), "Le ZÉBU") << kind;
  }
}

TEST_F(TextSideTest, AMinCountThatLeavesNothingIsRefused) {
  TextOptions options = options_of("words");
  options.min_count = 4;
  EXPECT_THAT([&] { TextSide::build(options, kSentences); },
              ThrowsMessage<UsageError>(HasSubstr("min_count of 4 leaves no token: the most frequent of")));
  options.min_count = 3;
  EXPECT_GT(TextSide::build(options, kSentences).vocabulary_size(), Vocabulary::kSpecials);
}

TEST_F(TextSideTest, SavesAndLoads) {
  for (const std::string& kind : tokenizer_kinds()) {
    const TextSide side = TextSide::build(options_of(kind), kSentences);
    side.save(root.string(), "source");
    const TextSide again = TextSide::load(options_of(kind), root, "source");
    ASSERT_EQ(again.vocabulary_size(), side.vocabulary_size());
    for (int id = 0; id < side.vocabulary_size(); ++id) EXPECT_EQ(again.token(id), side.token(id));
    EXPECT_EQ(again.encode("Le chat zzz").ids, side.encode("Le chat zzz").ids);
    const TextSide copy = again;
    EXPECT_EQ(copy.encode("Le chien").ids, side.encode("Le chien").ids);
  }
  EXPECT_TRUE(std::filesystem::exists(root / "source.vocabulary"));
  EXPECT_TRUE(std::filesystem::exists(root / "source.sentencepiece"));
}

TEST_F(TextSideTest, SharesASentencePieceModelThatIsTheSame) {
  const TextOptions options = options_of("sentencepiece");
  const TextSide side = TextSide::build(options, kSentences);
  side.save(root.string(), "source");
  side.save(root.string(), "target");
  const std::vector<std::string> others = {"aa bb", "bb cc aa", "cc"};
  TextSide::build({.tokenizer = "sentencepiece", .vocabulary = 9}, others).save(root.string(), "other");
  EXPECT_TRUE(have_one_sentencepiece(root, {options, "source"}, {options, "target"}));
  EXPECT_FALSE(have_one_sentencepiece(root, {options, "source"}, {options, "other"}));
  EXPECT_FALSE(have_one_sentencepiece(root, {options, "source"}, {options_of("words"), "target"}));
  const TextSide target = TextSide::load(options, root, "target", &side);
  EXPECT_EQ(target.encode("Le chat zzz").ids, side.encode("Le chat zzz").ids);
  EXPECT_EQ(target.sentencepiece(), side.sentencepiece());
  EXPECT_EQ(target.vocabulary_size(), side.vocabulary_size());
  EXPECT_EQ(TextSide::load(options, root, "other", &side).encode("aa bb").ids,
            TextSide::load(options, root, "other").encode("aa bb").ids);
}

TEST_F(TextSideTest, BundleFilesMayBeMissingOrHostile) {
  EXPECT_THAT([&] { TextSide::load(options_of("words"), root, "target"); },
              ThrowsMessage<Error>(HasSubstr("target.vocabulary' is missing: a bundle holds")));
  write("target.vocabulary", "<unk>\n<s>\nword\n");
  EXPECT_THAT([&] { TextSide::load(options_of("words"), root, "target"); },
              ThrowsMessage<Error>(HasSubstr("target.vocabulary:3: not a vocabulary; expected </s>")));
  write("target.sentencepiece", "x");
  EXPECT_THAT([&] { TextSide::load(options_of("sentencepiece"), root, "target"); },
              ThrowsMessage<Error>(HasSubstr("target.sentencepiece: not a SentencePiece model")));
  std::filesystem::create_directory(root / "dir.vocabulary");
  EXPECT_THROW(TextSide::load(options_of("words"), root, "dir"), Error);
}

TEST_F(TextSideTest, UnknownTokens) {
  for (const std::string& kind : tokenizer_kinds()) {
    const TextSide side = TextSide::build(options_of(kind), kSentences);
    const Encoding encoding = side.encode("漢");
    EXPECT_EQ(encoding.ids.back(), Vocabulary::kUnknown);
    EXPECT_THAT(side.decode(encoding.ids), HasSubstr("<unk>"));
    EXPECT_EQ(encoding.pieces.back().text, "漢");
  }
}

TEST_F(TextSideTest, SpecialsInTheTextAreNotSpecials) {
  const std::vector<std::string> sentences = {"a </s> <s> <unk> b", "a </s>"};
  const TextSide side = TextSide::build(options_of("spaces"), sentences);
  EXPECT_THAT(side.encode(sentences[0]).ids, ElementsAre(4, 3, 5, 6, 7));
  EXPECT_EQ(side.token(3), "&#60;/s>");
  for (const std::string& sentence : sentences) EXPECT_EQ(side.decode(side.encode(sentence).ids), sentence);
  const TextSide without = TextSide::build(options_of("spaces"), kSentences);
  EXPECT_THAT(without.encode("</s> <s> <unk>").ids, ElementsAre(0, 0, 0));
  EXPECT_EQ(without.join(texts(without.encode("</s> <s> <unk>"))), "</s> <s> <unk>");
  for (const std::string& kind : tokenizer_kinds()) {
    const TextSide any = TextSide::build(options_of(kind), sentences);
    const Encoding encoding = any.encode(sentences[0]);
    EXPECT_THAT(encoding.ids, testing::Each(testing::Ge(Vocabulary::kSpecials))) << kind;
    EXPECT_EQ(any.decode(encoding.ids), sentences[0]) << kind;
  }
}

TEST_F(TextSideTest, LowercaseKeepsTheRangesOfTheOriginal) {
  const std::vector<std::string> sentences = {"ȺȺ İx Été"};  // lower case has other lengths in bytes: 3, 1
  for (const std::string& kind : tokenizer_kinds()) {
    TextOptions options = options_of(kind);
    options.lowercase = true;
    const TextSide side = TextSide::build(options, sentences);
    const Encoding encoding = side.encode(sentences[0]);
    EXPECT_EQ(side.decode(encoding.ids), "ⱥⱥ i\u0307x été") << kind;
    EXPECT_EQ(encoding.pieces.back().end, sentences[0].size()) << kind;
    if (kind != "words" && kind != "spaces") continue;
    ASSERT_EQ(encoding.pieces.size(), 3u);
    EXPECT_EQ(encoding.pieces[1].begin, 5u);
    EXPECT_EQ(encoding.pieces[1].end, 8u);
  }
}

TEST_F(TextSideTest, ALetterOfTwoInLowercaseBelongsToTheFirst) {
  TextOptions options = options_of("characters");
  options.lowercase = true;
  const std::vector<Piece> pieces = TextSide::build(options, std::vector<std::string>{"aİb"}).encode("aİb").pieces;
  EXPECT_THAT(ranges_of(pieces), ElementsAre(ByteRange{0, 1}, ByteRange{1, 3}, ByteRange{3, 3}, ByteRange{3, 4}));
}

TEST_F(TextSideTest, LowercaseKnowsWhereAWordEnds) {
  TextOptions options = options_of("words");
  options.lowercase = true;
  const TextSide side = TextSide::build(options, std::vector<std::string>{"ΤΗΣ ΣΟΦΙΑΣ-ΣΑΣ"});
  const Encoding encoding = side.encode("ΤΗΣ ΣΟΦΙΑΣ-ΣΑΣ");
  EXPECT_EQ(side.decode(encoding.ids), "της σοφιας-σας");
}

TEST_F(TextSideTest, FrontBoundsWhatIsRead) {
  const std::string line(1000, 'x');
  EXPECT_EQ(TextSide::front(line, 0).size(), 1000U);
  EXPECT_EQ(TextSide::front(line, 4).size(), 1000U);
  EXPECT_EQ(TextSide::front(line, 3).size(), 3 * TextSide::kBytesPerToken);
  std::string wide;
  while (wide.size() < 1000) wide += "漢";
  EXPECT_EQ(TextSide::front(wide, 1).size(), TextSide::kBytesPerToken / 3 * 3);
}

TEST_F(TextSideTest, LimitAndMinCount) {
  TextOptions options = options_of("spaces");
  options.vocabulary = 5;
  EXPECT_EQ(TextSide::build(options, std::vector<std::string>{"b a b c a b"}).vocabulary_size(), 5);
  options.vocabulary = 0;
  options.min_count = 2;
  const TextSide side = TextSide::build(options, std::vector<std::string>{"b a b c a b"});
  EXPECT_EQ(side.vocabulary_size(), 5);
  EXPECT_EQ(side.token(3), "b");
  options.vocabulary = 3;
  EXPECT_THROW(TextSide::build(options, kSentences), UsageError);
}

TEST_F(TextSideTest, OfAVocabulary) {
  const TextSide side = numbered_side(10);
  EXPECT_EQ(side.vocabulary_size(), 10);
  EXPECT_THAT(side.encode("9 3 x").ids, ElementsAre(9, 3, 0));
  EXPECT_EQ(side.decode(std::vector<int>{9, 3, 2}), "9 3");
  EXPECT_THROW(side.token(10), Error);
  EXPECT_THROW(side.token(-1), Error);
}

TEST_F(TextSideTest, InvalidUtf8IsAnError) {
  const TextSide side = numbered_side(10);
  EXPECT_THAT([&] { side.encode("3 \xff"); }, ThrowsMessage<Error>("invalid UTF-8 at byte 3 of the sentence"));
}

TEST_F(TextSideTest, Describe) {
  TextOptions options;
  Settings settings;
  options.describe(settings, "data.source");
  settings.load(
      "data: {source: {tokenizer: characters, vocabulary: 100, min_count: 2, lowercase: true, max_length: 9}}", "c");
  EXPECT_EQ(options.tokenizer, "characters");
  EXPECT_EQ(options.vocabulary, 100);
  EXPECT_EQ(options.max_length, 9);
}

TEST(Vocabulary, SortsByFrequencyThenBytes) {
  const Vocabulary vocabulary =
      Vocabulary::from_counts({{"b", 2}, {"a", 2}, {"é", 5}, {"rare", 1}, {"<s>", 99}, {"", 99}}, 0, 2);
  EXPECT_EQ(vocabulary.to_text(), "<unk>\n<s>\n</s>\né\na\nb\n");
  EXPECT_EQ(vocabulary.id("a"), 4);
  EXPECT_EQ(vocabulary.id("rare"), Vocabulary::kUnknown);
  EXPECT_EQ(Vocabulary::from_text(vocabulary.to_text(), "v").to_text(), vocabulary.to_text());
}

TEST(Vocabulary, TakesAList) {
  const auto read = [](std::string_view text) { return Vocabulary::from_list(text, "v").to_text(); };
  EXPECT_EQ(read("b\na\n"), "<unk>\n<s>\n</s>\nb\na\n");
  EXPECT_EQ(read("b\r\na"), read("b\na\n"));
  EXPECT_EQ(read("<unk>\n<s>\n</s>\nb\na\n"), read("b\na\n"));
  const auto expect_error = [&](std::string_view text, const std::string& message) {
    EXPECT_THAT([&] { read(text); }, ThrowsMessage<Error>(HasSubstr(message))) << text;
  };
  expect_error("", "v:1: a vocabulary without tokens");
  expect_error("<unk>\n<s>\n</s>\n", "v:1: a vocabulary without tokens");
  expect_error("a\nb\n\nc\n", "v:3: an empty token");
  expect_error("a\nb\na\n", "v:3: 'a' is in line 1 already");
  expect_error("<unk>\n<s>\n</s>\na\na\n", "v:5: 'a' is in line 4 already");
  expect_error("<unk>\n<s>\n</s>\na\n<s>\n", "v:5: '<s>' is a special");
  expect_error("a\n</s>\n", "v:2: '</s>' is a special");
  expect_error("the 123\n", "v:1: a blank in a token; expected one token a line");
  expect_error("a\n\xff\n", "v:2: invalid UTF-8");
}

TEST_F(TextSideTest, OfAGivenModel) {
  TextOptions options = options_of("words");
  options.model = write("list", "chat\ndort\n");
  const TextSide list = TextSide::of_model(options, "source");
  EXPECT_THAT(list.encode("chat dort ici").ids, ElementsAre(3, 4, 0));
  options = options_of("sentencepiece");
  const TextSide made = TextSide::build(options, kSentences);
  made.save(root.string(), "target");
  for (const std::string& model : {root.string(), (root / "target.sentencepiece").string()}) {
    options.model = model;
    EXPECT_EQ(TextSide::of_model(options, "target").encode(kSentences[0]).ids, made.encode(kSentences[0]).ids);
  }
  EXPECT_THAT([&] { TextSide::of_model(options_of("sentencepiece"), "target"); }, testing::Throws<Error>());
  options.model = root.string();
  EXPECT_THAT([&] { TextSide::of_model(options, "source"); },
              ThrowsMessage<Error>(HasSubstr("source.sentencepiece' is missing: a bundle holds")));
  options.model = write("text", "no model\n");
  EXPECT_THAT([&] { TextSide::of_model(options, "source"); },
              ThrowsMessage<Error>(HasSubstr("text: not a SentencePiece model")));
}

TEST(Vocabulary, ChecksItsFile) {
  const auto expect_error = [](std::string_view text, const std::string& message) {
    EXPECT_THAT([&] { Vocabulary::from_text(text, "v"); }, ThrowsMessage<Error>(HasSubstr(message))) << text;
  };
  expect_error("", "v:1: not a vocabulary; expected <unk>");
  expect_error("<unk>\r\n<s>\r\n</s>\r\n", "v:1: not a vocabulary; expected <unk>");
  expect_error("<unk>\n<s>\n", "v:3: not a vocabulary; expected </s>");
  expect_error("<unk>\n<s>\n</s>\na\n\nb\n", "v:5: an empty token");
  expect_error("<unk>\n<s>\n</s>\na\nb\na\n", "v:6: 'a' is in line 4 already");
  expect_error("<unk>\n<s>\n</s>\n<s>\n", "v:4: '<s>' is in line 2 already");
  expect_error("<unk>\n<s>\n</s>\na\nwor", "v:5: the vocabulary is cut off");
  expect_error("<unk>\n<s>\n</s>\n\xff\n", "v:4: invalid UTF-8");
  expect_error("<unk>\n<s>\n</s>\na\rb\n", "v:4: a line break");
}

}  // namespace
}  // namespace heed
