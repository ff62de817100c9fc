#include "heed/translate/shortlist.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <numeric>
#include <set>

#include "error_of.h"
#include "heed/base/atomic_file.h"
#include "heed/base/checksums.h"
#include "heed/base/error.h"
#include "heed/model/seq2seq.h"
#include "heed/translate/model_scorer.h"
#include "heed/translate/translator.h"
#include "numbered_side.h"
#include "sanitized.h"
#include "toy_bundle.h"

namespace heed {
namespace {

using Lists = std::vector<std::vector<int>>;

// Of more than one block of columns.
constexpr int kLargeVocabulary = 700;
constexpr Precision kPrecisions[] = {Precision::kFloat32, Precision::kBfloat16, Precision::kInt8};

std::shared_ptr<const Shortlist> whole_vocabulary(int target = kToyTargetVocabulary) {
  std::vector<int> all(static_cast<std::size_t>(target));
  std::iota(all.begin(), all.end(), 0);
  return std::make_shared<Shortlist>(Lists(kToySourceVocabulary), all, target);
}

std::shared_ptr<const Shortlist> random_list(int target, std::uint64_t of_each, std::uint64_t seed = 3) {
  Rng rng(seed);
  const auto some = [&](std::uint64_t count) {
    std::vector<int> out;
    for (std::uint64_t i = 0; i < count; ++i)
      out.push_back(static_cast<int>(3 + rng.below(static_cast<std::uint64_t>(target - 3))));
    return out;
  };
  Lists lists;
  for (int s = 0; s < kToySourceVocabulary; ++s) lists.push_back(some(of_each));
  return std::make_shared<Shortlist>(std::move(lists), some(of_each), target);
}

Bundle packed_toy(Precision precision, int hidden = 40, int target = kToyTargetVocabulary) {
  Bundle bundle = toy_bundle("luong-general", 1, hidden, target);
  pack(bundle, precision);
  bundle.precision = precision;
  return bundle;
}

TranslateOptions options(int beam, int batch, std::shared_ptr<const Shortlist> shortlist) {
  TranslateOptions out;
  out.beam = beam;
  out.nbest = beam;
  out.batch_sentences = batch;
  out.threads = batch > 1 ? 2 : 1;
  out.shortlist = std::move(shortlist);
  return out;
}

// To the bit, or but for `tolerance` of a log-probability.
void expect_same(const std::vector<Translated>& a, const std::vector<Translated>& b, const std::string& what,
                 double tolerance = 0) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    ASSERT_EQ(a[i].translations.size(), b[i].translations.size()) << what;
    for (std::size_t n = 0; n < a[i].translations.size(); ++n) {
      ASSERT_EQ(a[i].translations[n].tokens, b[i].translations[n].tokens) << what;
      ASSERT_NEAR(a[i].translations[n].log_probability, b[i].translations[n].log_probability, tolerance) << what;
    }
  }
}

class ShortlistFile : public testing::Test {
 protected:
  ~ShortlistFile() override { std::filesystem::remove(path_); }

  Shortlist load() const { return Shortlist::load(path_, source_, target_); }
  void refuse(const std::string& text, const std::string& message) const {
    write_file_atomically(path_, text);
    const std::string what = error_of([&] { load(); });
    EXPECT_TRUE(what.starts_with(path_.string() + message)) << what;
    EXPECT_EQ(what.find('\n'), std::string::npos) << what;
  }

  TextSide source_ = numbered_side(7);
  TextSide target_ = numbered_side(9);
  std::filesystem::path path_ = testing::TempDir() + "shortlist_test." + std::to_string(getpid());
};

TEST_F(ShortlistFile, RoundTrip) {
  const Shortlist list({{5}, {}, {}, {8, 3, 4}, {}, {3}, {}}, {7, 6}, 9);
  list.save(path_, source_, target_);
  const std::string lists = "*\t7\t6\n<unk>\t5\n3\t8\t3\t4\n5\t3\n";
  EXPECT_EQ(read_file(path_), "heed-shortlist 2 " + checksum(lists) + "\n" + lists);
  const Shortlist again = load();
  EXPECT_EQ(again.source_vocabulary(), 7);
  EXPECT_EQ(again.target_vocabulary(), 9);
  EXPECT_EQ(again.frequent(), list.frequent());
  for (int s = 0; s < 7; ++s) EXPECT_EQ(again.list(s), list.list(s));
}

