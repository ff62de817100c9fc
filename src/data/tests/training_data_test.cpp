#include "heed/data/training_data.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "heed/base/error.h"
#include "heed/data/fingerprint.h"
#include "heed/data/held_out.h"
#include "heed/text/extended_vocabulary.h"
#include "test_files.h"

namespace heed {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

std::vector<int> list(std::span<const int> ids) { return {ids.begin(), ids.end()}; }

class TrainingDataTest : public FolderTest {
 protected:
  // Pairs of each fate: taken, too long in tokens, too long to be looked at, blank on a side; words that only the
  // source has, and that no vocabulary has.
  DataOptions options(const std::string& tokenizer) const {
    DataOptions out;
    out.train = {write("train.s", text_[0]), write("train.t", text_[1]), ""};
    out.validation.tsv = write("dev.tsv", "The Zoe sleeps\tZoe sleeps\n\tx\n" + text_[2] + "\ta\n");
    for (TextOptions* side : {&out.source, &out.target}) {
      side->tokenizer = tokenizer;
      side->vocabulary = 40;
      side->max_length = 30;
      side->lowercase = true;
    }
    return out;
  }
  TrainingData load(const DataOptions& options, bool copies, const std::string& bundle = "") {
    said_.clear();
    return load_training_data(options, copies, bundle,
                              [this](LogLevel, std::string_view text) { said_.emplace_back(text); });
  }

