// What a training begins with, and what of it stays: vectors from elsewhere, frozen parts.
#include <gmock/gmock.h>

#include "error_of.h"
#include "heed/base/atomic_file.h"
#include "heed/model/bundle.h"
#include "heed/model/seq2seq.h"
#include "small_trainings.h"

namespace heed {
namespace {

using testing::HasSubstr;

class FirstWeights : public SmallTrainings {
 protected:
  static std::vector<float> array(const Config& run, const std::string& name) {
    const Bundle bundle = Bundle::load(run.output, Precision::kFloat32);
    for (const Parameter* parameter : bundle.model->parameters().all()) {
      if (parameter->name == name)
        return {parameter->value.view().data, parameter->value.view().data + parameter->size()};
    }
    ADD_FAILURE() << name;
    return {};
  }
  std::string said(const Config& run) {
    std::string out;
    train(run,
          {.stop = &stop, .events = {.log = [&](LogLevel, std::string_view text) { out.append(text).append("\n"); }}});
    return out;
  }
  std::string vectors(const std::string& text) {
    const std::string path = (root / "letters.vec").string();
    write_file_atomically(path, text);
    return path;
  }
};

TEST_F(FirstWeights, FrozenArraysStayAndTheOthersAreTrained) {
  Config run = small_run("free", 1);
  const std::string free = said(run);
  EXPECT_EQ(free.find("frozen"), std::string::npos);
  Config frozen = small_run("frozen", 1);
  frozen.training.freeze = {"source.embedding", "encoder.*"};
  EXPECT_THAT(said(frozen), HasSubstr("source.embedding, encoder.0.forward.input, encoder.0.forward.recurrent"));
  Config longer = small_run("longer", 3);
  longer.training.freeze = frozen.training.freeze;
  said(longer);
  for (const char* name : {"source.embedding", "encoder.0.forward.input", "encoder.0.backward.bias"}) {
    EXPECT_EQ(array(frozen, name), array(longer, name)) << name;
    EXPECT_NE(array(frozen, name), array(run, name)) << name;
  }
  EXPECT_NE(array(frozen, "target.embedding"), array(longer, "target.embedding"));
}

TEST_F(FirstWeights, AFrozenTrainingGoesOnAsIfItHadNotStopped) {
  Config whole = small_run("whole", 2);
  whole.training.freeze = {"generator.*"};
  whole.training.average_decay = 0.9;
  run(whole);
  Config parts = whole;
  parts.output = (root / "parts").string();
  run_until(parts, 3);
  run(parts, true);
  expect_same_state(whole, parts);
}

TEST_F(FirstWeights, PatternsThatFitNothingAreRefused) {
  Config run = small_run("run", 1);
  const auto refusal = [&](const std::vector<std::string>& patterns) {
    run.training.freeze = patterns;
    return error_of([&] { said(run); });
  };
  EXPECT_THAT(refusal({"source.embeding"}), HasSubstr("no array of the model fits 'source.embeding'"));
  EXPECT_THAT(refusal({"source.embeding"}), HasSubstr("did you mean 'source.embedding'"));
  EXPECT_THAT(refusal({"*"}), HasSubstr("nothing is left to train"));
}

TEST_F(FirstWeights, VectorsOfAFileAreTheFirstOnes) {
  Config run = small_run("run", 1);
  run.training.freeze = {"target.embedding"};
  const std::string numbers = " 1 2 3 4 5 6 7 -8.5e-1";
  run.model.pretrained_target = vectors("3 8\na" + numbers + "\nb" + numbers + " \nnone" + numbers + "\n");
  run.data.target.tokenizer = "spaces";
  const std::string told = said(run);
  EXPECT_THAT(told, HasSubstr("tokens have a vector in"));
  const Bundle bundle = Bundle::load(run.output, Precision::kFloat32);
  const int a = bundle.target.id("a");
  ASSERT_GE(a, Vocabulary::kSpecials);
  const std::vector<float> table = array(run, "target.embedding");
  EXPECT_EQ(std::vector<float>(table.begin() + 8 * a, table.begin() + 8 * a + 8),
            (std::vector<float>{1, 2, 3, 4, 5, 6, 7, -0.85F}));
}

TEST_F(FirstWeights, FilesThatAreNoVectorsAreRefused) {
  Config run = small_run("run", 1);
  const auto refusal = [&](const std::string& text) {
    run.model.pretrained_source = vectors(text);
    return error_of([&] { said(run); });
  };
  const std::string eight = " 1 2 3 4 5 6 7 8";
  EXPECT_THAT(refusal(""), HasSubstr("has no vectors"));
  EXPECT_THAT(refusal("2 8\na" + eight + "\n"), HasSubstr("ends after 1 vectors; its first line says 2"));
  EXPECT_THAT(refusal("1 300\na" + eight + "\n"), HasSubstr("set model.source_embedding to 300"));
  EXPECT_THAT(refusal("a" + eight + " 9\n"), HasSubstr("set model.source_embedding to 9"));
  EXPECT_THAT(refusal("a 1 2 3\n"), HasSubstr("set model.source_embedding to 3"));
  EXPECT_THAT(refusal("1 8\na 1 2 3 x 5 6 7 8\n"), HasSubstr("letters.vec:2: expected a token and 8 numbers"));
  EXPECT_THAT(refusal("1 8\na 1 2 3 inf 5 6 7 8\n"), HasSubstr("letters.vec:2: expected"));
  EXPECT_THAT(refusal("zzz" + eight + "\n"), HasSubstr("has a vector of none of the"));
  EXPECT_THAT(refusal("a\xff" + eight + "\n"), HasSubstr("invalid UTF-8"));
}

}  // namespace
}  // namespace heed
