#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "heed/base/export.h"
#include "heed/metrics/aer.h"
#include "heed/metrics/registry.h"

namespace heed {
struct SentenceCounts;
}  // namespace heed

namespace HEED_ENGINE_API heed {

/// One of text_metrics() with what it counted in each sentence: the figure of all of them, of each, and of any that are
/// drawn, without reading a text again. One of alignment_metrics() takes Pharaoh lines for hypotheses, and for
/// references the sure links and, if there are any, the possible ones. A text that is too large for memory comes in
/// blocks:
///
///   CountedMetric bleu("bleu");
///   for (const Block& block : blocks) {
///     bleu.add(block.hypotheses, block.references);
///     bleu.forget_sentences();  // where corpus() is all that is asked for
///   }
///   bleu.corpus()
class CountedMetric {
 public:
  /// Without sentences. Throws UsageError as evaluate_metric() for the name.
  explicit CountedMetric(const std::string& name, const MetricOptions& options = {});
  /// Of these sentences. Throws as evaluate_metric().
  CountedMetric(const std::string& name, const std::vector<std::string>& hypotheses,
                const std::vector<std::vector<std::string>>& references, const MetricOptions& options = {});

  /// Counts further sentences. Figures, to the last bit, and the lines that errors name are those of all sentences
  /// counted at once. Throws as evaluate_metric(); none of them is added then.
  void add(const std::vector<std::string>& hypotheses, const std::vector<std::vector<std::string>>& references);
  /// The same of links that were read already. Throws UsageError if the metric is none of alignments.
  void add(std::span<const AlignedLinks> sentences);
  /// Keeps of the sentences so far nothing but the sum: sentence(), of() and mixed_with() cannot name them any more.
  void forget_sentences();

  /// All that were added, from 0.
  std::size_t sentences() const { return sentences_; }
  /// Of all sentences. Throws Error if there are none.
  MetricValue corpus() const;
  /// Of sentence i alone. Of BLEU with the effective order, as in sacreBLEU.
  MetricValue sentence(std::size_t i) const;
  /// Of sentences that are drawn, each as often as it is named.
  double of(std::span<const std::size_t> drawn) const;
  /// Of sentences of which those with taken[i] are this system's and the others the other one's, which was counted with
  /// the same metric, options and references.
  double mixed_with(const CountedMetric& other, const std::vector<bool>& taken) const;

 private:
  // Here, to be inlined: samples ask for every row a thousand times.
  std::span<const double> row(std::size_t sentence) const {
    if (sentence < forgotten_ || sentence >= sentences_) refuse_forgotten(sentence);
    return std::span(rows_).subspan((sentence - forgotten_) * sums_.size(), sums_.size());
  }
  void add(SentenceCounts counts);
  [[noreturn]] void refuse_forgotten(std::size_t sentence) const;
  MetricValue value(std::span<const double> sums, const MetricOptions& options) const;

  std::size_t metric_;
  MetricOptions options_;
  std::size_t sentences_ = 0;
  std::size_t forgotten_ = 0;  // the first so many, which have no row
  std::vector<double> sums_;   // of all sentences
  std::vector<double> rows_;   // [sentence - forgotten_][as many as sums_]
  std::string references_;     // a sentence, for signatures
};

}  // namespace heed
