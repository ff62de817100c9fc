#include "heed/train/history.h"

#include "error_of.h"
#include "heed/model/seq2seq.h"
#include "runs.h"

namespace heed {
namespace {

class History : public RunTest {
 protected:
  Config small_run(const std::string& name, int epochs) const {
    Config out = config({6, 4, 6, false}, 16 * 25, 12);
    out.output = (root / name).string();
    out.model.embedding = 8;
    out.model.encoder_hidden = out.model.decoder_hidden = 8;
    out.training.batch_sentences = 16;
    out.training.epochs = epochs;
    out.training.validation_samples = 3;
    return out;
  }
};

void expect_same(const HistoryPoint& a, const HistoryPoint& b) {
  EXPECT_EQ(a.epoch, b.epoch);
  EXPECT_EQ(a.update, b.update);
  EXPECT_EQ(a.loss, b.loss);
  EXPECT_EQ(a.learning_rate, b.learning_rate);
  EXPECT_EQ(a.gradient_norm, b.gradient_norm);
}

TEST_F(History, KeepsWhatTheEventsTold) {
  const Config run = small_run("run", 2);
  TrainerEvents events;
  std::vector<ValidationResult> results;
  std::vector<std::vector<ValidationSample>> samples;
  TrainingStart started;
  events.started = [&](const TrainingStart& start) { started = start; };
  events.inspected = [&](const ValidationView& view) {
    results.push_back(view.result);
    samples.emplace_back(view.samples.begin(), view.samples.end());
    EXPECT_EQ(view.model.parameter_count(), started.parameters);
  };
  train(run, {.stop = &stop, .events = events, .origin = {"1.2.3", {"heed", "train", "a b"}}});
  const TrainingHistory history = TrainingHistory::load(run.output);
  ASSERT_EQ(history.starts.size(), 1U);
  EXPECT_EQ(history.starts[0].origin.command.back(), "a b");
  EXPECT_EQ(history.starts[0].start.parameters, started.parameters);
  EXPECT_FALSE(history.starts[0].start.resumed);
  // 25 batches: every second one, and the last.
  ASSERT_EQ(history.points.size(), 26U);
  EXPECT_EQ(history.points.back().update, 50);
  EXPECT_EQ(history.points.back().epoch, 2);
  EXPECT_LT(history.points.back().loss, history.points.front().loss);
  ASSERT_EQ(history.validations.size(), 2U);
  for (std::size_t v = 0; v < 2; ++v) {
    EXPECT_EQ(history.validations[v].result.perplexity, results[v].perplexity);
    ASSERT_EQ(history.validations[v].samples.size(), 3U);
    for (std::size_t i = 0; i < 3; ++i) {
      const ValidationSample& kept = history.validations[v].samples[i];
      EXPECT_EQ(kept.translated.source, samples[0][i].translated.source);
      const Translation& translation = kept.translated.translations.front();
      EXPECT_EQ(translation.text, samples[v][i].translated.translations.front().text);
      ASSERT_EQ(translation.attention.size(), translation.tokens.size());
      EXPECT_NEAR(translation.attention[0][0], samples[v][i].translated.translations.front().attention[0][0], 6e-5);
    }
  }
}

TEST_F(History, GoesOnWhereATrainingIsResumed) {
  const Config straight = small_run("straight", 2);
  train(straight);
  const Config parts = small_run("parts", 2);
  TrainingMode mode = TrainingMode::kNew;
  for (const long update : {5L, 28L}) {  // within a window of the points
    TrainerEvents events;
    events.progress = [&](const TrainingProgress& progress) { stop = progress.update == update; };
    EXPECT_TRUE(train(parts, {.mode = mode, .stop = &stop, .events = events}).stopped);
    mode = TrainingMode::kResume;
    stop = false;
  }
  train(parts, {.mode = TrainingMode::kResume, .stop = &stop});
  const TrainingHistory expected = TrainingHistory::load(straight.output);
  const TrainingHistory actual = TrainingHistory::load(parts.output);
  ASSERT_EQ(actual.starts.size(), 3U);
  EXPECT_EQ(actual.starts[1].start.update, 5);
  EXPECT_TRUE(actual.starts[2].start.resumed);
  ASSERT_EQ(actual.points.size(), expected.points.size());
  for (std::size_t i = 0; i < actual.points.size(); ++i) expect_same(actual.points[i], expected.points[i]);
  ASSERT_EQ(actual.validations.size(), 2U);
  EXPECT_EQ(actual.validations[1].result.perplexity, expected.validations[1].result.perplexity);
  EXPECT_EQ(actual.validations[1].samples[2].translated.translations.front().attention,
            expected.validations[1].samples[2].translated.translations.front().attention);
}

TEST_F(History, NoSamplesAndNoAttention) {
  Config run = small_run("run", 1);
  run.training.validation_samples = 0;
  train(run);
  EXPECT_TRUE(TrainingHistory::load(run.output).validations.at(0).samples.empty());
  run.training.validation_samples = 50;  // more than there are
  run.model.attention.kind = "none";
  train(run, {.mode = TrainingMode::kReplace, .stop = &stop});
  const TrainingHistory history = TrainingHistory::load(run.output);
  ASSERT_EQ(history.validations.at(0).samples.size(), 12U);
  EXPECT_TRUE(history.validations[0].samples[0].translated.translations.front().attention.empty());
}

TEST_F(History, ADamagedOneNamesTheLine) {
  const Config run = small_run("run", 1);
  const auto error = [&] { return error_of([&] { TrainingHistory::load(run.output); }); };
  EXPECT_NE(error().find("history.jsonl' is missing"), std::string::npos) << error();
  train(run);
  const std::string path = run.output + "/training_state/history.jsonl";
  std::filesystem::resize_file(path, read_file(path).size() - 5);
  std::filesystem::remove(run.output + "/training_state/checksums");  // which would notice first
  EXPECT_NE(error().find("history.jsonl:15: damaged"), std::string::npos) << error();
  for (const char* update : {"1e300", "-1", "1.5", "[1]"}) {
    std::ofstream(path) << R"({"kind": "progress", "epoch": 1, "update": )" << update << "}\n";
    EXPECT_NE(error().find("history.jsonl:1: damaged: 'update' is "), std::string::npos) << update << error();
  }
}

}  // namespace
}  // namespace heed
