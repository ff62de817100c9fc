#include "../selection.h"

#include <sstream>

#include "runs.h"

namespace heed {
namespace {

ValidationResult result(double bleu, double accuracy, double perplexity, bool best = false) {
  ValidationResult out;
  out.metrics = {{"bleu", bleu}, {"accuracy", accuracy}};
  out.perplexity = perplexity;
  out.best = best;
  return out;
}

TEST(Selection, EqualOnesAreChosenByPerplexity) {
  EXPECT_TRUE(is_better(result(0, 5, 3), result(0, 7, 4), "bleu"));
  EXPECT_FALSE(is_better(result(0, 5, 4), result(0, 7, 4), "bleu"));
  EXPECT_FALSE(is_better(result(1, 5, 3), result(2, 5, 4), "bleu"));
  EXPECT_TRUE(is_better(result(1, 6, 9), result(2, 5, 4), "accuracy"));
  EXPECT_TRUE(is_better(result(1, 1, 3), result(2, 2, 4), "perplexity"));
  EXPECT_TRUE(is_better(result(1e-21, 5, 3), result(1e-7, 7, 4), "bleu")) << "both are 0.00";
}

TEST(Selection, OfErrorRatesTheLowerIsBetter) {
  const auto rate = [](double per, double perplexity) {
    ValidationResult out;
    out.metrics = {{"per", per}};
    out.perplexity = perplexity;
    return out;
  };
  EXPECT_TRUE(is_better(rate(9, 5), rate(10, 4), "per"));
  EXPECT_FALSE(is_better(rate(10, 4), rate(9, 5), "per"));
  EXPECT_TRUE(is_better(rate(9, 4), rate(9, 5), "per"));
  const std::vector<ValidationResult> right(3, rate(0, 1)), wrong(3, rate(100, 9));
  EXPECT_EQ(blind_choice(right, "per", {9, false}), "");
  EXPECT_NE(blind_choice(wrong, "per", {9, false}).find("per is 100 at each of 3"), std::string::npos);
}

TEST(Selection, AutoIsTheMetricThatSuitsTheTargets) {
  TextOptions words;
  const BleuSight one = bleu_sight({"eins", "zwei"}, words);
  EXPECT_EQ(one.mean_tokens, 1);
  EXPECT_TRUE(one.blind);
  EXPECT_EQ(choose_best_by("auto", one), "accuracy");
  EXPECT_EQ(choose_best_by("bleu", one), "bleu");
  const BleuSight three = bleu_sight({"a b c", "a b c."}, words);  // 13a cuts the stop off
  EXPECT_EQ(three.mean_tokens, 3.5);
  EXPECT_FALSE(three.blind);
  EXPECT_EQ(choose_best_by("auto", three), "accuracy");
  EXPECT_EQ(choose_best_by("auto", bleu_sight({"a b c d", "a b c d."}, words)), "bleu");
  words.tokenizer = "spaces";
  EXPECT_TRUE(bleu_sight({"a b c."}, words).blind);
  // Letters of a word, not words of a sentence; a sentence of characters is longer.
  EXPECT_EQ(choose_best_by("auto", bleu_sight({"B l ä t t e r", "AH0 B AW1 T"}, words)), "accuracy");
  EXPECT_EQ(choose_best_by("auto", bleu_sight({"ein Blatt fällt herab"}, words)), "bleu");
  EXPECT_EQ(choose_best_by("auto", bleu_sight({"我 们 在 这 里 等 你 们 回 家 一 起 吃 饭 好 吗 ?"}, words)), "bleu");
}

TEST(Selection, AMetricThatTellsNothingApartIsSaidOnce) {
  std::vector<ValidationResult> all = {result(0, 0, 9)};
  EXPECT_NE(blind_choice(all, "bleu", {1, true}).find("best_by: accuracy"), std::string::npos);
  EXPECT_EQ(blind_choice(all, "accuracy", {1, true}), "");
  all.push_back(result(0, 0, 8));
  EXPECT_EQ(blind_choice(all, "bleu", {1, true}), "");
  all.push_back(result(0, 4, 7));
  EXPECT_NE(blind_choice(all, "bleu", {9, false}).find("bleu is 0 at each of 3 validations"), std::string::npos);
  EXPECT_EQ(blind_choice(all, "accuracy", {9, false}), "");
  EXPECT_EQ(blind_choice(all, "perplexity", {9, false}), "");
  all.push_back(result(0, 4, 6));
  EXPECT_EQ(blind_choice(all, "bleu", {9, false}), "");
  const std::vector<ValidationResult> right(3, result(100, 100, 1));
  EXPECT_EQ(blind_choice(right, "accuracy", {9, false}), "");
}

class ShortTargets : public RunTest {
 protected:
  // Which of four letters comes first, said in one word.
  Config run() const {
    Config out = config({4, 2, 4, false}, 400, 60);
    for (const std::string& path : {out.data.train.tsv, out.data.validation.tsv}) {
      std::istringstream lines(read_file(path));
      std::ofstream to(path);
      for (std::string line; std::getline(lines, line);) {
        const std::string source = line.substr(0, line.find('\t'));
        to << source << '\t' << source.front() << '\n';
      }
    }
    out.model.embedding = 8;
    out.model.encoder_hidden = out.model.decoder_hidden = 16;
    out.model.dropout = 0;
    out.training.learning_rate = 0.005;
    out.training.batch_sentences = 16;
    out.training.epochs = 6;
    return out;
  }
};

TEST_F(ShortTargets, TheGoodModelIsKept) {
  Config short_run = run();
  const TrainingReport report = train(short_run);
  EXPECT_GT(report.best.epoch, 1);
  EXPECT_GT(report.best.value("accuracy"), 90);
  EXPECT_NE(bytes(short_run, "config.yaml").find("best_by: accuracy"), std::string::npos);
  // Left to the program, going on keeps to what it chose.
  short_run.training.epochs = 7;
  EXPECT_EQ(train(short_run, {.mode = TrainingMode::kResume, .stop = &stop}).validations.size(), 7U);
}

TEST_F(ShortTargets, BleuIsSaidToBeBlindAndPerplexityChooses) {
  Config short_run = run();
  short_run.output += "-bleu";
  short_run.training.best_by = "bleu";
  short_run.training.early_stop = 2;  // BLEU stands still: no reason to stop
  std::vector<std::string> warnings;
  TrainerEvents events;
  events.log = [&](LogLevel level, std::string_view text) {
    if (level == LogLevel::kWarning) warnings.emplace_back(text);
  };
  const TrainingReport report = train(short_run, {.stop = &stop, .events = events});
  EXPECT_EQ(report.validations.size(), 6U);
  EXPECT_GT(report.best.value("accuracy"), 90);
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_NE(warnings[0].find("training.best_by: accuracy"), std::string::npos) << warnings[0];
}

// The target side writes lower case and single blanks: references are read so too.
TEST_F(ShortTargets, ReferencesAreReadAsTheModelCouldWriteThem) {
  Config lower = config({6, 3, 5, false}, 600, 60);
  lower.data.target.lowercase = true;
  const std::string plain = read_file(lower.data.validation.tsv);
  std::string text;
  bool target = false;
  for (const char c : plain) {
    target = c == '\t' || (target && c != '\n');
    text += target && c == 'b' ? "B" : target && c == ' ' ? "  " : c == '\n' ? " \n" : std::string(1, c);
  }
  const auto accuracy_on = [&](const std::string& validation) {
    std::ofstream(lower.data.validation.tsv) << validation;
    lower.model.embedding = 16;
    lower.model.encoder_hidden = lower.model.decoder_hidden = 32;
    lower.model.dropout = 0;
    lower.training.learning_rate = 0.01;
    lower.training.batch_sentences = 16;
    lower.training.epochs = 3;
    lower.output += "-lower";
    const ValidationResult best = train(lower).best;
    return std::pair(best.value("accuracy"), best.value("bleu"));
  };
  const auto expected = accuracy_on(plain);
  EXPECT_GT(expected.first, 50);
  EXPECT_EQ(accuracy_on(text), expected);
}

}  // namespace
}  // namespace heed