TEST_F(ShortlistFile, AnythingMayBeEmpty) {
  Shortlist(Lists(7), {}, 9).save(path_, source_, target_);
  EXPECT_EQ(read_file(path_), "heed-shortlist 2 " + checksum("*\n") + "\n*\n");
  EXPECT_EQ(load().outputs(std::vector<int>{3, 4}), (std::vector<int>{Vocabulary::kUnknown, Vocabulary::kEnd}));
  write_file_atomically(path_, "heed-shortlist 1\r\n*\t3\r\n4\r\n");
  EXPECT_EQ(load().frequent(), std::vector<int>{3});
}

TEST_F(ShortlistFile, Errors) {
  refuse("", ":1: ");
  refuse("heed-shortlist 2\n*\n", ":1: 'heed-shortlist 2 CHECKSUM' is expected");
  refuse("heed-shortlist 2 " + checksum("*\t3\n") + "\n*\t4\n", ":2: damaged: the checksum in the first line");
  refuse("*\t3\n", ":1: 'heed-shortlist 2 CHECKSUM' is expected");
  refuse("heed-shortlist 1\n", ":1: the file ends before its second line");
  refuse("heed-shortlist 1\n3\t4\n", ":2: '* TAB token...' is expected");
  refuse("heed-shortlist 1\n\n", ":2: an empty line");
  refuse("heed-shortlist 1\n*\t3\n4\t3\n\n", ":4: an empty line");
  refuse("heed-shortlist 1\n*\t3\t9\n", ":2: '9' is not in the model's target vocabulary");
  refuse("heed-shortlist 1\n*\t3\n4\t9\n", ":3: '9' is not in the model's target vocabulary");
  refuse("heed-shortlist 1\n*\t3\n4\t\t3\n", ":3: '' is not in the model's target vocabulary");
  refuse("heed-shortlist 1\n*\t3\n8\t3\n", ":3: '8' is not in the model's source vocabulary");
  refuse("heed-shortlist 1\n*\t3\n4\t3\n4\t5\n", ":4: a second list of '4'");
  refuse("heed-shortlist 1\n*\t3\xff\n", ":2: invalid UTF-8");
  std::filesystem::remove(path_);
  EXPECT_THROW(load(), Error);
  EXPECT_THROW(Shortlist(Lists(2), {9}, 9), Error);
  EXPECT_THROW(Shortlist({{-1}}, {}, 9), Error);
}

TEST(Shortlist, OutputsOfASentence) {
  const Shortlist list({{}, {}, {}, {8, 4, Vocabulary::kBegin}, {5, 8}, {7}}, {6, 4}, 9);
  EXPECT_EQ(list.outputs(std::vector<int>{4, 3, 4}), (std::vector<int>{0, 2, 4, 5, 6, 8}));
  EXPECT_EQ(list.outputs({}), (std::vector<int>{0, 2, 4, 6}));
}

// A product of blocks of columns adds floats in another order than one of all columns, on some processors.
TEST(Shortlist, OfTheWholeVocabularyChangesNothing) {
  const auto sentences = toy_sentences(40);
  for (const Precision precision : kPrecisions) {
    const double tolerance = precision == Precision::kInt8 ? 0 : 1e-4;
    const Translator translator({packed_toy(precision)});
    for (const int beam : {1, 4}) {
      for (const int batch : {1, 32}) {
        expect_same(translator.translate(sentences, options(beam, batch, whole_vocabulary())),
                    translator.translate(sentences, options(beam, batch, nullptr)), name_of(precision), tolerance);
      }
    }
  }
}

// Beyond a block of columns int8 sums are whole numbers still.
TEST(Shortlist, OfAWholeLargeVocabularyChangesNothingInInt8) {
  const auto sentences = toy_sentences(20);
  const Translator translator({packed_toy(Precision::kInt8, 40, kLargeVocabulary)});
  expect_same(translator.translate(sentences, options(3, 8, whole_vocabulary(kLargeVocabulary))),
              translator.translate(sentences, options(3, 8, nullptr)), "int8");
}

