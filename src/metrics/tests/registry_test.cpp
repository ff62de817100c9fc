#include "heed/metrics/registry.h"

#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

#include "error_of.h"
#include "heed/base/error.h"
#include "heed/base/version.h"
#include "heed/metrics/accuracy.h"
#include "heed/metrics/bleu.h"
#include "heed/metrics/chrf.h"
#include "heed/metrics/rouge.h"
#include "heed/metrics/ter.h"
#include "heed/metrics/wer.h"

namespace heed {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Lines = std::vector<std::string>;

const Lines kTranslations = {"The dog bit a man, HERE.", "It was not expected at all."};
const std::vector<Lines> kOfPeople = {{"The dog bit the man, here.", "It was not expected by all."}};

TEST(Registry, ListsAllMetrics) {
  std::vector<std::string> names;
  for (const MetricInfo& metric : metric_table()) {
    names.push_back(metric.name);
    EXPECT_FALSE(metric.description.empty()) << metric.name;
    EXPECT_EQ(metric.description.find('\n'), std::string::npos);
    const bool is_ours =
        testing::Matches(testing::AnyOf("token-accuracy", "content-aer", "alignment-hit"))(metric.name);
    EXPECT_EQ(metric.paper.empty(), is_ours) << metric.name;
  }
  EXPECT_THAT(names, ElementsAre("bleu", "chrf", "chrf++", "ter", "rouge", "rouge1", "rouge2", "rougeL", "wer", "per",
                                 "cer", "edit-distance", "accuracy", "token-accuracy", "perplexity", "aer",
                                 "content-aer", "alignment-hit"));
}

TEST(Registry, EachNameEvaluatesItsMetric) {
  const auto value = [](const std::string& name) { return evaluate_metric(name, kTranslations, kOfPeople); };
  EXPECT_EQ(value("bleu").value, bleu(kTranslations, kOfPeople).score);
  EXPECT_EQ(value("chrf").value, chrf(kTranslations, kOfPeople).score);
  EXPECT_EQ(value("ter").value, ter(kTranslations, kOfPeople).score);
  EXPECT_EQ(value("rouge").value, rouge(kTranslations, kOfPeople).rouge_l);
  EXPECT_EQ(value("wer").value, wer(kTranslations, kOfPeople).score);
  ChrfOptions plus;
  plus.word_order = 2;
  EXPECT_EQ(value("chrf++").value, chrf(kTranslations, kOfPeople, plus).score);
  EXPECT_EQ(value("rouge1").value, rouge(kTranslations, kOfPeople).rouge_1);
  EXPECT_EQ(value("rouge2").value, rouge(kTranslations, kOfPeople).rouge_2);
  EXPECT_EQ(value("rougeL").value, rouge(kTranslations, kOfPeople).rouge_l);
  EXPECT_EQ(value("edit-distance").value, mean_edit_distance(kTranslations, kOfPeople).score);
  EXPECT_EQ(value("token-accuracy").value, token_accuracy(kTranslations, kOfPeople).score);
  EXPECT_EQ(value("per").value, wer(kTranslations, kOfPeople).score);
  EXPECT_EQ(value("cer").value, cer(kTranslations, kOfPeople).score);
  EXPECT_EQ(value("accuracy").value, accuracy(kTranslations, kOfPeople).score);
  for (const std::string& name : text_metrics()) {
    EXPECT_EQ(value(name).name, name);
    EXPECT_THAT(value(name).signature, HasSubstr("|nrefs:1|case:")) << name;
  }
}

TEST(Registry, OptionsReachTheMetrics) {
  MetricOptions options;
  options.lowercase = true;
  for (const std::string name : {"bleu", "chrf", "wer", "per", "cer"}) {
    EXPECT_NE(evaluate_metric(name, kTranslations, kOfPeople).value,
              evaluate_metric(name, kTranslations, kOfPeople, options).value)
        << name;
  }
  EXPECT_EQ(evaluate_metric("accuracy", {"A"}, {{"a"}}, options).value, 100);
  options.tokenize = "none";
  options.smooth = "none";
  EXPECT_THAT(evaluate_metric("bleu", kTranslations, kOfPeople, options).signature,
              HasSubstr("case:lc|eff:no|tok:none|smooth:none"));
}

TEST(Registry, DetailsHaveTheFiguresBehindTheValue) {
  const RougeScore score = rouge(kTranslations, kOfPeople);
  EXPECT_THAT(evaluate_metric("rouge", kTranslations, kOfPeople).details,
              ElementsAre(std::pair("rouge-1", score.rouge_1), std::pair("rouge-2", score.rouge_2),
                          std::pair("rouge-l", score.rouge_l)));
  const BleuScore parts = bleu(kTranslations, kOfPeople);
  EXPECT_THAT(evaluate_metric("bleu", kTranslations, kOfPeople).details,
              testing::Contains(std::pair("precision-2", parts.precisions[1])));
}

TEST(Registry, SaysWhichWayIsBetter) {
  for (const MetricInfo& metric : metric_table()) {
    EXPECT_EQ(find_metric(metric.name).higher_is_better, metric.higher_is_better);
    EXPECT_THAT(metric.description,
                testing::EndsWith(metric.higher_is_better ? "higher is better" : "lower is better"));
  }
  for (const std::string& name : text_metrics()) {
    const double right = evaluate_metric(name, kOfPeople[0], kOfPeople).value;
    const double wrong = evaluate_metric(name, {"x", "y"}, kOfPeople).value;
    EXPECT_EQ(right > wrong, find_metric(name).higher_is_better) << name;
  }
  EXPECT_THAT(text_metrics(), testing::Not(testing::Contains("aer")));
  EXPECT_THAT(alignment_metrics(), ElementsAre("aer", "content-aer", "alignment-hit"));
}

TEST(Registry, UnknownNamesSuggestTheNearest) {
  EXPECT_EQ(
      error_of<UsageError>([] { evaluate_metric("blue", kTranslations, kOfPeople); }),
      "unknown metric 'blue'; known are bleu, chrf, chrf++, ter, rouge, rouge1, rouge2, rougeL, wer, per, cer, "
      "edit-distance, accuracy, token-accuracy, perplexity, aer, content-aer, alignment-hit; did you mean 'bleu'?");
  EXPECT_EQ(error_of<UsageError>([] { evaluate_metric("aer", kTranslations, kOfPeople); }),
            "metric 'aer' is of alignments, not of texts");
  EXPECT_EQ(error_of<UsageError>([] { evaluate_metric("perplexity", kTranslations, kOfPeople); }),
            "metric 'perplexity' is of log-probabilities, not of texts");
}

TEST(Registry, NamesAreThoseOfOtherProgramsToo) {
  for (const auto& [given, name] : std::vector<std::pair<std::string, std::string>>{{"BLEU", "bleu"},
                                                                                    {"sacreBLEU", "bleu"},
                                                                                    {"chrF", "chrf"},
                                                                                    {"chrF2", "chrf"},
                                                                                    {"chrF++", "chrf++"},
                                                                                    {"chrF2++", "chrf++"},
                                                                                    {"ROUGE-1", "rouge1"},
                                                                                    {"rouge_2", "rouge2"},
                                                                                    {"rougel", "rougeL"},
                                                                                    {"rougeL", "rougeL"},
                                                                                    {"Edit_Distance", "edit-distance"},
                                                                                    {"ppl", "perplexity"},
                                                                                    {"AER", "aer"}}) {
    EXPECT_EQ(find_metric(given).name, name);
  }
  EXPECT_EQ(evaluate_metric("BLEU", kTranslations, kOfPeople).name, "bleu");
}

TEST(Registry, SignaturesHaveTheVersionOfTheProject) {
  std::ifstream file(HEED_SOURCE_DIR "/CMakeLists.txt");
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_THAT(text.str(), HasSubstr("project(heed VERSION " + std::string(kVersion) + " "));
}

}  // namespace
}  // namespace heed
