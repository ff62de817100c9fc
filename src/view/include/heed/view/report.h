#pragma once
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

constexpr std::size_t kMostReportRuns = 6;  ///< more lines in a chart are no longer told apart

/// How training went at one place.
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
  std::string source;
  std::string reference;
  std::string text;
  std::vector<std::string> source_tokens;
  std::vector<std::string> tokens;
  std::vector<std::vector<float>> attention;  ///< [tokens][source tokens]; empty without attention
  double entropy = 0;                         ///< of the attention, mean over target tokens before any merging, bits
};

struct ReportValidation {
  int epoch = 0;
  long update = 0;
  double minutes = 0;
  double train_loss = 0;
  double perplexity = 0;
  double bleu = 0;
  double accuracy = 0;
  bool best = false;
  std::vector<ReportSample> samples;
  double attention_entropy = 0;  ///< of all validation sentences, bits; with
  double attention_maximum = 0;  ///< what it could be at most; 0: without attention, or not measured
};

/// Sentences of like length.
struct ReportBucket {
  int first = 0;  ///< source length, from and up to
  int last = 0;
  int sentences = 0;
  double bleu = 0;
  double chrf = 0;
};

/// A source word and the attention that it got from all target tokens, per token of the word.
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

/// What the best model of a run did with the sentences that it was tried on.
struct ReportQuality {
  std::string note;  ///< what was translated and how; or why nothing was
  int sentences = 0;
  double bleu = 0;
  double chrf = 0;
  std::vector<ReportBucket> buckets;
  bool attends = false;
  double entropy = 0;               ///< mean over target tokens, bits
  std::vector<long> entropy_bins;   ///< target tokens by entropy / log2(source tokens), from 0 to 1
  double never_below = 0;           ///< a word with less attention counts as never attended
  double often_above = 0;           ///< one with more as too much attended
  double coverage_step = 0;         ///< width of a bin
  std::vector<long> coverage_bins;  ///< source words by their attention; the last bin holds all above
  double never = 0;                 ///< share of words
  double often = 0;
  std::vector<ReportSentence> worst;  ///< lowest chrF first
  std::vector<ReportSentence> under;  ///< most words that were never attended first
  std::vector<ReportSentence> over;   ///< the word with most attention first
};

struct ReportRun {
  std::string name;
  std::string measure;  ///< what the weights of samples are, "mean of 4 heads" say
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

/// One HTML file that needs nothing else: no network, no other file. Texts are shown as text, whatever they hold; what
/// would move other text is made visible.
/// Weights are in it rounded to 4 decimals. Throws Error if there is no run, or more than kMostReportRuns.
std::string render_report(const Report& report);

}  // namespace heed