void expect_batch_is_singles(const Bundle& bundle, std::uint64_t of_each, const std::string& what) {
  const auto sentences = toy_sentences(18, 7, 15);
  const auto list = random_list(bundle.target.vocabulary_size(), of_each);
  const Translator translator({bundle});
  for (const int beam : {1, 4}) {
    const auto alone = translator.translate(sentences, options(beam, 1, list));
    for (const int batch : {3, 18}) {
      expect_same(translator.translate(sentences, options(beam, batch, list)), alone, what);
    }
  }
}

TEST(Shortlist, OfATiedModelHasTheRowsOfItsTable) {
  ModelOptions tied = toy_options("luong-general");
  tied.tied = "target";
  for (const Precision precision : kPrecisions) {
    Bundle bundle = toy_bundle(tied);
    pack(bundle, precision);
    bundle.precision = precision;
    const std::vector<std::string> lines = toy_sentences(12);
    expect_same(Translator({bundle}).translate(lines, options(3, 4, whole_vocabulary())),
                Translator({bundle}).translate(lines, options(3, 4, nullptr)), name_of(precision), 1e-4);
  }
}

TEST(Shortlist, ASentenceDoesNotDependOnItsBatch) {
  for (const Precision precision : kPrecisions) {
    expect_batch_is_singles(packed_toy(precision), 1, name_of(precision));
    expect_batch_is_singles(packed_toy(precision, 40, kLargeVocabulary), 40, name_of(precision) + ", large vocabulary");
    expect_batch_is_singles(packed_toy(precision, kSanitized ? 96 : 320, kLargeVocabulary), 9,
                            name_of(precision) + ", wide");
  }
}

TEST(Shortlist, OtherTokensNeverAppear) {
  const auto sentences = toy_sentences(40);
  const auto list = random_list(kLargeVocabulary, 5);
  const Bundle bundle = packed_toy(Precision::kFloat32, 40, kLargeVocabulary);
  const Translator translator({bundle});
  std::set<std::string> seen;
  for (const Translated& translated : translator.translate(sentences, options(4, 8, list))) {
    std::set<std::string> listed;
    for (const int id : list->outputs(bundle.source.encode(translated.source).ids)) {
      listed.insert(bundle.target.token(id));
    }
    ASSERT_EQ(translated.translations.size(), 4U);
    for (const Translation& translation : translated.translations) {
      for (const std::string& token : translation.tokens) EXPECT_TRUE(listed.contains(token)) << token;
      seen.insert(translation.tokens.begin(), translation.tokens.end());
    }
  }
  EXPECT_GT(seen.size(), 20U);
}

TEST(Shortlist, BeamsWiderThanTheList) {
  const Translator translator({packed_toy(Precision::kFloat32)});
  const auto nothing =
      std::make_shared<Shortlist>(Lists(kToySourceVocabulary), std::vector<int>{}, kToyTargetVocabulary);
  for (const Translated& translated : translator.translate(toy_sentences(5), options(12, 5, nothing))) {
    ASSERT_FALSE(translated.translations.empty());
    for (const Translation& translation : translated.translations) {
      for (const std::string& token : translation.tokens) EXPECT_TRUE(token == "<unk>" || token == "</s>") << token;
    }
  }
}

TEST(Shortlist, ForbiddenTokensFollowTheListedOnes) {
  const Bundle bundle = packed_toy(Precision::kFloat32);
  ModelScorer scorer(*bundle.model);
  scorer.set_shortlist(
      std::make_shared<Shortlist>(Lists(kToySourceVocabulary), std::vector<int>{7, 5}, kToyTargetVocabulary));
  scorer.start(std::vector<std::vector<int>>{{4, 5}});
  scorer.advance(std::vector<int>{0}, std::vector<int>{Vocabulary::kBegin});
  std::vector<Continuation> out(kToyTargetVocabulary);
  scorer.best(0, out);
  const std::vector<int> some = {3, 5, 7, 8};
  std::vector<Continuation> by(some.size());
  scorer.by(0, some, by);
  const float forbidden = -std::numeric_limits<float>::infinity();
  std::set<int> listed;
  std::set<int> all;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (i < 4) listed.insert(out[i].token);
    all.insert(out[i].token);
    EXPECT_EQ(out[i].log_probability == forbidden, i >= 4);
  }
  EXPECT_EQ(listed, (std::set<int>{0, 2, 5, 7}));
  EXPECT_EQ(all.size(), out.size());
  for (const Continuation& c : by) {
    const auto same = std::ranges::find(out, c.token, &Continuation::token);
    EXPECT_EQ(c.log_probability, same->log_probability) << c.token;
  }
}

