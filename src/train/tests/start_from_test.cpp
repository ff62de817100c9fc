#include "../start_from.h"

#include <gmock/gmock.h>

#include <map>

#include "error_of.h"
#include "heed/model/bundle.h"
#include "heed/model/safetensors.h"
#include "heed/model/seq2seq.h"
#include "heed/train/position.h"
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
  domain.training.start_from.bundle = general.output;
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
  domain.training.start_from.bundle = general.output;
  domain.training.start_from.vocabulary = "new";
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
  wider.training.start_from.bundle = general.output;
  wider.model.encoder_hidden = 12;
  EXPECT_THAT(said(wider), testing::Contains(testing::AllOf(HasSubstr("therefore new: "), HasSubstr("attention.key"),
                                                            testing::Not(HasSubstr("source.embedding")))));
  Config deeper = still_run("deeper", {6, 2, 4, false});
  deeper.model.decoder_layers = 2;
  train(deeper);
  Config flat = still_run("flat", {6, 2, 4, false});
  flat.training.start_from.bundle = deeper.output;
  EXPECT_THAT(said(flat), testing::Contains(
                              testing::AllOf(HasSubstr("but not in this model: "), HasSubstr("decoder.1.recurrent"))));
  Config other = still_run("other", {6, 2, 4, false});
  other.training.start_from.bundle = (root / "nowhere").string();
  EXPECT_THAT(error_of<Error>([&] { train(other); }), HasSubstr("nowhere"));
  EXPECT_FALSE(std::filesystem::exists(other.output));
}

/// Runs of one batch an epoch, whose weights depend on the order of its sentences by rounding alone.
class StartOptimizer : public StartFrom {
 protected:
  Config batch_run(const std::string& name, int epochs, int symbols = 6) const {
    Config out = still_run(name, {symbols, 2, 4, false});
    out.training.optimizer.kind = "adam";
    out.training.learning_rate = 0.005;
    out.training.epochs = epochs;
    out.training.schedule.kind = "constant";
    out.training.best_by = "perplexity";
    out.training.metrics = {"perplexity"};
    out.model.dropout = {0.0};
    return out;
  }
  Config started(const std::string& name, const Config& from, int epochs = 1) const {
    Config out = batch_run(name, epochs);
    out.training.start_from.bundle = from.output;
    out.training.start_from.optimizer = true;
    return out;
  }
  static std::vector<float> last(const Config& run, const std::string& name) {
    return SafetensorsReader(std::filesystem::path(run.output) / kStateFile).floats(name);
  }
  static double distance(const std::vector<float>& a, const std::vector<float>& b) {
    double out = 0;
    for (std::size_t i = 0; i < a.size(); ++i) out = std::max(out, static_cast<double>(std::abs(a[i] - b[i])));
    return out;
  }
  /// Of each token the row of the source's embedding in what there is for each parameter.
  static std::map<std::string, std::vector<float>> source_rows(const std::vector<float>& all, const TextSide& side,
                                                               const ParameterList& parameters) {
    std::map<std::string, std::vector<float>> out;
    for (const Parameter* each : parameters.all()) {
      if (each->name != "source.embedding") continue;
      for (int id = 0; id < side.vocabulary_size(); ++id) {
        const auto row = all.begin() + parameters.offset(each->index) + id * each->columns();
        out[side.token(id)] = {row, row + each->columns()};
      }
    }
    return out;
  }
  static constexpr const char* kStateFile = "training_state/parameters.safetensors";
};

TEST_F(StartOptimizer, GoesOnAsTheRunItself) {
  const Config general = batch_run("general", 4);
  train(general);
  const Config moved = started("moved", general);
  EXPECT_THAT(said(moved), testing::Contains(HasSubstr("moments of 2")));
  Config anew = started("anew", general);
  anew.training.start_from.optimizer = false;
  train(anew);
  Config longer = batch_run("general", 5);
  ASSERT_EQ(matrix(longer, "decoder.0.recurrent"), last(longer, "decoder.0.recurrent")) << "the last is the best";
  train(longer, {.mode = TrainingMode::kResume});
  for (const char* name : {"source.embedding", "generator.weight", "decoder.0.recurrent"}) {
    const std::vector<float> expected = last(longer, name);
    EXPECT_LT(distance(last(moved, name), expected), 1e-5) << name;
    EXPECT_GT(distance(last(anew, name), expected), 1e-3) << name;
  }
}

