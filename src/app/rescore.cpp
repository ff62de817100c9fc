#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>
#include <numeric>

#include "commands.h"
#include "common_options.h"
#include "heed/base/error.h"
#include "heed/base/utf8.h"
#include "heed/data/lines.h"
#include "heed/metrics/registry.h"
#include "heed/translate/translator.h"
#include "messages.h"
#include "nbest_list.h"
#include "nbest_weights.h"
#include "output.h"

namespace heed::app {
namespace {

using Lines = std::vector<std::string>;

// Pairs whose answers are held in memory together.
constexpr std::size_t kPairsAtOnce = 2048;
constexpr const char* kWords = "Words0";

struct RescoreCommand {
  Lines models;
  Lines reverse_models;
  std::string source;
  std::string nbest;
  std::string output;
  std::string precision;
  std::vector<double> weights;
  Lines references;  // of --tune
  std::string metric = "bleu";
  bool lowercase = false;
  bool best = false;
  ScoreOptions options;

  void run() const;
  void check(const CLI::App& command) const;
  void add_model(const std::string& directory, bool reverse, const Lines& sources, NbestList& list) const;
  void check_weights(const NbestList& list) const;
  std::vector<double> first_weights(const NbestList& list) const;
  std::vector<double> tuned(const NbestList& list, std::size_t sentences, std::vector<double> from) const;
};

void RescoreCommand::check(const CLI::App& command) const {
  if (models.empty() && reverse_models.empty())
    throw UsageError("--model is required, or --reverse-model (see heed rescore --help)");
  for (const char* flag : {"--metric", "--lowercase"}) refuse_idle(command, flag, references.empty(), "without --tune");
  const Lines& readers = find_metric(metric).reads;
  refuse_idle(command, "--lowercase", std::find(readers.begin(), readers.end(), "lowercase") == readers.end(),
              "on " + metric);
}

/// The feature that a model adds: log p(text | source), or, of the other direction, log p(source | text).
void RescoreCommand::add_model(const std::string& directory, bool reverse, const Lines& sources,
                               NbestList& list) const {
  const Bundle bundle = Bundle::load(directory, chosen_precision(precision));
  if (!bundle.source.options().features().empty())
    throw Error(fmt::format("'{}' reads source features, which n-best lists do not have", directory));
  ScoreOptions how = options;
  how.attention = false;
  how.source_name = how.target_name = shown(nbest);
  for (std::size_t first = 0; first < list.entries.size(); first += kPairsAtOnce) {
    const auto block = std::span(list.entries).subspan(first, std::min(kPairsAtOnce, list.entries.size() - first));
    std::vector<SentencePair> pairs;
    for (const NbestEntry& entry : block) {
      pairs.push_back({sources[entry.sentence], entry.text});
      if (reverse) std::swap(pairs.back().source, pairs.back().target);
    }
    how.first_line = static_cast<long>(first) + 1;
    const std::vector<Translated> scored = score_pairs(bundle, pairs, how);
    for (std::size_t i = 0; i < block.size(); ++i)
      block[i].features.push_back(scored[i].translations.front().log_probability);
  }
  list.names.push_back(list.new_name(reverse ? "Reverse" : "Heed"));
}

/// The number of words: it lets a tuning price lengths.
void add_words(NbestList& list) {
  if (std::find(list.names.begin(), list.names.end(), kWords) != list.names.end()) return;
  for (NbestEntry& entry : list.entries) entry.features.push_back(static_cast<double>(utf8::words(entry.text).size()));
  list.names.emplace_back(kWords);
}

std::vector<double> RescoreCommand::first_weights(const NbestList& list) const {
  if (!weights.empty()) return weights;
  std::vector<double> out(list.names.size(), 1);
  for (std::size_t f = 0; f < out.size(); ++f) out[f] = list.names[f] == kWords ? 0 : 1;
  return out;
}

/// Before the models are at work.
void RescoreCommand::check_weights(const NbestList& list) const {
  const bool has_words = std::find(list.names.begin(), list.names.end(), kWords) != list.names.end();
  const std::size_t count = list.names.size() + models.size() + reverse_models.size() + (has_words ? 0 : 1);
  if (weights.empty() || weights.size() == count) return;
  throw UsageError(fmt::format("--weights: {} given for {} features: {} of the list, then one for each model{}",
                               weights.size(), count, fmt::join(list.names, ", "),
                               has_words ? "" : ", then the words"));
}

std::vector<double> RescoreCommand::tuned(const NbestList& list, std::size_t sentences,
                                          std::vector<double> from) const {
  std::vector<Lines> lines;
  for (const std::string& path : references) {
    lines.push_back(read_lines(path));
    check_partners(path, lines.back().size(), source, sentences);
  }
  MetricOptions how;
  how.lowercase = lowercase;
  const MetricInfo& info = find_metric(metric);
  const double sign = info.higher_is_better ? 1 : -1;
  const auto quality = [&](const std::vector<int>& chosen) {
    Lines texts;
    for (const int entry : chosen) texts.push_back(entry < 0 ? "" : list.entries[entry].text);
    return sign * evaluate_metric(metric, texts, lines, how).value;
  };
  TunedWeights found = tune_weights(list, sentences, std::move(from), quality);
  tell(fmt::format("tuned: {} {:.2f} -> {:.2f} with --weights={}\n", info.title, sign * found.before,
                   sign * found.after, fmt::join(found.weights, ",")));
  return std::move(found.weights);
}

/// All entries, those of a sentence by their scores; of equal ones in the order of the list.
std::string sorted_lines(const NbestList& list, const std::vector<double>& weights) {
  std::vector<double> scores;
  for (const NbestEntry& entry : list.entries) scores.push_back(score_of(entry, weights));
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const std::size_t one = list.entries[a].sentence;
    const std::size_t other = list.entries[b].sentence;
    return one != other ? one < other : scores[a] > scores[b];
  });
  std::string out;
  for (const std::size_t e : order) out += list.line_of(list.entries[e], scores[e]);
  return out;
}

