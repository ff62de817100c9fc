#include "heed/base/nearest.h"

#include <gtest/gtest.h>

namespace heed {
namespace {

const std::vector<std::string> kAttentions = {"none", "bahdanau", "luong-dot", "luong-general", "luong-concat"};

TEST(Nearest, FindsWhatWasMeant) {
  EXPECT_EQ(nearest("bahdenau", kAttentions), "bahdanau");
  EXPECT_EQ(nearest("BAHDANAU", kAttentions), "bahdanau");
  EXPECT_EQ(nearest("luong-genreal", kAttentions), "luong-general");
  EXPECT_EQ(nearest("luongdot", kAttentions), "luong-dot");
  EXPECT_EQ(nearest("noen", kAttentions), "none");
}

TEST(Nearest, IsSilentWhereNothingIsNear) {
  EXPECT_EQ(nearest("transformer", kAttentions), "");
  EXPECT_EQ(nearest("", kAttentions), "");
  const std::vector<std::string> keys = {"training.optimizer.kind", "model.target_embedding", "data.source.vocabulary"};
  for (const char* far : {"training.overnight", "data.shared_words"}) {
    EXPECT_EQ(nearest(far, keys), "") << "what lies in the same section is not therefore near";
  }
  EXPECT_EQ(nearest("model.traget_embedding", keys), "model.target_embedding");
  EXPECT_EQ(nearest("xy", std::vector<std::string>{"ab"}), "");
  EXPECT_EQ(nearest(std::string(100000, 'a'), kAttentions), "");
  EXPECT_EQ(nearest("a", {}), "");
}

TEST(Nearest, DidYouMean) {
  EXPECT_EQ(did_you_mean("luong-generall", kAttentions), "; did you mean 'luong-general'?");
  EXPECT_EQ(did_you_mean("zzz", kAttentions), "");
}

TEST(Nearest, WordsOfOtherToolkits) {
  const std::vector<std::string> keys = {"data.source.vocabulary", "data.target.vocabulary", "model.embedding",
                                         "model.encoder.cell",     "model.encoder.layers",   "model.encoder.hidden",
                                         "model.decoder.layers",   "model.decoder.hidden",   "model.attention.kind",
                                         "training.learning_rate", "training.epochs",        "output"};
  const auto hint = [&](const char* word) { return did_you_mean(word, keys); };
  EXPECT_EQ(hint("training.lr"), "; did you mean 'training.learning_rate'?");
  EXPECT_EQ(hint("lr"), "; did you mean 'training.learning_rate'?");
  EXPECT_EQ(hint("model.rnn_size"), "; did you mean 'model.encoder.hidden' or 'model.decoder.hidden'?");
  EXPECT_EQ(hint("model.layers"), "; did you mean 'model.encoder.layers' or 'model.decoder.layers'?");
  EXPECT_EQ(hint("model.enc_layers"), "; did you mean 'model.encoder.layers'?");
  EXPECT_EQ(hint("model.decoder.num_layers"), "; did you mean 'model.decoder.layers'?");
  EXPECT_EQ(hint("model.encoder.type"), "; did you mean 'model.encoder.cell'?");
  EXPECT_EQ(hint("model.attention.type"), "; did you mean 'model.attention.kind'?");
  EXPECT_EQ(hint("data.target.vocab_size"), "; did you mean 'data.target.vocabulary'?");
  EXPECT_EQ(hint("save_data"), "; did you mean 'output'?");
  EXPECT_EQ(hint("embedding"), "; did you mean 'model.embedding'?");
  EXPECT_NE(hint("training.gpu").find("not on a GPU"), std::string::npos);
  EXPECT_EQ(did_you_mean("general", kAttentions), "; did you mean 'luong-general'?");
  EXPECT_EQ(did_you_mean("mlp", kAttentions), "; did you mean 'bahdanau'?");
  const std::vector<std::string> options = {"--beam", "--max-length", "--threads"};
  EXPECT_EQ(did_you_mean("--beam-size", options), "; did you mean '--beam'?");
  EXPECT_EQ(did_you_mean("--max_len", options), "; did you mean '--max-length'?");
  EXPECT_EQ(meant("lr", options), std::vector<std::string>{});
}

}  // namespace
}  // namespace heed
