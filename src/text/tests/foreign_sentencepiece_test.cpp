// Models of SentencePiece as other programs train them. Texts and pieces are what the package sentencepiece 0.2.3 makes
// of the same; tests/interop/sentencepiece_test.py compares with it at length.
#include <gmock/gmock.h>
#include <sentencepiece_trainer.h>

#include <protozero/pbf_writer.hpp>
#include <sstream>

#include "character_map.h"
#include "heed/base/atomic_file.h"
#include "heed/base/error.h"
#include "heed/base/rng.h"
#include "heed/base/utf8.h"
#include "heed/text/text_side.h"
#include "sentencepiece_tokenizer.h"
#include "test_files.h"

namespace heed {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

const char* const kLines[] = {"the cat sleeps", "the black cat sleeps", "a cat eats the fish", "(it) eats, it sleeps!"};

/// A model of these lines; `more`: what else spm_train is told.
std::string trained(const std::string& more) {
  class Lines : public sentencepiece::SentenceIterator {
   public:
    bool done() const override { return next_ == std::size(kLines); }
    void Next() override { fetch(++next_); }
    const std::string& value() const override { return value_; }
    sentencepiece::util::Status status() const override { return {}; }
    Lines() { fetch(0); }

   private:
    void fetch(std::size_t i) { value_ = i < std::size(kLines) ? kLines[i] : ""; }
    std::size_t next_ = 0;
    std::string value_;
  } lines;
  std::unordered_map<std::string, std::string> arguments = {{"hard_vocab_limit", "false"}, {"minloglevel", "3"}};
  std::istringstream words("vocab_size=320 " + more);
  for (std::string word; words >> word;) arguments[word.substr(0, word.find('='))] = word.substr(word.find('=') + 1);
  std::string model;
  const auto status = sentencepiece::SentencePieceTrainer::Train(arguments, &lines, &model);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return model;
}

std::vector<std::string> texts(const std::vector<Piece>& pieces) {
  std::vector<std::string> out;
  for (const Piece& piece : pieces) out.push_back(piece.text);
  return out;
}

constexpr const char* kT5 = "pad_id=0 eos_id=1 unk_id=2 bos_id=-1 byte_fallback=true user_defined_symbols=<extra_id_0>";

class ForeignModel : public FolderTest {};

TEST_F(ForeignModel, HasTheIdsOfT5) {
  TextOptions options;
  options.tokenizer = "sentencepiece";
  options.model = write("t5.model", trained(kT5));
  const TextSide side = TextSide::of_model(options, "source");
  EXPECT_EQ(side.token(0), "<unk>");
  EXPECT_EQ(side.token(1), "<s>");
  EXPECT_EQ(side.token(2), "</s>");
  EXPECT_EQ(side.token(3), "<extra_id_0>");
  EXPECT_EQ(side.token(4), "<0x00>");
  EXPECT_EQ(side.token(259), "<0xFF>");
  EXPECT_EQ(side.id("<pad>"), Vocabulary::kUnknown) << "no text becomes it";
  const Encoding cat = side.encode("the black cat");
  EXPECT_THAT(cat.ids, Each(testing::Gt(259)));
  EXPECT_EQ(side.decode(cat.ids), "the black cat");
  side.save(root.string(), "source");
  EXPECT_EQ(read_file((root / "source.sentencepiece").string()), read_file(root / "t5.model"))
      << "kept as it was given";
  options.model.clear();
  EXPECT_EQ(TextSide::load(options, root, "source").encode("the black cat").ids, cat.ids);
}

TEST(ForeignModelBytes, SpellOtherCharacters) {
  const SentencePieceTokenizer tokenizer(trained(kT5));
  const std::vector<Piece> pieces = tokenizer.split("the \u6f22 <0x41>");
  EXPECT_THAT(texts(pieces), testing::IsSupersetOf({"<0xE6>", "<0xBC>", "<0xA2>", "<0x3C>"}));
  EXPECT_THAT(texts(pieces), testing::Not(testing::Contains("<0x41>"))) << "text is data";
  EXPECT_EQ(tokenizer.join(texts(pieces)), "the \u6f22 <0x41>");
  const auto byte = [&](const std::string& text) {
    return *std::find_if(pieces.begin(), pieces.end(), [&](const Piece& piece) { return piece.text == text; });
  };
  EXPECT_EQ(byte("<0xE6>").begin, byte("<0xE6>").end);
  EXPECT_EQ(byte("<0xA2>").begin, 4U);
  EXPECT_EQ(byte("<0xA2>").end, 7U);
  const std::string marks = "\u2581 \u2585 \ufdd0";
  const SentencePieceTokenizer plain(trained(std::string(kT5) + " normalization_rule_name=identity"));
  EXPECT_EQ(plain.join(texts(plain.split(marks))), marks);
}

TEST(ForeignModelBytes, AreJoinedAsSentencePieceJoinsThem) {
  const SentencePieceTokenizer tokenizer(trained(kT5));
  const std::string bad = "\ufffd";
  const std::pair<std::vector<std::string>, std::string> known[] = {
      {{"<0x63>"}, "c"},
      {{"<0x63>", "<0xC3>", "<0xA9>", "<0xC3>"}, "c\u00e9" + bad},
      {{"<0xFF>", "<0xC3>", "a"}, bad + bad + "a"},
      {{"<0xF0>", "<0x9F>", "<0x98>", "\u2581"}, bad + bad + bad + " "},
      {{"<0xF0>", "<0x9F>", "<0x98>", "<0x80>"}, "\U0001f600"},
      {{"\u2581", "<0x63>", "\u2581a"}, "c a"},
      {{"<0xE2>", "<0x96>", "<0x81>", "a"}, "\u2581a"},
      {{"<0xED>", "<0xA0>", "<0x80>"}, bad + bad + bad},
      {{"<0xC0>", "<0x80>"}, bad + bad},
      {{"<0xE2>", "<0x82>", "x"}, bad + bad + "x"},
      {{"<0xF4>", "<0x90>", "<0x80>", "<0x80>"}, bad + bad + bad + bad},
      {{"\u2581", "\u2581a"}, "a"},
      // Here Heed has other texts: one line, without a NUL.
      {{"<0x0A>", "x", "<0x0D>"}, " x "},
      {{"<0x00>"}, bad},
  };
  for (const auto& [pieces, text] : known) EXPECT_EQ(tokenizer.join(pieces), text) << testing::PrintToString(pieces);
  const Joined joined = tokenizer.join_pieces(std::vector<std::string>{"a", "<0xC3>", "<0xA9>", "<0xFF>"});
  EXPECT_THAT(joined.ranges, ElementsAre(ByteRange{0, 1}, ByteRange{1, 1}, ByteRange{1, 3}, ByteRange{3, 6}));
  // Of a model without such pieces these are text.
  EXPECT_EQ(SentencePieceTokenizer(trained("vocab_size=30")).join(std::vector<std::string>{"<0x63>"}), "<0x63>");
}

TEST(ForeignModelText, IsNormalisedAsTheModelSays) {
  const SentencePieceTokenizer nfkc(trained("vocab_size=40 normalization_rule_name=nmt_nfkc"));
  const std::string given = "\uff54he \ufb01sh\u00a0 \u2460";
  const std::vector<Piece> pieces = nfkc.split(given);
  EXPECT_EQ(nfkc.join(texts(pieces)), "the fish 1");
  std::string covered;
  for (const Piece& piece : pieces) covered += given.substr(piece.begin, piece.end - piece.begin);
  EXPECT_EQ(covered, given) << "byte ranges are of the text that was given";
  const SentencePieceTokenizer folded(trained("vocab_size=40 normalization_rule_name=nmt_nfkc_cf"));
  EXPECT_EQ(folded.join(texts(folded.split("THE Cat"))), "the cat");
  const SentencePieceTokenizer symbols(
      trained("vocab_size=40 normalization_rule_name=nmt_nfkc_cf user_defined_symbols=<TAG>,\uff21"));
  EXPECT_EQ(symbols.join(texts(symbols.split("<TAG>CAT \uff21"))), "<TAG>cat \uff21");
}

TEST(ForeignModelText, SpacesAreTheModels) {
  const auto text = [](const std::string& more, const std::vector<std::string>& pieces) {
    return SentencePieceTokenizer(trained("vocab_size=30 normalization_rule_name=identity " + more)).join(pieces);
  };
  const std::vector<std::string> two = {"\u2581", "\u2581a", "\u2581", "t"};
  EXPECT_EQ(text("", two), "a t");
  EXPECT_EQ(text("add_dummy_prefix=false", two), "a t");
  EXPECT_EQ(text("remove_extra_whitespaces=false", two), " a t");
  EXPECT_EQ(text("add_dummy_prefix=false remove_extra_whitespaces=false", two), "  a t");
}

TEST(ForeignModelBytes, DamagedModelsAreErrorsOrHarmless) {
  const std::string model = trained(std::string(kT5) + " normalization_rule_name=identity");
  Rng rng(7);
  for (int i = 0; i < 1000; ++i) {
    std::string damaged = model;
    for (std::uint64_t n = rng.below(4); n < 4; ++n) {
      damaged[rng.below(damaged.size())] = static_cast<char>(rng.below(256));
    }
    try {
      const SentencePieceTokenizer tokenizer(damaged);
      const std::vector<std::string> pieces = texts(tokenizer.split("the cat \u6f22 <extra_id_0>"));
      EXPECT_FALSE(utf8::first_invalid(tokenizer.join(pieces)));
    } catch (const Error&) {
    }
  }
}

// What is in the model is no reason to read outside it.
TEST(CharacterMap, StaysInADamagedMap) {
  const std::string whole = piece_table(trained("vocab_size=40")).charsmap;
  ASSERT_GT(whole.size(), 1000U);
  EXPECT_EQ(CharacterMap(whole, {}).apply("\ufb01").text, "fi");
  EXPECT_THAT([&] { CharacterMap(whole.substr(0, 100), {}); }, ThrowsMessage<Error>(HasSubstr("precompiled_charsmap")));
  EXPECT_THROW(CharacterMap(std::string(3, '\0'), {}), Error);
  Rng rng(11);
  for (int i = 0; i < 300; ++i) {
    std::string damaged = whole;
    for (int n = 0; n < 2000; ++n) damaged[4 + rng.below(damaged.size() - 5)] = static_cast<char>(rng.below(256));
    try {
      const Prepared read = CharacterMap(damaged, {}).apply("\ufb01 \u00e9\u6f22 the \u2460\u00a0");
      EXPECT_EQ(read.origin.size(), read.text.size() + 1);
    } catch (const Error&) {
    }
  }
}

}  // namespace
}  // namespace heed