TEST_F(StartOptimizer, IsKeptOverAStop) {
  const Config general = batch_run("general", 3);
  train(general);
  const Config whole = started("whole", general, 2);
  train(whole);
  train(started("halves", general, 1));
  const Config halves = started("halves", general, 2);
  train(halves, {.mode = TrainingMode::kResume});
  EXPECT_EQ(bytes(whole, kStateFile), bytes(halves, kStateFile));
  EXPECT_EQ(read_position(halves.output).earlier_updates, 3);
  const Config third = started("third", halves);
  train(third);
  EXPECT_EQ(read_position(third.output).earlier_updates, 5);
}

TEST_F(StartOptimizer, RowsOfNewTokensHaveNoMoments) {
  const Config general = batch_run("general", 3);  // a to f
  train(general);
  const Config more = batch_run("more", 1, 9);  // a to i
  const LogSink quiet = [](LogLevel, std::string_view) {};
  const TrainingData data = load_training_data(more.data, false, "", quiet);
  const Bundle before = Bundle::load(general.output, Precision::kFloat32);
  Seq2Seq model(more.model, SourceTables(data.source.vocabulary_size()), data.target.vocabulary_size(), 1);
  const auto optimizer = make_optimizer(more.training.optimizer, model.parameters());
  EXPECT_EQ(WarmStart(general.output, data).give_moments(*optimizer, model, quiet), 0) << "rows are new";
  const SafetensorsReader saved(std::filesystem::path(general.output) / "training_state/optimizer.safetensors");
  for (const auto& [name, all] : optimizer->state()) {
    const std::vector<float> now(all.data, all.data + all.size());
    auto expected = source_rows(saved.floats(name), before.source, before.model->parameters());
    for (const auto& [token, row] : source_rows(now, data.source, model.parameters())) {
      expected.try_emplace(token, row.size(), 0.0F);
      EXPECT_EQ(row, expected.at(token)) << name << " of " << token;
    }
  }
}

/// Adam moves by no more than its rate at first, whatever has no moments yet.
TEST_F(StartOptimizer, WhatIsNewMovesAsFromTheStart) {
  const Config general = batch_run("general", 3);
  train(general);
  Config wider = started("wider", general);
  wider.model.deep_output = true;  // an array that the bundle has not
  EXPECT_THAT(said(wider), testing::Contains(HasSubstr("so they are counted from 0")));
  EXPECT_EQ(read_position(wider.output).earlier_updates, 0);
  Config anew = wider;
  anew.output = (root / "anew").string();
  anew.training.start_from.optimizer = false;
  train(anew);
  const std::string array = "output.embedding";
  EXPECT_EQ(last(wider, array), last(anew, array));
}

TEST_F(StartOptimizer, WhatWasFrozenMovesAsFromTheStart) {
  Config frozen = batch_run("frozen", 3);
  frozen.training.freeze = {"source.embedding"};
  train(frozen);
  const Config free = started("free", frozen);
  train(free);
  EXPECT_EQ(read_position(free.output).earlier_updates, 0);
  EXPECT_LT(distance(last(free, "source.embedding"), last(frozen, "source.embedding")),
            free.training.learning_rate * 1.001);
}

TEST_F(StartOptimizer, SaysWhatIsMissing) {
  Config plain = batch_run("plain", 1);
  plain.training.optimizer.kind = "sgd";
  train(plain);
  EXPECT_THAT(error_of<Error>([&] { train(started("other", plain)); }),
              HasSubstr("was trained with the optimizer sgd, which has no adam.mean"));
  std::filesystem::remove_all(std::filesystem::path(plain.output) / "training_state");
  EXPECT_THAT(error_of<Error>([&] { train(started("other", plain)); }),
              testing::AllOf(HasSubstr("training.start_from.optimizer: "), HasSubstr("has no training_state")));
  EXPECT_FALSE(std::filesystem::exists(root / "other"));
}

}  // namespace
}  // namespace heed
