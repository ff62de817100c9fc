// Keys against overfitting: dropout by place, widths and ties of embeddings.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "heed/base/atomic_file.h"
#include "heed/model/seq2seq.h"

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
  Seq2Seq model(options, 11, 12, 1);
  for (const Parameter* parameter : model.parameters().all()) {
    if (parameter->name == "source.embedding") {
      EXPECT_EQ(parameter->columns(), 7);
    } else if (parameter->name == "target.embedding") {
      EXPECT_EQ(parameter->columns(), 5);
    }
  }
}

}  // namespace
}  // namespace heed