// A call with a list, one without, one with another: the scorers of the threads are used again.
TEST(Shortlist, BelongsToTheCall) {
  const auto sentences = toy_sentences(10);
  const Translator translator({packed_toy(Precision::kFloat32)});
  const auto whole = translator.translate(sentences, options(2, 4, nullptr));
  const auto first = translator.translate(sentences, options(2, 4, random_list(kToyTargetVocabulary, 1, 1)));
  const auto second = translator.translate(sentences, options(2, 4, random_list(kToyTargetVocabulary, 1, 2)));
  expect_same(translator.translate(sentences, options(2, 4, nullptr)), whole, "none");
  expect_same(translator.translate(sentences, options(2, 4, random_list(kToyTargetVocabulary, 1, 1))), first, "first");
  EXPECT_NE(first[0].translations[0].log_probability, second[0].translations[0].log_probability);
}

TEST(Shortlist, WrongUseIsRefused) {
  const auto sentences = toy_sentences(2);
  const Bundle bundle = packed_toy(Precision::kFloat32);
  EXPECT_THROW(Translator({bundle}).translate(sentences, options(1, 1, whole_vocabulary(kToyTargetVocabulary - 1))),
               UsageError);
  const std::span<const SentencePair> nothing;
  EXPECT_THROW(shortlist_of_counts(bundle.source, bundle.target, nothing, {.best = -1}), UsageError);
  EXPECT_THROW(shortlist_of_counts(bundle.source, bundle.target, nothing, {.frequent = -1}), UsageError);
  EXPECT_THROW(shortlist_of_attention(toy_bundle("none"), nothing), Error);
}

// Word order differs and no pair tells two words apart by itself.
TEST(ShortlistOfCounts, FindsTheDictionary) {
  const std::vector<SentencePair> pairs = {{"das haus ist klein", "small is the house"},
                                           {"das buch ist alt", "old is the book"},
                                           {"ein haus", "house a"},
                                           {"ein buch", "book a"},
                                           {"das haus", "the house"},
                                           {"klein ist es", "it small is"},
                                           {"es ist alt", "it is old"}};
  std::vector<std::string> sources;
  std::vector<std::string> targets;
  for (const SentencePair& pair : pairs) {
    sources.push_back(pair.source);
    targets.push_back(pair.target);
  }
  const TextOptions how{.tokenizer = "spaces", .vocabulary = 0};
  const TextSide source = TextSide::build(how, sources);
  const TextSide target = TextSide::build(how, targets);
  const Shortlist list = shortlist_of_counts(source, target, pairs, {.best = 1, .frequent = 2});
  const auto best_of = [&](const std::string& word) {
    return target.token(list.list(source.encode(word).ids[0]).at(0));
  };
  EXPECT_EQ(best_of("das"), "the");
  EXPECT_EQ(best_of("haus"), "house");
  EXPECT_EQ(best_of("buch"), "book");
  EXPECT_EQ(best_of("ein"), "a");
  EXPECT_EQ(best_of("klein"), "small");
  EXPECT_EQ(best_of("alt"), "old");
  EXPECT_EQ(best_of("es"), "it");
  EXPECT_EQ(target.token(list.frequent().at(0)), "is");  // 4 times
  EXPECT_EQ(list.frequent().size(), 2U);
  EXPECT_EQ(list.source_vocabulary(), source.vocabulary_size());
  EXPECT_TRUE(list.list(Vocabulary::kUnknown).empty());
}

