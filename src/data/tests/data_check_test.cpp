#include "heed/data/data_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "heed/base/error.h"
#include "heed/data/training_data.h"
#include "test_files.h"

namespace heed {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class DataCheckTest : public FolderTest {
 protected:
  DataOptions options(const std::string& source, const std::string& target) const {
    DataOptions out;
    out.train = {write("s", source), write("t", target), ""};
    out.validation.tsv = write("dev.tsv", "a b zzz\tx\n");
    out.source.tokenizer = out.target.tokenizer = "spaces";
    return out;
  }
  DataCheck check(const DataOptions& options, std::size_t first = 2) {
    said_.clear();
    return check_data(options, "", first, [this](LogLevel, std::string_view text) { said_.emplace_back(text); });
  }
  static DataCheck::Kind kind(const DataCheck& check, const std::string& name) {
    for (const DataCheck::Kind& each : check.kinds) {
      if (each.name == name) return each;
    }
    ADD_FAILURE() << "no kind " << name;
    return {};
  }
  std::string at(const std::string& line) const { return (root / "s").string() + ":" + line; }

  std::vector<std::string> said_;
};

TEST_F(DataCheckTest, SaysWhatATrainingWouldSay) {
  DataOptions data = options("a b\n\na b c d e\na b\nc c c\nb\n", "x\ny\nx\nx\nc c c\n\n");
  data.source.max_length = 4;
  const DataCheck found = check(data);
  const std::vector<std::string> as_checked = said_;
  std::vector<std::string> trained;
  const TrainingData loaded =
      load_training_data(data, false, "", [&](LogLevel, std::string_view text) { trained.emplace_back(text); });
  ASSERT_GT(trained.size(), as_checked.size());
  EXPECT_EQ(as_checked, std::vector<std::string>(trained.begin() + 1, trained.begin() + 1 + as_checked.size()))
      << "between vocabularies and what they lack";
  EXPECT_EQ(kind(found, "trained on").sum(), static_cast<long>(loaded.train.size()));
  EXPECT_THAT(kind(found, "with an empty side").first, ElementsAre(at("2: 0 and 1 tokens"), at("6: 1 and 0 tokens")));
  EXPECT_THAT(kind(found, "longer than max_length").first, ElementsAre(at("3: 5 and 1 tokens")));
  EXPECT_THAT(kind(found, "with the tokens of an earlier one").first, ElementsAre(at("4: 2 and 1 tokens")));
  EXPECT_THAT(kind(found, "with the same text on both sides").counts, ElementsAre(1));
  EXPECT_THAT(found.lines, ElementsAre(6));
  EXPECT_THAT(found.faults, IsEmpty());
  EXPECT_DOUBLE_EQ(found.source.mean, 7.0 / 3);
  EXPECT_EQ(found.source.percentile_95, 3u);
  EXPECT_EQ(found.source.most, 3u);
  EXPECT_EQ(found.source.unknown, 0);
  EXPECT_DOUBLE_EQ(found.source.validation_unknown, 1.0 / 3);
  EXPECT_EQ(found.target.vocabulary, loaded.target.vocabulary_size());
}

TEST_F(DataCheckTest, GoesOverWhatIsWrong) {
  const DataCheck found = check(options("a\n\xff\nc\n\xff\nd\n\xff\n", "x\nx\nx\nx\nx\nx\n"));
  EXPECT_EQ(kind(found, "trained on").sum(), 3);
  EXPECT_THAT(kind(found, "invalid UTF-8").first,
              ElementsAre(at("2: invalid UTF-8 at byte 1"), at("4: invalid UTF-8 at byte 1")));
  EXPECT_EQ(kind(found, "invalid UTF-8").sum(), 3);
  EXPECT_THAT(found.faults, ElementsAre("3 lines with an error"));
  EXPECT_THAT(check(options("a\n", "x\n"), 0).faults, IsEmpty());
  EXPECT_THAT(check(options("\n", "x\n")).faults, ElementsAre(testing::HasSubstr("no training pair is left")));
  DataOptions data = options("a\nb\n", "x\ny\n");
  data.validation.tsv = write("bad.tsv", "a\n");
  EXPECT_THAT(check(data).faults, ElementsAre(testing::HasSubstr("bad.tsv:1: no tab")));
  data.train.source = "missing";
  EXPECT_THROW(check(data), Error);
}

TEST_F(DataCheckTest, CountsWhereNothingCanBeHeldOut) {
  DataOptions data = options("a\n\n", "x\ny\n");
  data.validation = {};
  const DataCheck found = check(data);
  EXPECT_THAT(found.lines, ElementsAre(2));
  EXPECT_EQ(kind(found, "trained on").sum(), 1);
  EXPECT_EQ(kind(found, "with an empty side").sum(), 1);
  EXPECT_THAT(found.faults, ElementsAre(testing::HasSubstr("too few to hold one out")));
}

TEST_F(DataCheckTest, GoesOverLinksThatDoNotFit) {
  DataOptions data = options("a\nb\nc d\ne\n", "x\ny\nz\nw\n");
  data.train.alignment = write("links", "0-0\n0-7\n1-0\nzero\n");
  DataCheck found = check(data);
  EXPECT_EQ(kind(found, "trained on").sum(), 2);
  EXPECT_THAT(kind(found, "with links that do not fit").first,
              ElementsAre(testing::HasSubstr("links:2: link 0-7"), testing::HasSubstr("links:4: ")));
  EXPECT_THAT(found.lines, ElementsAre(4));
  EXPECT_THAT(found.faults, ElementsAre("2 lines with an error"));
  data.train.alignment = write("links", "0-0\n");
  found = check(data);
  EXPECT_EQ(kind(found, "with links that do not fit").sum(), 1);
  EXPECT_THAT(found.lines, ElementsAre(4));
}

TEST_F(DataCheckTest, CountsLinesWhereNoTokensCanBeMade) {
  DataOptions data = options("a\nb\n", "x\ny\n");
  data.source.model = (root / "missing").string();
  const DataCheck found = check(data);
  EXPECT_THAT(found.lines, ElementsAre(2));
  EXPECT_EQ(found.faults.size(), 1u);
}

TEST_F(DataCheckTest, RefusesWhatATrainingRefuses) {
  DataOptions data = options("a\nb\n", "x\ny\n");
  data.validation.tsv = write("blank.tsv", "\tx\n");
  data.test.tsv = write("long.tsv", "a b c d\tx\n");
  data.source.max_length = 3;
  const auto fits = [](const TextSide& source, const TextSide&) {
    throw UsageError("of " + std::to_string(source.vocabulary_size()));
  };
  const DataCheck found = check_data(
      data, "", 0, [](LogLevel, std::string_view) {}, fits);
  EXPECT_THAT(found.faults, ElementsAre("every validation source is empty",
                                        "each of 1 test pairs is longer than max_length", "of 5"));
}

// Pairs that are let go after others come late, but are named where they stand.
TEST_F(DataCheckTest, TheFirstLinesAreTheFirst) {
  std::string lines;
  for (int i = 0; i < 5000; ++i) lines += std::to_string(i) + "\n";
  DataOptions data = options(lines, lines);
  data.validation = {};
  const DataCheck found = check(data, 5000);
  const DataCheck::Kind same = kind(found, "with the same text on both sides");
  EXPECT_EQ(same.sum(), 4900);
  EXPECT_EQ(found.validation_pairs, 100);
  long before = 0;
  for (const std::string& line : same.first) {
    const long number = std::stol(line.substr(at("").size()));
    EXPECT_GT(number, before);
    before = number;
  }
}

}  // namespace
}  // namespace heed
