#include "validator.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

#include "fmt/format.h"
#include "heed/data/batching.h"
#include "heed/metrics/registry.h"
#include "heed/model/seq2seq.h"
#include "heed/translate/attention_statistics.h"
#include "heed/translate/translator.h"
#include "selection.h"

namespace heed {
namespace {

constexpr int kBatch = 64;

void look_at(const std::atomic<bool>& stop) {
  if (stop) throw Stopped();
}

double perplexity(const TrainingData& data, Updater& updater, const std::atomic<bool>& stop) {
  std::vector<int> lengths;
  lengths.reserve(data.forced.size());
  for (const std::size_t i : data.forced) lengths.push_back(static_cast<int>(data.validation[i].target.size()));
  double loss = 0;
  long tokens = 0;
  for (const std::vector<int>& indices : make_sorted_batches(lengths, kBatch)) {
    look_at(stop);
    std::vector<Example> batch;
    batch.reserve(indices.size());
    for (const int i : indices) batch.push_back(data.validation[data.forced[i]]);
    const UpdateResult result = updater.evaluate(batch);
    loss += result.loss;
    tokens += result.target_tokens;
  }
  // Of a training that has come apart it would be infinite, or no number, which JSON does not have; float32 ends at
  // e^88.7.
  constexpr double kMostLoss = 88;
  const double mean = loss / static_cast<double>(tokens);
  return std::exp(mean < kMostLoss ? mean : kMostLoss);
}

/// What the answers tell beside their text.
struct Heard {
  AttentionStatistics attention;
  int cut = 0;  // by the length limit
};

// In parts, so that a signal is seen in time; of like length, so that this costs nothing.
std::vector<std::string> translate_all(const Translator& translator, const std::vector<std::string>& sources,
                                       const TranslateOptions& options, const std::atomic<bool>& stop, Heard& heard) {
  std::vector<std::size_t> order(sources.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return sources[a].size() > sources[b].size(); });
  std::vector<std::string> out(sources.size());
  const auto part = static_cast<std::size_t>(options.batch_sentences * options.threads);
  for (std::size_t begin = 0; begin < order.size(); begin += part) {
    look_at(stop);
    const std::span<const std::size_t> places(&order[begin], std::min(part, order.size() - begin));
    std::vector<std::string> some;
    for (const std::size_t i : places) some.push_back(sources[i]);
    const std::vector<Translated> answers = translator.translate(some, options);
    for (std::size_t i = 0; i < places.size(); ++i) {
      const Translation& best = answers[i].translations.front();
      out[places[i]] = best.text;
      heard.attention.add(best.attention);
      heard.cut += best.cut ? 1 : 0;
    }
  }
  return out;
}

}  // namespace

ValidationResult validate(const TrainingData& data, const Config& config, const std::shared_ptr<Seq2Seq>& model,
                          Updater& updater, const std::atomic<bool>& stop) {
  ValidationResult out;
  out.perplexity = perplexity(data, updater, stop);
  const std::vector<std::string> metrics = validation_metrics(config.training);
  if (metrics.empty()) return out;
  std::size_t count = data.validation_text.size();
  if (config.training.validation_sentences > 0) {
    count = std::min(count, static_cast<std::size_t>(config.training.validation_sentences));
  }
  std::vector<std::string> sources;
  for (std::size_t i = 0; i < count; ++i) sources.push_back(data.validation_text[i].source);
  const std::vector<std::string> references(data.references.begin(),
                                            data.references.begin() + static_cast<std::ptrdiff_t>(count));
  const Translator translator({Bundle{config, data.source, data.target, model}});
  TranslateOptions options;
  options.beam = 1;
  options.batch_sentences = kBatch;
  options.threads = config.training.threads;
  options.attention = model->decoder().attends();
  Heard heard;
  const std::vector<std::string> hypotheses = translate_all(translator, sources, options, stop, heard);
  const MetricOptions how{.tokenize = bleu_options(config.data.target).tokenize};
  for (const std::string& name : metrics) {
    out.metrics.emplace_back(name, evaluate_metric(name, hypotheses, {references}, how).value);
  }
  out.attention_entropy = heard.attention.entropy();
  out.attention_maximum = heard.attention.maximum();
  out.attention_movement = heard.attention.movement();
  out.answers = static_cast<int>(hypotheses.size());
  out.cut_answers = heard.cut;
  return out;
}

std::string long_validation_pairs(const TrainingData& data) {
  const std::size_t longer = data.validation.size() - data.forced.size();
  if (longer == 0) return "";
  return fmt::format(
      "{} of {} validation pairs are longer than max_length: perplexity is without "
      "them, and they are translated from at most {} tokens",
      longer, data.validation.size(), TranslateOptions{}.max_source_tokens);
}

std::string cut_answers(const ValidationResult& result, const DataOptions& data) {
  if (result.cut_answers == 0) return "";
  return fmt::format("{} of {} validation answers were cut at the length limit ({}; data.max_output)",
                     result.cut_answers, result.answers, data.max_output);
}

}  // namespace heed
