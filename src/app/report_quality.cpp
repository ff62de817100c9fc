#include "report_quality.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "heed/base/links.h"
#include "heed/base/utf8.h"
#include "heed/metrics/accuracy.h"
#include "heed/metrics/bleu.h"
#include "heed/metrics/chrf.h"
#include "heed/metrics/references.h"
#include "heed/train/bleu_options.h"
#include "heed/translate/attention_statistics.h"

namespace heed::app {
namespace {

using References = std::vector<std::vector<std::string>>;  // [r][sentence]

constexpr std::size_t kListed = 12;  // sentences of each kind of error
constexpr int kBucket = 5;           // source lengths of a bucket
constexpr int kLastBucket = 10;      // holds all that are longer
constexpr double kNever = 0.2;       // coverage below which a word was never attended
constexpr double kOften = 2.5;       // and above which it was attended too much
constexpr double kCoverageStep = 0.25;
constexpr std::size_t kCoverageBins = 16;
constexpr std::size_t kEntropyBins = 20;

/// What each source word got from all target tokens, per token of the word.
std::vector<ReportWord> coverage(const Translated& translated) {
  std::vector<double> received(translated.source_tokens.size());
  for (const auto& row : translated.translations.front().attention) {
    for (std::size_t s = 0; s < row.size(); ++s) received[s] += static_cast<double>(row[s]);
  }
  const std::vector<std::string_view> words = utf8::words(translated.source);
  const WordTokens tokens = tokens_of_words(translated.source, translated.source_ranges);
  std::vector<ReportWord> out;
  for (std::size_t w = 0; w < words.size(); ++w) {
    double sum = 0;
    for (const int token : tokens[w]) sum += received[token];
    // What was cut off was never read.
    if (!tokens[w].empty()) out.push_back({std::string(words[w]), sum / static_cast<double>(tokens[w].size())});
  }
  return out;
}

void add_entropy(const Translation& translation, ReportQuality& out, long& rows) {
  for (const auto& row : translation.attention) {
    const double bits = entropy_bits(row);
    out.entropy += bits;
    ++rows;
    const double most = std::log2(static_cast<double>(row.size()));
    const double share = most > 0 ? bits / most : 0;
    ++out.entropy_bins[std::min(static_cast<std::size_t>(share * kEntropyBins), kEntropyBins - 1)];
  }
}

void add_attention(std::span<const Translated> translated, ReportQuality& out, std::vector<ReportSentence>& sentences) {
  out.attends = true;
  out.entropy_bins.assign(kEntropyBins, 0);
  out.coverage_bins.assign(kCoverageBins, 0);
  long rows = 0;
  long words = 0;
  for (std::size_t i = 0; i < translated.size(); ++i) {
    if (translated[i].translations.front().attention.empty()) continue;
    add_entropy(translated[i].translations.front(), out, rows);
    sentences[i].words = coverage(translated[i]);
    for (const ReportWord& word : sentences[i].words) {
      ++words;
      out.never += word.attention < kNever ? 1 : 0;
      out.often += word.attention > kOften ? 1 : 0;
      ++out.coverage_bins[std::min(static_cast<std::size_t>(word.attention / kCoverageStep), kCoverageBins - 1)];
    }
  }
  out.entropy /= static_cast<double>(std::max(rows, 1L));
  out.never /= static_cast<double>(std::max(words, 1L));
  out.often /= static_cast<double>(std::max(words, 1L));
}

double never_attended(const ReportSentence& sentence) {
  const auto count = std::count_if(sentence.words.begin(), sentence.words.end(),
                                   [](const ReportWord& word) { return word.attention < kNever; });
  return static_cast<double>(count);
}

double most_attended(const ReportSentence& sentence) {
  double most = 0;
  for (const ReportWord& word : sentence.words) most = std::max(most, word.attention);
  return most > kOften ? most : 0;
}

/// The sentences with the largest value above `floor`.
template <typename Value>
std::vector<ReportSentence> first_by(const std::vector<ReportSentence>& sentences, double floor, const Value& value) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < sentences.size(); ++i) {
    if (value(sentences[i]) > floor) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return value(sentences[a]) > value(sentences[b]); });
  order.resize(std::min(order.size(), kListed));
  std::vector<ReportSentence> out;
  out.reserve(order.size());
  for (const std::size_t i : order) out.push_back(sentences[i]);
  return out;
}

