#include <gtest/gtest.h>

#include "config_faults.h"

namespace heed {
namespace {

TEST(FeatureConfig, FeaturesAreColumnsOfEachCorpus) {
  const std::string one = "data.source.features=[{column: 3}]";
  const std::string two = "data.source.features=[{name: pos, column: 3}, {column: 5, join: sum}]";
  EXPECT_EQ(fault_of({}), "");
  EXPECT_EQ(fault_of({one, "data.train.tsv=a.tsv"}), "");
  EXPECT_EQ(fault_of({two, "data.train={tsv: a.tsv, columns: [2, 1, 4, 3]}", "data.test.tsv=b.tsv"}), "");
  const auto refused = [](const std::vector<std::string>& settings, const std::vector<std::string>& parts) {
    expect_parts(fault_of(settings), parts);
  };
  refused({one, "data.train={source: a, target: b}"}, {"a and b are two files", "feature1", "name a tsv"});
  refused({two, "data.validation={source: a, target: b}"}, {"a and b are two files", "pos, feature2"});
  refused({one, "data.train={tsv: a.tsv, columns: [1, 3]}"}, {"column 3 of a.tsv is the target already"});
  refused({two, "data.test={tsv: a.tsv, columns: [1, 2, 4, 4]}"}, {"data.test.columns", "the feature 'pos' already"});
  refused({two, "data.train={tsv: a.tsv, columns: [1, 2, 3]}"},
          {"3 numbers", "or 4 with the features (pos, feature2)"});
  refused({"data.train={tsv: a.tsv, columns: [1, 2, 3]}"}, {"data.train.columns: 3 numbers", "two are expected"});
}

TEST(FeatureConfig, FeaturesThatCannotBe) {
  const auto refused = [](const std::string& feature, const std::vector<std::string>& parts) {
    expect_parts(fault_of({"data.source.features=" + feature, "model.embedding=8"}), parts);
  };
  EXPECT_EQ(fault_of({"data.source.features={column: 3, join: sum, embedding: 8}", "model.embedding=8"}), "");
  refused("{column: 3, join: sum, embedding: 9}", {"features.embedding: 9", "embeddings of 8"});
  refused("[{column: 3}, {name: x}]", {"features.column: feature 'x' has none"});
  refused("[{column: 3, name: x}, {column: 4, name: x}]", {"features.name: two features are called 'x'"});
  refused("[{column: 3, name: a/b}]", {"features.name: 'a/b' is no name"});
  refused("{name: x}", {"features.name has no effect without"});
  refused("{join: sum}", {"features.join has no effect without"});
  refused("{embedding: 4}", {"features.embedding has no effect without"});
  expect_parts(
      fault_of({"data.source.features={column: 3}", "data.source.tokenizer=sentencepiece", "data.source.sampling=0.1"}),
      {"features.column", "data.source.sampling"});
  Config config;
  config.data.target.feature.column = 3;  // a file has no such key
  expect_parts(error_of<UsageError>([&] { config.check(); }), {"data.target.features: "});
}

}  // namespace
}  // namespace heed
