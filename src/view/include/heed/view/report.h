#pragma once
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "heed/base/export.h"
#include "heed/record/translation.h"

namespace HEED_ENGINE_API heed {

constexpr std::size_t kMostReportRuns = 6;  ///< more lines in a chart are indistinguishable

/// A point of the training curves.
struct ReportPoint {
  double epoch = 0;
  long update = 0;
  double minutes = 0;
  double loss = 0;
  double learning_rate = 0;
  double gradient_norm = 0;
  double words_per_second = 0;
};

/// A validation sentence with its translation.
struct ReportSample {
  std::string reference;
  Translated translated;  ///< one translation
  double entropy = 0;     ///< of its attention, mean over target tokens before any merging, bits
};

struct ReportValidation {
  int epoch = 0;
  long update = 0;
  double minutes = 0;
  double train_loss = 0;
  double perplexity = 0;
  std::vector<std::pair<std::string, double>> metrics;  ///< by their titles; "exact" is a share of lines
  bool best = false;
  std::vector<ReportSample> samples;
  double attention_entropy = 0;  ///< of all validation sentences, bits,
  double attention_maximum = 0;  ///< and its maximum; 0: without attention, or not measured
};

/// Sentences of similar length.
struct ReportBucket {
  int first = 0;  ///< source length, from and to
  int last = 0;
  int sentences = 0;
  double bleu = 0;
  double chrf = 0;
  double accuracy = 0;
};

/// A source word and its coverage: the attention from all target tokens, per token of the word.
struct ReportWord {
  std::string text;
  double attention = 0;
};

struct ReportSentence {
  std::string source;
  std::string reference;
  std::string text;
  double chrf = 0;
  std::vector<ReportWord> words;  ///< of the source; empty without attention
};

/// The translations of a run's best model, evaluated.
struct ReportQuality {
  std::string note;  ///< what was translated and how, or why nothing was
  int sentences = 0;
  double bleu = 0;
  double chrf = 0;
  double accuracy = 0;
  bool by_accuracy = false;  ///< the training chose its best model by it: shown first
  std::vector<ReportBucket> buckets;
  bool attends = false;
  double entropy = 0;               ///< mean over target tokens, bits
  std::vector<long> entropy_bins;   ///< target tokens by entropy / log2(source tokens), from 0 to 1
  double never_below = 0;           ///< coverage below this: never attended
  double often_above = 0;           ///< coverage above this: attended too much
  double coverage_step = 0;         ///< width of a bin
  std::vector<long> coverage_bins;  ///< source words by coverage; the last bin is open
  double never = 0;                 ///< share of words
  double often = 0;
  std::vector<ReportSentence> worst;  ///< lowest chrF first
  std::vector<ReportSentence> under;  ///< most never attended words first
  std::vector<ReportSentence> over;   ///< largest coverage of a word first
};

struct ReportRun {
  std::string name;
  std::string measure;  ///< description of the samples' weights: "mean of 4 heads"
  std::vector<std::pair<std::string, std::string>> facts;
  std::vector<ReportPoint> points;
  std::vector<ReportValidation> validations;
  ReportQuality quality;
  std::vector<std::string> commands;  ///< one for each start, with its time and version
  std::string config;                 ///< YAML
};

struct Report {
  std::string title;
  std::string length_unit;  ///< of source lengths: "words" or "characters"
  std::string made_by;      ///< version and command of this page
  std::vector<ReportRun> runs;
};

/// One HTML file that needs no network and no other file. Texts are shown as text, never as markup; direction marks are
/// made visible. Weights are rounded to 4 decimals. Throws Error for no run, or more than kMostReportRuns.
std::string render_report(const Report& report);

}  // namespace heed