void RescoreCommand::run() const {
  Lines inputs = {source, nbest};
  inputs.insert(inputs.end(), references.begin(), references.end());
  Output out(output, inputs);
  const Lines sources = read_lines(source);
  NbestList list = NbestList::read(nbest, sources.size());
  check_weights(list);
  for (const std::string& model : models) add_model(model, false, sources, list);
  for (const std::string& model : reverse_models) add_model(model, true, sources, list);
  add_words(list);
  std::vector<double> used = first_weights(list);
  if (!references.empty()) used = tuned(list, sources.size(), std::move(used));
  if (!best) {
    out.write(sorted_lines(list, used));
  } else {
    for (const int entry : best_entries(list, sources.size(), used))
      out.write((entry < 0 ? "" : list.entries[entry].text) + "\n");
  }
  out.finish();
}

void add_weights(CLI::App& command, RescoreCommand& options) {
  command
      .add_option("--weights", options.weights,
                  "of the features, in the order of the output: those of the list, each --model, each "
                  "--reverse-model, the words (default: 1 each, of the words 0)")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("W,W")
      ->check(in_range(-1e6, 1e6));
  command
      .add_option("--tune", options.references,
                  "references of the sentences: look for the weights whose best translations agree most with them, and "
                  "say them on standard error")
      ->type_name("FILE");
  command.add_option("--metric", options.metric, "of --tune: how they are compared")
      ->check(one_of(text_metrics()))
      ->capture_default_str();
  command.add_flag("--lowercase", options.lowercase, "of --tune: compare without regard to case");
}

}  // namespace

void add_rescore(CLI::App& app) {
  CLI::App* command = app.add_subcommand("rescore", "sort n-best lists anew, by the scores of other models too");
  auto options = std::make_shared<RescoreCommand>();
  command->add_option("-m,--model", options->models, "directory of a model from source to target")
      ->type_name("DIR")
      ->allow_extra_args(false);
  command
      ->add_option("--reverse-model", options->reverse_models,
                   "directory of a model from target to source, for log p(source | target)")
      ->type_name("DIR")
      ->allow_extra_args(false);
  command->add_option("--source", options->source, "file of source sentences")->type_name("FILE")->required();
  command
      ->add_option("--nbest", options->nbest,
                   "file of lines 'i ||| translation ||| Name0= value ||| score', as of Moses and `heed translate "
                   "--nbest`; i counts the sentences from 0")
      ->type_name("FILE")
      ->required();
  add_weights(*command, *options);
  command->add_flag("--best", options->best, "write the best translation of each sentence alone");
  add_output(*command, options->output);
  add_batch(*command, options->options.batch_sentences);
  add_threads(*command, options->options.threads);
  add_precision(*command, options->precision);
  add_max_length(*command, options->options.max_length, "a longer sentence (tokens) is an error");
  command->footer(
      "Adds to each line a feature for each model, Heed0= or Reverse0= with the next number that is free: the natural\n"
      "logarithm of a probability; and Words0=, the words of the translation. The new score is the sum of all "
      "features\n"
      "by their weights.");
  command->callback([options, command] {
    options->check(*command);
    options->run();
  });
}

}  // namespace heed::app
