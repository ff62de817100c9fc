#include "validator.h"

#include <algorithm>
#include <cmath>

#include "heed/metrics/accuracy.h"
#include "heed/metrics/bleu.h"
#include "heed/translate/translator.h"
#include "selection.h"

namespace heed {
namespace {

constexpr int kBatch = 64;

double perplexity(const std::vector<Example>& examples, Updater& updater) {
  std::vector<int> lengths;
  lengths.reserve(examples.size());
  for (const Example& example : examples) lengths.push_back(static_cast<int>(example.target.size()));
  double loss = 0;
  long tokens = 0;
  for (const std::vector<int>& indices : make_sorted_batches(lengths, kBatch)) {
    std::vector<const Example*> batch;
    batch.reserve(indices.size());
    for (const int i : indices) batch.push_back(&examples[i]);
    const UpdateResult result = updater.evaluate(batch);
    loss += result.loss;
    tokens += result.target_tokens;
  }
  // Of a training that has come apart it would be infinite, which JSON does not have; float32 ends at e^88.7.
  constexpr double kMostLoss = 88;
  return std::exp(std::min(loss / static_cast<double>(tokens), kMostLoss));
}

}  // namespace

ValidationResult validate(const TrainingData& data, const Config& config, const std::shared_ptr<Seq2Seq>& model,
                          Updater& updater) {
  ValidationResult out;
  out.perplexity = perplexity(data.validation, updater);
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
  std::vector<std::string> hypotheses;
  for (const Translated& translated : translator.translate(sources, options)) {
    hypotheses.push_back(translated.translations.front().text);
  }
  out.bleu = bleu(hypotheses, {references}, bleu_options(config.data.target)).score;
  out.accuracy = accuracy(hypotheses, {references}).score;
  return out;
}

}  // namespace heed
