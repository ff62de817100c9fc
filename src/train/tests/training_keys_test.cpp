// Each key of `training` that says how long and by what measure does what it says.
#include <cmath>

#include "../ending.h"
#include "small_run.h"

namespace heed {
namespace {

class TrainingKeys : public SmallRunTest {
 protected:
  std::vector<double> rates(const Config& config) {
    std::vector<double> out;
    TrainerEvents events;
    events.progress = [&](const TrainingProgress& progress) { out.push_back(progress.learning_rate); };
    train(config, {.stop = &stop, .events = events});
    return out;
  }
};

TEST_F(TrainingKeys, DecayAfterMinutesFallsToTheFinalRate) {
  Config run = small_run("run", 1);
  run.training.decay_after_minutes = 1e-9;
  run.training.max_minutes = 1000;
  run.training.final_rate = 0.5;
  std::vector<double> falling = rates(run);
  ASSERT_EQ(falling.size(), 5U);
  EXPECT_LT(falling.front(), run.training.learning_rate);
  for (std::size_t i = 1; i < falling.size(); ++i) EXPECT_LT(falling[i], falling[i - 1]);
  // Without time left, and with one update, the rate is the final one.
  run.output += "-short";
  run.training.max_minutes = 2e-9;
  falling = rates(run);
  ASSERT_EQ(falling.size(), 1U);
  EXPECT_DOUBLE_EQ(falling[0], 0.5 * run.training.learning_rate);
  run.output += "-level";
  run.training.final_rate = 1;
  EXPECT_DOUBLE_EQ(rates(run).front(), run.training.learning_rate);
}

TEST_F(TrainingKeys, ValidationSentencesAreTranslatedAndNoMore) {
  Config run = small_run("run", 1);
  warnings_of(run);
  const ValidationResult all = report.best;
  run.output += "-one";
  run.training.validation_sentences = 1;
  warnings_of(run);
  EXPECT_EQ(report.best.perplexity, all.perplexity);
  const std::string text = read_file(run.data.validation.tsv);
  const auto words = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(text.find('\t')), ' ');
  EXPECT_DOUBLE_EQ(report.best.attention_maximum, std::log2(static_cast<double>(words) + 1)) << "with EOS";
  EXPECT_NE(report.best.attention_maximum, all.attention_maximum);
}

TEST_F(TrainingKeys, BestByIsWhatTheModelIsKeptFor) {
  for (const std::string metric : {"bleu", "accuracy", "perplexity", "chrf", "per"}) {
    Config run = small_run(metric, 8);
    run.training.best_by = metric;
    if (metric == "per") run.training.metrics = {"chrf"};
    run.training.learning_rate = 0.03;
    warnings_of(run);
    EXPECT_EQ(report.best_by, metric);
    const auto value = [&](const ValidationResult& v) {
      return metric == "perplexity" || metric == "per" ? -v.value(metric) : v.value(metric);
    };
    const std::vector<std::string> others =
        metric == "per" ? std::vector<std::string>{"chrf"} : std::vector<std::string>{"bleu", "accuracy"};
    for (const std::string& other : others) EXPECT_FALSE(std::isnan(report.best.value(other))) << metric;
    EXPECT_EQ(std::isnan(report.best.value("bleu")), metric == "per");
    for (const ValidationResult& v : report.validations) EXPECT_LE(value(v), value(report.best)) << metric;
  }
}

// max_length is of validation as well: a line that memory has no room for is told, and changes nothing else.
TEST_F(TrainingKeys, MaxLengthIsOfValidationToo) {
  Config run = small_run("run", 1);
  warnings_of(run);
  const double perplexity = report.best.perplexity;
  std::string words = "a";
  for (int i = 0; i < 5000; ++i) words += " a";
  std::ofstream(run.data.validation.tsv, std::ios::app) << words << '\t' << words << '\n';
  run.output += "-long";
  const std::vector<std::string> warnings = warnings_of(run);
  EXPECT_EQ(report.best.perplexity, perplexity);
  const auto tells = [](const std::string& warning) {
    return warning.find("1 of 13 validation pairs are longer than max_length") != std::string::npos;
  };
  EXPECT_EQ(std::count_if(warnings.begin(), warnings.end(), tells), 1);  // another is of answers that are cut
}

TEST_F(TrainingKeys, ATrainingThatCameApartIsDoubted) {
  Config run = small_run("run", 2);
  run.training.optimizer.kind = "sgd";
  run.training.learning_rate = 100;
  run.training.clip_norm = 0;
  warnings_of(run);
  EXPECT_NE(report.doubt.find("came apart"), std::string::npos) << report.best.perplexity;
  run = small_run("good", 3);
  warnings_of(run);
  EXPECT_EQ(report.doubt, "");
}

ValidationResult at(double perplexity, bool cut = false) {
  ValidationResult out;
  out.perplexity = perplexity;
  out.cut = cut;
  return out;
}

TEST(Ending, DoubtsWhatLearntNothing) {
  EXPECT_EQ(doubt_of({at(90), at(80), at(85)}, 100), "");
  EXPECT_NE(doubt_of({at(101)}, 100).find("worse than guessing among the 100"), std::string::npos);
  EXPECT_EQ(doubt_of({at(5), at(6)}, 100), "");
  EXPECT_NE(doubt_of({at(5), at(6), at(5)}, 100).find("than the first of 3"), std::string::npos);
}

TEST(Ending, OnlyWholeEpochsCountAgainstATraining) {
  EXPECT_EQ(validations_without_better({}, "bleu"), 0);
  EXPECT_EQ(validations_without_better({at(9), at(8), at(9), at(9)}, "perplexity"), 2);
  EXPECT_EQ(validations_without_better({at(9), at(8), at(9, true), at(9)}, "perplexity"), 1);
  EXPECT_EQ(validations_without_better({at(9), at(7, true), at(8)}, "perplexity"), 0);
}

TEST(Ending, ByEpochsMinutesOrEarlyStop) {
  TrainingOptions options;
  options.epochs = 3;
  TrainingPosition position;
  position.epoch = 2;
  position.updates = 40;
  EXPECT_EQ(ended_by(position, options, "bleu"), "");
  options.max_minutes = 1;
  position.seconds = 61;
  EXPECT_EQ(ended_by(position, options, "bleu"), "") << "killed before it was judged";
  position.validations = {at(9)};
  position.validations.back().update = 40;
  EXPECT_NE(ended_by(position, options, "bleu"), "");
  options.max_minutes = 2;
  EXPECT_EQ(ended_by(position, options, "bleu"), "");
  position.epoch = 3;
  EXPECT_EQ(ended_by(position, options, "bleu"), "training.epochs: all 3 are done");
}

}  // namespace
}  // namespace heed