  const std::string long_ = "a b c d e f g h i j k l m n o p q r s t u v w x y z a b c d e f g";
  const std::vector<std::string> text_ = {
      "The cat sleeps\nThe dog sees Zoe\n" + long_ + "\n" + std::string(8000, 'x') + " cat\n \nKim 1 2\n",
      "the cat sleeps\nZoe the dog\nthe cat\ncat\ndog\n\n", long_};
  std::vector<std::string> said_;
};

// One pass gives what a sentence at a time would.
TEST_F(TrainingDataTest, IdsAreThoseOfEachSentenceAlone) {
  for (const std::string& kind : tokenizer_kinds()) {
    for (const bool copies : {false, true}) {
      const TrainingData data = load(options(kind), copies);
      ASSERT_EQ(data.train.size(), 2u) << kind;
      EXPECT_THAT(said_, testing::Contains("2 training pairs (2 with an empty side and 2 longer than max_length left "
                                           "out)"));
      const std::vector<SentencePair> pairs = {{"The cat sleeps", "the cat sleeps"},
                                               {"The dog sees Zoe", "Zoe the dog"}};
      for (std::size_t i = 0; i < pairs.size(); ++i) {
        const Encoding source = data.source.encode(pairs[i].source);
        const Encoding target = data.target.encode(pairs[i].target);
        const ExtendedVocabulary extended(data.target, source.pieces);
        EXPECT_EQ(list(data.train[i].source), source.ids) << kind;
        EXPECT_EQ(list(data.train[i].target), copies ? extended.ids(target) : target.ids) << kind;
        EXPECT_EQ(list(data.train[i].copies), copies ? extended.source_ids() : std::vector<int>()) << kind;
      }
    }
  }
}

TEST_F(TrainingDataTest, ARunThatGoesOnHasTheSameIds) {
  for (const std::string& kind : tokenizer_kinds()) {
    for (const bool copies : {false, true}) {
      const TrainingData data = load(options(kind), copies);
      data.source.save(root.string(), "source");
      data.target.save(root.string(), "target");
      const TrainingData again = load(options(kind), copies, root.string());
      EXPECT_EQ(fingerprint(again).training, fingerprint(data).training) << kind;
      EXPECT_EQ(fingerprint(again).validation, fingerprint(data).validation) << kind;
    }
  }
}

TEST_F(TrainingDataTest, ValidationKeepsItsTextAndWhatCanBeForced) {
  const TrainingData data = load(options("words"), true);
  ASSERT_EQ(data.validation.text.size(), 2u);
  EXPECT_THAT(data.validation.forced, ElementsAre(0u));
  EXPECT_EQ(data.validation.text[0].source, "The Zoe sleeps");
  EXPECT_THAT(data.validation.references, ElementsAre(ElementsAre("zoe sleeps", "a")));
  EXPECT_FALSE(data.validation.examples[0].copies.empty());
}

TEST_F(TrainingDataTest, ValidationMayHaveSeveralReferences) {
  DataOptions several = options("words");
  several.validation = {write("dev.s", "The Zoe\n\nThe cat\n"), write("dev.t", "Zoe\nx\nCat\n"), ""};
  const std::string before = fingerprint(load(several, false)).validation;
  several.validation.more_targets = {write("dev.2", "the  Zoe\ny\n\n"), write("dev.3", "Z\nz\nC\n")};
  const TrainingData data = load(several, false);
  EXPECT_THAT(data.validation.references,
              ElementsAre(ElementsAre("zoe", "cat"), ElementsAre("the zoe", ""), ElementsAre("z", "c")));
  EXPECT_NE(fingerprint(data).validation, before);
  several.validation.more_targets = {write("dev.4", "a\nb\n")};
  EXPECT_THAT([&] { load(several, false); },
              ThrowsMessage<Error>(testing::AllOf(HasSubstr("3"), HasSubstr("2"), HasSubstr("dev.4"))));
  several.validation.more_targets = {"missing"};
  EXPECT_THAT([&] { load(several, false); }, ThrowsMessage<Error>(HasSubstr("missing")));
}

TEST_F(TrainingDataTest, UnknownTokensAreSaidAndManyAreWarnedOf) {
  DataOptions given = options("words");
  given.validation.tsv = write("other.tsv", "the cat sleeps Rex\tRex Rex\n");
  load(given, false);
  EXPECT_THAT(said_, testing::Contains("unknown tokens: of training 0 % of the source and 0 % of the target, of "
                                       "validation 25 % and 100 %"));
  EXPECT_THAT(said_, testing::Contains(HasSubstr("25.0 % of the source tokens of the validation text are unknown "
                                                 "(<unk>): a larger data.source.vocabulary")));
  EXPECT_THAT(said_, testing::Contains(HasSubstr("100.0 % of the target tokens of the validation text")));
  EXPECT_THAT(said_, testing::Not(testing::Contains(HasSubstr("tokens of the training text"))));
}

TEST_F(TrainingDataTest, NothingLeftIsAnError) {
  DataOptions none = options("spaces");
  none.train = {write("none.s", "a b\n\nc\n"), write("none.t", "\nx\nc c c\n"), ""};
  none.target.max_length = 2;
  EXPECT_THAT([&] { load(none, false); },
              ThrowsMessage<Error>("no training pair is left: 2 with an empty side and 1 longer than max_length"));
  none = options("spaces");
  none.validation.tsv = write("none.tsv", "\tx\n");
  EXPECT_THAT([&] { load(none, false); }, ThrowsMessage<Error>("every validation source is empty"));
}

TEST_F(TrainingDataTest, FiltersAreCounted) {
  DataOptions filtered = options("spaces");
  filtered.train = {write("f.s", "a b\na b\na b\nc\nc d e f\na  b\n\n"), write("f.t", "x y\nx z\nx y\nx\nx y\nx y\n\n"),
                    ""};
  EXPECT_EQ(load(filtered, false).train.size(), 6u);
  filtered.filter = {2, 1.9, "drop"};
  EXPECT_EQ(load(filtered, false).train.size(), 2u);
  EXPECT_THAT(said_,
              testing::Contains("2 training pairs (1 with an empty side, 0 longer than max_length, 1 shorter than "
                                "filter.min_length, 1 beyond filter.max_ratio and 2 with the tokens of an earlier "
                                "one left out)"));
}

TEST_F(TrainingDataTest, SeveralCorpora) {
  DataOptions several = options("spaces");
  several.train = {write("one.s", "a b\nc\n"), write("one.t", "x\ny\n"), ""};
  several.more_train.resize(1);
  several.more_train[0].tsv = write("two.tsv", "x\tskip\td e\n\tskip\tf\n");
  several.more_train[0].columns = {3, 1};
  const TrainingData data = load(several, false);
  ASSERT_EQ(data.train.size(), 3u);
  EXPECT_TRUE(data.mixture.empty());
  EXPECT_THAT(data.pairs_of_epoch(1, 0), ElementsAre(0, 1, 2));
  EXPECT_EQ(data.source.vocabulary_size(), 3 + 6);
  const std::string second = several.more_train[0].tsv + ": ";
  EXPECT_THAT(said_,
              testing::Contains(second + "1 training pairs (1 with an empty side and 0 longer than max_length left "
                                         "out)"));
  EXPECT_THAT(said_,
              testing::Contains("3 training pairs (1 with an empty side and 0 longer than max_length left out)"));
  several.train.weight = several.more_train[0].weight = 1;
  const TrainingData weighted = load(several, false);
  EXPECT_THAT(weighted.mixture.pairs, ElementsAre(ElementsAre(0, 1), ElementsAre(2)));
  EXPECT_NE(fingerprint(weighted).training, fingerprint(data).training);
  EXPECT_THAT(said_, testing::Contains(second + "an epoch draws 1 pairs, each of its 1 1 times"));
  several.train.weight = 0;
  EXPECT_THAT([&] { load(several, false); }, ThrowsMessage<UsageError>(HasSubstr("has no weight, but others have")));
  several.train.weight = 1;
  several.more_train[0].tsv = write("three.tsv", "x\t\t\n");
  EXPECT_THAT([&] { load(several, false); }, ThrowsMessage<Error>(HasSubstr("and it has a weight")));
  several.train.source = several.more_train[0].tsv = "-";
  EXPECT_THAT([&] { load(several, false); }, ThrowsMessage<UsageError>(HasSubstr("standard input")));
}

// Whatever the order of the pairs, and copies of one are on one side.
TEST_F(TrainingDataTest, WithoutAValidationTextAShareIsHeldOut) {
  std::vector<std::string> lines;
  for (int i = 0; i < 100; ++i) lines.push_back(std::to_string(i) + "\t" + std::to_string(i * i));
  for (int i = 0; i < 100; ++i) lines.push_back(lines[static_cast<std::size_t>(i) % 5]);
  const auto held_out = [&](double share, const TrainingData*& data) {
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    DataOptions options;
    options.train.tsv = write("all.tsv", text);
    options.source.tokenizer = options.target.tokenizer = "spaces";
    options.held_out = share;
    static TrainingData last;
    last = load(options, false);
    data = &last;
    std::vector<std::string> out;
    for (const SentencePair& pair : last.validation.text) out.push_back(pair.source);
    EXPECT_EQ(out.size(), read_held_out(options).size());
    for (const std::string& source : out) {
      EXPECT_EQ(last.source.id(source), Vocabulary::kUnknown) << "in training too";
    }
    return out;
  };
  const TrainingData* data = nullptr;
  const std::vector<std::string> few = held_out(0.02, data);
  EXPECT_EQ(few.size(), 4u);
  const std::string before = fingerprint(*data).validation;
  std::reverse(lines.begin(), lines.end());
  EXPECT_EQ(held_out(0.02, data), few);
  EXPECT_EQ(fingerprint(*data).validation, before);
  EXPECT_THAT(said_,
              testing::Contains(HasSubstr("data.validation is not given: 4 of 200 training pairs are held out")));
  const std::vector<std::string> more = held_out(0.25, data);
  EXPECT_EQ(more.size(), 50u);
  EXPECT_THAT(std::vector<std::string>(more.begin(), more.begin() + 4), testing::ElementsAreArray(few));
  EXPECT_LT(data->train.size(), 150u) << "copies are left out";
  EXPECT_THAT(said_, testing::Contains(HasSubstr("of them left out")));
  EXPECT_EQ(held_out(0.0001, data).size(), 1u);
  lines = {"a\tb", "a\tb", "\tb"};
  EXPECT_THAT([&] { held_out(0.1, data); }, ThrowsMessage<Error>(HasSubstr("name data.validation")));
  lines.clear();
  for (int i = 0; i < 5000; ++i) lines.push_back(std::to_string(i) + "\tx");
  EXPECT_EQ(held_out(0.5, data).size(), HeldOutPairs::kMost);
  EXPECT_EQ(data->train.size(), 5000u - HeldOutPairs::kMost);
}

class Links : public TrainingDataTest {
 protected:
  DataOptions linked(const std::string& links, const std::string& tokenizer = "words") const {
    DataOptions out = options(tokenizer);
    out.train = {write("linked.s", "the big cat\n \nDogs, too\n"), write("linked.t", "le chat\nx\naussi\n"), ""};
    out.train.alignment = write("train.links", links);
    return out;
  }
  std::string fault(const std::string& links) {
    try {
      load(linked(links), false);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }
};

TEST_F(Links, OfWordsBecomeThoseOfTheirTokens) {
  const std::string links = "0-0 2-1\n\n0-0 1-0\n";
  TrainingData data = load(linked(links), false);
  ASSERT_EQ(data.train.size(), 2U);  // the second has an empty side
  EXPECT_THAT(list(data.train[0].links), ElementsAre(0, 0, 1, 2));
  EXPECT_THAT(list(data.train[1].links), ElementsAre(0, 0, 0, 1, 0, 2)) << "'dogs', its comma, and 'too'";
  data = load(linked(links, "characters"), false);
  // c h a t: positions 3 to 6 of "le chat", linked to positions 8 to 10 of "the big cat"; a blank is of the word
  // behind.
  const std::vector<int> characters = list(data.train[0].links);
  EXPECT_THAT(std::vector<int>(characters.begin(), characters.begin() + 6), ElementsAre(0, 0, 0, 1, 0, 2));
  EXPECT_THAT(std::vector<int>(characters.end() - 6, characters.end()), ElementsAre(6, 8, 6, 9, 6, 10));
  EXPECT_NE(fingerprint(data).training,
            fingerprint(load(linked("0-0 1-1\n\n0-0 1-0\n", "characters"), false)).training);
}

TEST_F(Links, ThatDoNotFitAreRefusedWithTheirLine) {
  EXPECT_EQ(fault("0-0\n\n0-0\n"), "");
  EXPECT_THAT(fault("3-0\n\n\n"), HasSubstr("train.links:1: link 3-0, but the pair has 3 and 2 words"));
  EXPECT_THAT(fault("0-0\n\n0-1\n"), HasSubstr("train.links:3: link 0-1"));
  EXPECT_THAT(fault("0-0\n\n0:0\n"), HasSubstr("train.links:3: '0:0' is no link"));
  EXPECT_THAT(fault("0-0\n"), HasSubstr("has 1 lines of links; its corpus has more"));
  EXPECT_THAT(fault("0-0\n\n0-0\n0-0\n"), HasSubstr("train.links"));
}

}  // namespace
}  // namespace heed
