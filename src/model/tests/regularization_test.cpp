// Keys against overfitting: dropout by place, widths and ties of embeddings.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "error_of.h"
#include "heed/base/atomic_file.h"
#include "heed/base/error.h"
#include "heed/model/bundle.h"
#include "heed/model/seq2seq.h"
#include "numbered_side.h"

namespace heed {
namespace {

// What v0.1 had: one number, which is none of the places that it did not know.
TEST(Regularization, DropoutIsANumberOrASectionOfPlaces) {
  const auto rates = [](const std::vector<std::string>& settings) {
    const Config config = Config::load(testing::TempDir() + "/dropout.yaml", settings);
    const DropoutOptions& dropout = config.model.dropout;
    return std::vector<double>{dropout.source,  dropout.target, dropout.encoder,   dropout.memory,
                               dropout.decoder, dropout.output, dropout.recurrent, config.model.attention.dropout};
  };
  write_file_atomically(testing::TempDir() + "/dropout.yaml", "model: {dropout: 0.3}\n");
  EXPECT_EQ(rates({}), (std::vector<double>{.3, .3, .3, 0, .3, .3, 0, 0}));
  EXPECT_EQ(rates({"model.dropout.output=0.5"}), (std::vector<double>{.3, .3, .3, 0, .3, .5, 0, 0}));
  EXPECT_EQ(rates({"model.dropout={memory: 0.4, attention: 0.1}"}),
            (std::vector<double>{.3, .3, .3, .4, .3, .3, 0, .1}));
  EXPECT_EQ(rates({"model.dropout.encoder=0"}), (std::vector<double>{.3, .3, 0, 0, .3, .3, 0, 0}));
}

TEST(Regularization, EachSideMayHaveEmbeddingsOfItsOwnWidth) {
  ModelOptions options;
  options.embedding = 7;
  EXPECT_EQ(options.source_columns(), 7);
  options.target_embedding = 5;
  Seq2Seq model(options, SourceTables(11), 12, 1);
  for (const Parameter* parameter : model.parameters().all()) {
    if (parameter->name == "source.embedding") {
      EXPECT_EQ(parameter->columns(), 7);
    } else if (parameter->name == "target.embedding") {
      EXPECT_EQ(parameter->columns(), 5);
    }
  }
}

std::vector<std::string> names_of(const Seq2Seq& model) {
  std::vector<std::string> out;
  for (const Parameter* parameter : model.parameters().all()) out.push_back(parameter->name);
  return out;
}

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

TEST(Regularization, TiedModelsHaveTheirTablesOnce) {
  ModelOptions options;
  options.embedding = 6;
  options.decoder_hidden = options.encoder_hidden = 8;
  const Seq2Seq apart(options, SourceTables(11), 11, 1);
  options.tied = "target";
  const Seq2Seq target(options, SourceTables(11), 11, 1);
  options.tied = "all";
  const Seq2Seq all(options, SourceTables(11), 11, 1);
  EXPECT_TRUE(has(names_of(apart), "generator.weight"));
  EXPECT_FALSE(has(names_of(target), "generator.weight"));
  EXPECT_FALSE(has(names_of(all), "source.embedding"));
  EXPECT_TRUE(has(names_of(all), "target.embedding"));
  EXPECT_EQ(target.parameter_count() - all.parameter_count(), 11 * 6);
  // h~ is as wide as the embeddings, and so is its part of the first cell's input.
  const long narrower = 8 + 8 + 1 + 4 * 8;  // context, hidden, bias; input feeding
  EXPECT_EQ(apart.parameter_count() - target.parameter_count(), 11 * 8 + 2 * narrower);
}

TEST(Regularization, OneTableForBothSidesNeedsOneVocabulary) {
  ModelOptions options;
  const auto refusal = [&](int source, int target) {
    return error_of<UsageError>([&] { check_tied(options, numbered_side(source), numbered_side(target)); });
  };
  EXPECT_EQ(refusal(7, 8), "");
  options.tied = "all";
  EXPECT_EQ(refusal(7, 7), "");
  EXPECT_NE(refusal(7, 8).find("one vocabulary for both sides"), std::string::npos);
  Config config;
  config.model.tied = "all";
  config.model.source_embedding = 5;
  EXPECT_NE(error_of<UsageError>([&] { config.check(); }).find("model.source_embedding"), std::string::npos);
}

}  // namespace
}  // namespace heed