std::vector<ReportBucket> buckets_of(const TrialSet& set, const std::vector<std::string>& hypotheses,
                                     const References& references, const BleuOptions& options) {
  std::map<int, std::vector<std::size_t>> members;
  for (std::size_t i = 0; i < set.lengths.size(); ++i) {
    members[std::min((std::max(set.lengths[i], 1) - 1) / kBucket, kLastBucket)].push_back(i);
  }
  std::vector<ReportBucket> out;
  for (int b = 0; b <= (members.empty() ? -1 : members.rbegin()->first); ++b) {
    ReportBucket& bucket = out.emplace_back();
    bucket.first = b * kBucket + 1;
    bucket.last = (b + 1) * kBucket;
    std::vector<std::string> said;
    References meant(references.size());
    for (const std::size_t i : members[b]) {
      said.push_back(hypotheses[i]);
      for (std::size_t r = 0; r < references.size(); ++r) meant[r].push_back(references[r][i]);
      if (b == kLastBucket) bucket.last = std::max(bucket.last, set.lengths[i]);
    }
    bucket.sentences = static_cast<int>(said.size());
    if (said.empty()) continue;
    bucket.bleu = bleu(said, meant, options).score;
    bucket.chrf = chrf(said, meant).score;
    bucket.accuracy = accuracy(said, meant).score;
  }
  return out;
}

}  // namespace

TrialSet make_trial_set(std::vector<std::string> sources, std::vector<std::string> references) {
  TrialSet out{std::move(sources), std::move(references), {}, {}, {}, "words"};
  long words = 0;
  for (const std::string& source : out.sources) {
    out.lengths.push_back(static_cast<int>(utf8::words(source).size()));
    words += out.lengths.back();
  }
  if (words >= 2 * static_cast<long>(out.sources.size())) return out;
  out.unit = "characters";
  for (std::size_t i = 0; i < out.sources.size(); ++i) {
    out.lengths[i] = static_cast<int>(utf8::chars(out.sources[i]).size());
  }
  return out;
}

ReportQuality judge(const Bundle& bundle, const TrialSet& set, std::span<const Translated> translated) {
  ReportQuality out;
  out.sentences = static_cast<int>(set.sources.size());
  out.never_below = kNever;
  out.often_above = kOften;
  out.coverage_step = kCoverageStep;
  const BleuOptions options = bleu_options(bundle.config.data.target,
                                           bundle.config.training.validation_tokenize);  // as validation does
  std::vector<std::string> hypotheses;
  References references(1 + set.more_references.size());  // as the model could write them; shown is what the files say
  std::vector<ReportSentence> sentences;
  for (std::size_t i = 0; i < translated.size(); ++i) {
    hypotheses.push_back(translated[i].translations.front().text);
    References of_it;
    for (std::size_t r = 0; r < references.size(); ++r) {
      const std::string& line = r == 0 ? set.references[i] : set.more_references[r - 1][i];
      references[r].push_back(bundle.target.as_written(line));
      of_it.push_back({references[r].back()});
    }
    const double score = chrf({hypotheses.back()}, of_it).score;
    sentences.push_back({set.sources[i], set.references[i], hypotheses.back(), score, {}});
  }
  references = without_empty(std::move(references));
  out.bleu = bleu(hypotheses, references, options).score;
  out.chrf = chrf(hypotheses, references).score;
  out.accuracy = accuracy(hypotheses, references).score;
  out.by_accuracy = bundle.config.training.best_by == "accuracy";
  out.buckets = buckets_of(set, hypotheses, references, options);
  // Of an ensemble the first model alone does not say.
  const bool attends = std::any_of(translated.begin(), translated.end(),
                                   [](const Translated& each) { return !each.translations.front().attention.empty(); });
  if (attends) add_attention(translated, out, sentences);
  out.worst = first_by(sentences, -100, [](const ReportSentence& s) { return -s.chrf; });
  out.under = first_by(sentences, 0, never_attended);
  out.over = first_by(sentences, 0, most_attended);
  return out;
}

}  // namespace heed::app
