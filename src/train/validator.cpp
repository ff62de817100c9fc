#include "validator.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <utility>

#include "fmt/format.h"
#include "heed/data/batching.h"
#include "heed/metrics/references.h"
#include "heed/metrics/registry.h"
#include "heed/model/seq2seq.h"
#include "heed/translate/attention_statistics.h"
#include "heed/translate/translator.h"
#include "selection.h"
#include "shared_answers.h"

namespace heed {
namespace {

constexpr int kBatch = 64;

void throw_if_asked(const std::atomic<bool>& stop) {
  if (stop) throw Stopped();
}

double perplexity(const HeldOut& text, Updater& updater, const std::atomic<bool>& stop) {
  std::vector<int> lengths;
  lengths.reserve(text.forced.size());
  for (const std::size_t i : text.forced) lengths.push_back(static_cast<int>(text.examples[i].target.size()));
  double loss = 0;
  long tokens = 0;
  for (const std::vector<int>& indices : make_sorted_batches(lengths, kBatch)) {
    throw_if_asked(stop);
    std::vector<Example> batch;
    batch.reserve(indices.size());
    for (const int i : indices) batch.push_back(text.examples[text.forced[i]]);
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

/// Who may ask to stop, and who translates too.
struct Watch {
  const std::atomic<bool>& stop;
  Ranks* ranks;
};

/// What the answers tell beside their text.
struct AnswerFacts {
  AttentionStatistics attention;
  int cut = 0;  // by the length limit
};

/// That of the first model, which is trained: the others may attend to more.
const AttentionWeights& own_attention(const Translation& best) {
  return best.attention_members.empty() ? best.attention : best.attention_members.front().attention;
}

// In parts, so that a signal is seen in time; of like length, so that this costs nothing.
std::vector<std::string> translate_all(const Translator& translator, std::span<const SentencePair> text,
                                       const TranslateOptions& options, const Watch& watch, AnswerFacts& facts) {
  std::vector<std::size_t> order(text.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return text[a].source.size() > text[b].source.size(); });
  std::vector<std::string> out(text.size());
  const int ranks = watch.ranks != nullptr ? watch.ranks->size() : 1;
  const auto part = static_cast<std::size_t>(options.batch_sentences * options.threads * ranks);
  for (std::size_t begin = 0; begin < order.size(); begin += part) {
    throw_if_asked(watch.stop);
    const std::span<const std::size_t> places(&order[begin], std::min(part, order.size() - begin));
    std::vector<std::string> some;
    std::vector<FeatureValues> features;
    for (std::size_t i = 0; i < places.size(); ++i) {
      if (!is_own_sentence(watch.ranks, i)) continue;
      some.push_back(text[places[i]].source);
      features.push_back(text[places[i]].features);
    }
    std::vector<Answer> answers;
    for (const Translated& translated : translator.translate(some, options, features)) {
      const Translation& best = translated.translations.front();
      answers.push_back({best.text, best.cut, AttentionStatistics::of(own_attention(best))});
    }
    answers = share_answers(watch.ranks, std::move(answers), places.size());
    for (std::size_t i = 0; i < places.size(); ++i) {
      out[places[i]] = std::move(answers[i].text);
      facts.attention.add_sentence(answers[i].attention);
      facts.cut += answers[i].cut ? 1 : 0;
    }
  }
  return out;
}

}  // namespace

std::vector<Bundle> load_ensemble(const std::vector<std::string>& directories, const Bundle& own) {
  std::vector<Bundle> out;
  for (const std::string& directory : directories) {
    try {
      out.push_back(Bundle::load(directory, Precision::kFloat32));
      const Translator together({own, out.back()});
    } catch (const Error& error) {
      throw UsageError(fmt::format("training.validation_ensemble: {}: {}", directory, error.what()),
                       {.file = directory, .key = "training.validation_ensemble"});
    }
  }
  return out;
}

Judged judge(const HeldOut& text, const Candidate& candidate, const std::atomic<bool>& stop) {
  const Config& config = candidate.config;
  Judged judged;
  ValidationResult& out = judged.result;
  judged.sentences = text.text.size();
  out.perplexity = perplexity(text, candidate.updater, stop);
  const std::vector<std::string> metrics = validation_metrics(config.training);
  if (metrics.empty()) return judged;
  std::size_t count = text.text.size();
  if (config.training.validation_sentences > 0) {
    count = std::min(count, static_cast<std::size_t>(config.training.validation_sentences));
  }
  const auto pairs = std::span(text.text).first(count);
  std::vector<std::vector<std::string>> references = text.references;
  for (auto& lines : references) lines.resize(count);
  references = without_empty(std::move(references));
  std::vector<Bundle> bundles{{config, candidate.data.source, candidate.data.target, candidate.model}};
  bundles.insert(bundles.end(), candidate.ensemble.begin(), candidate.ensemble.end());
  const Translator translator(std::move(bundles));
  TranslateOptions options;
  options.beam = config.training.validation_beam;
  options.batch_sentences = kBatch;
  options.threads = config.training.threads;
  options.attention = candidate.model->decoder().attends();
  AnswerFacts facts;
  const std::vector<std::string> hypotheses = translate_all(translator, pairs, options, {stop, candidate.ranks}, facts);
  const MetricOptions how{.tokenize = bleu_options(config.data.target, config.training.validation_tokenize).tokenize};
  for (const std::string& name : metrics) {
    judged.values.push_back(evaluate_metric(name, hypotheses, references, how));
    out.metrics.emplace_back(name, judged.values.back().value);
  }
  out.attention_entropy = facts.attention.entropy();
  out.attention_maximum = facts.attention.maximum();
  out.attention_movement = facts.attention.movement();
  out.answers = static_cast<int>(hypotheses.size());
  out.cut_answers = facts.cut;
  return judged;
}

std::string judging_text(const Config& config) {
  const std::vector<std::string> metrics = validation_metrics(config.training);
  if (metrics.empty()) return "validation: perplexity alone; nothing is translated";
  const int beam = config.training.validation_beam;
  std::string out = beam == 1 ? "validation: greedy" : fmt::format("validation: beam {}", beam);
  out += ensemble_text(config.training);
  if (std::find(metrics.begin(), metrics.end(), "bleu") != metrics.end())
    out += ", BLEU with " + bleu_options(config.data.target, config.training.validation_tokenize).tokenize;
  return out + "; the best by " + title_of(config.training.best_by) + " is kept";
}

std::string long_validation_pairs(const TrainingData& data) {
  const std::size_t longer = data.validation.text.size() - data.validation.forced.size();
  if (longer == 0) return "";
  return fmt::format(
      "{} of {} validation pairs are longer than max_length: perplexity is without "
      "them, and they are translated from at most {} tokens",
      longer, data.validation.text.size(), TranslateOptions{}.max_source_tokens);
}

std::string cut_answers(const ValidationResult& result, const DataOptions& data) {
  if (result.cut_answers == 0) return "";
  return fmt::format("{} of {} validation answers were cut at the length limit ({}; data.max_output)",
                     result.cut_answers, result.answers, data.max_output);
}

}  // namespace heed
