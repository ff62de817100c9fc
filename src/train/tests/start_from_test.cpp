#include <gmock/gmock.h>

#include <map>

#include "error_of.h"
#include "heed/model/bundle.h"
#include "heed/model/seq2seq.h"
#include "runs.h"

namespace heed {
namespace {

using testing::HasSubstr;

class StartFrom : public RunTest {
 protected:
  /// Training of one epoch whose rate is too small to change a weight.
  Config still_run(const std::string& name, const Task& task) const {
    Config out = config(task, 40, 8);
    out.output = (root / name).string();
    out.model.embedding = out.model.encoder_hidden = out.model.decoder_hidden = 8;
    out.model.dropout = {};
    out.training.optimizer.kind = "sgd";
    out.training.learning_rate = 1e-12;
    out.training.epochs = 1;
    return out;
  }
  /// Of tokens that both vocabularies have, the rows of the source's embedding.
  static std::map<std::string, std::vector<float>> rows(const Config& run) {
    const Bundle bundle = Bundle::load(run.output, Precision::kFloat32);
    std::map<std::string, std::vector<float>> out;
    for (const Parameter* parameter : bundle.model->parameters().all()) {
      if (parameter->name != "source.embedding") continue;
      for (int id = 0; id < bundle.source.vocabulary_size(); ++id) {
        const float* row = parameter->value.view().row(id);
        out[bundle.source.token(id)] = {row, row + parameter->columns()};
      }
    }
    return out;
  }
  static std::vector<float> matrix(const Config& run, const std::string& name) {
    const Bundle bundle = Bundle::load(run.output, Precision::kFloat32);
    for (const Parameter* parameter : bundle.model->parameters().all()) {
      if (parameter->name != name) continue;
      return {parameter->value.view().data, parameter->value.view().data + parameter->size()};
    }
    return {};
  }
  std::vector<std::string> said(const Config& run) {
    std::vector<std::string> out;
    train(run, {.events = {.log = [&](LogLevel, std::string_view text) { out.emplace_back(text); }}});
    return out;
  }
};

constexpr double kMoved = 1e-6;  // by the rate

TEST_F(StartFrom, TheFirstUpdateHasTheWeightsOfTheBundle) {
  Config general = still_run("general", {6, 2, 4, false});
  general.training.learning_rate = 0.5;
  train(general);
  Config domain = still_run("domain", {4, 2, 4, true});
  domain.training.start_from = general.output;
  domain.training.seed = 99;
  EXPECT_THAT(said(domain), testing::Contains(HasSubstr("starts from " + general.output + ": 2")));
  for (const char* name : {"source.embedding", "generator.weight", "decoder.0.recurrent"}) {
    const std::vector<float> now = matrix(domain, name), before = matrix(general, name);
    ASSERT_EQ(now.size(), before.size()) << name << ": the vocabulary is kept";
    for (std::size_t i = 0; i < now.size(); ++i) ASSERT_NEAR(now[i], before[i], kMoved) << name;
  }
}

TEST_F(StartFrom, WithANewVocabularyCommonTokensKeepTheirRows) {
  const Config general = still_run("general", {6, 2, 4, false});  // a to f
  train(general);
  Config domain = still_run("domain", {9, 2, 4, false});  // a to i
  domain.training.start_from = general.output;
  domain.training.start_vocabulary = "new";
  domain.training.seed = 99;
  EXPECT_THAT(said(domain), testing::Contains(HasSubstr("9 of 12 source and 9 of 12 target tokens")));
  const auto before = rows(general), now = rows(domain);
  ASSERT_EQ(before.size(), 9U);
  ASSERT_EQ(now.size(), 12U);
  for (const auto& [token, row] : before) {
    for (std::size_t i = 0; i < row.size(); ++i) EXPECT_NEAR(now.at(token)[i], row[i], kMoved) << token;
  }
  EXPECT_EQ(matrix(domain, "generator.bias").size(), 12U);
}

TEST_F(StartFrom, WhatDoesNotFitIsNamedAndNew) {
  const Config general = still_run("general", {6, 2, 4, false});
  train(general);
  Config wider = still_run("wider", {6, 2, 4, false});
  wider.training.start_from = general.output;
  wider.model.encoder_hidden = 12;
  EXPECT_THAT(said(wider), testing::Contains(testing::AllOf(HasSubstr("therefore new: "), HasSubstr("attention.key"),
                                                            testing::Not(HasSubstr("source.embedding")))));
  Config other = still_run("other", {6, 2, 4, false});
  other.training.start_from = (root / "nowhere").string();
  EXPECT_THAT(error_of<Error>([&] { train(other); }), HasSubstr("nowhere"));
  EXPECT_FALSE(std::filesystem::exists(other.output));
}

}  // namespace
}  // namespace heed