// More meetings than are held before they are sorted: of the first pair 4.2 million (not under sanitizers).
TEST(ShortlistOfCounts, LongPairsLoseNothing) {
  constexpr int kTokens = kSanitized ? 300 : 2056;
  const TextSide side = numbered_side(kTokens + 10);
  std::string both;
  for (int id = Vocabulary::kSpecials; id < kTokens; ++id) both += side.token(id) + " ";
  const int alone = kTokens + 5;
  const std::string first = side.token(Vocabulary::kSpecials);
  const std::vector<SentencePair> pairs = {{both, both}, {first + " " + first, side.token(alone)}};
  const Shortlist list = shortlist_of_counts(side, side, pairs, {.best = 1, .max_length = 0});
  EXPECT_EQ(list.list(Vocabulary::kSpecials).at(0), alone);
  EXPECT_EQ(list.list(Vocabulary::kSpecials + 1).size(), 1U);
  EXPECT_EQ(list.list(kTokens - 1).size(), 1U);
  EXPECT_TRUE(list.list(kTokens).empty());
}

TEST(ShortlistOfCounts, ALongSentenceIsAnError) {
  const Bundle bundle = toy_bundle("bahdanau");
  const std::vector<SentencePair> pairs = {
      {"5 6", "7"}, {"5 6 7 8 9", "7"}, {"5", "5 6 7 8 9"}, {std::string(10000, '5'), "7"}};
  const ShortlistOptions options{.max_length = 4, .source_name = "a.en", .target_name = "a.fr"};
  const auto message = [&](std::span<const SentencePair> of) {
    return error_of([&] { shortlist_of_counts(bundle.source, bundle.target, of, options); });
  };
  EXPECT_EQ(message(pairs), "a.en:2: the sentence has 5 tokens, more than the max-length of 4");
  EXPECT_EQ(message(std::span(pairs).subspan(2)), "a.fr:1: the sentence has 5 tokens, more than the max-length of 4");
  EXPECT_EQ(message(std::span(pairs).last(1)),
            "a.en:1: the sentence has 10000 bytes, of which 1024 are looked at, more than the max-length of 4");
  EXPECT_EQ(message(std::span(pairs).first(1)), "");
}

std::vector<SentencePair> toy_pairs() {
  const auto sources = toy_sentences(30, 1);
  const auto targets = toy_sentences(30, 2);
  std::vector<SentencePair> out;
  for (std::size_t i = 0; i < sources.size(); ++i) out.push_back({sources[i], targets[i]});
  out.push_back({"", "5"});
  out.push_back({"5", ""});
  return out;
}

TEST(ShortlistOfAttention, CountsTheWeights) {
  const Bundle bundle = toy_bundle("bahdanau");
  const auto pairs = toy_pairs();
  std::vector<std::vector<double>> counts(kToySourceVocabulary, std::vector<double>(kToyTargetVocabulary));
  const auto scored = score_targets(bundle, pairs);
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const auto from = bundle.source.encode(pairs[i].source).ids;
    const auto to = bundle.target.encode(pairs[i].target).ids;
    for (std::size_t t = 0; t < to.size(); ++t) {
      for (std::size_t s = 0; s < from.size(); ++s)
        counts[from[s]][to[t]] += static_cast<double>(scored[i].attention[t][s]);
    }
  }
  const Shortlist list = shortlist_of_attention(bundle, pairs, {.best = 4, .frequent = 3});
  for (int s = Vocabulary::kSpecials; s < kToySourceVocabulary; ++s) {
    std::vector<int> expected(kToyTargetVocabulary - Vocabulary::kSpecials);
    std::iota(expected.begin(), expected.end(), Vocabulary::kSpecials);
    std::stable_sort(expected.begin(), expected.end(), [&](int a, int b) { return counts[s][a] > counts[s][b]; });
    expected.resize(4);
    EXPECT_EQ(list.list(s), expected) << s;
  }
}

TEST(ShortlistOfAttention, IsTheSameWithAnyThreadsAndBatches) {
  const Bundle bundle = toy_bundle("luong-general");
  const auto pairs = toy_pairs();
  const Shortlist one = shortlist_of_attention(bundle, pairs, {.best = 6, .batch_sentences = 1});
  const Shortlist other = shortlist_of_attention(bundle, pairs, {.best = 6, .batch_sentences = 9, .threads = 3});
  EXPECT_EQ(one.frequent(), other.frequent());
  for (int s = 0; s < kToySourceVocabulary; ++s) EXPECT_EQ(one.list(s), other.list(s));
}

}  // namespace
}  // namespace heed
