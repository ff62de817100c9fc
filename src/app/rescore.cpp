#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "commands.h"
#include "common_options.h"
#include "heed/base/error.h"
#include "heed/base/utf8.h"
#include "heed/data/lines.h"
#include "heed/metrics/references.h"
#include "heed/metrics/registry.h"
#include "heed/record/nbest_line.h"
#include "heed/translate/translator.h"
#include "messages.h"
#include "nbest_list.h"
#include "nbest_weights.h"
#include "output.h"
#include "progress_line.h"

namespace heed::app {
namespace {

using Lines = std::vector<std::string>;

constexpr const char* kWords = "Words0";

/// A model that adds a feature: log p(text | source), or, of the other direction, log p(source | text).
struct Rescorer {
  std::string directory;
  Bundle bundle;
  bool reverse = false;
  UnknownShare unknown = {};
};

struct RescoreCommand {
  Lines models;
  Lines reverse_models;
  std::string source;
  std::string nbest;
  std::string input_format = "nbest";
  std::string output;
  std::string precision;
  std::vector<double> weights;
  Lines references;  // of --tune
  std::string metric = "bleu";
  bool lowercase = false;
  bool best = false;
  bool json = false;
  bool progress = false;
  ScoreOptions options;

  void run() const;
  void check(const CLI::App& command) const;
  bool reads_json() const { return input_format == "jsonl"; }
  std::vector<Rescorer> load() const;
  std::vector<Translated> scored(const Bundle& bundle, std::span<const SentencePair> pairs,
                                 const NbestList& list) const;
  FeatureValues features_of(const Bundle& bundle, const NbestEntry& entry, const NbestList& list) const;
  void add_feature(Rescorer& rescorer, NbestList& list) const;
  void check_weights(const NbestList& list) const;
  std::vector<double> first_weights(const NbestList& list) const;
  std::vector<double> tuned(const NbestList& list, std::vector<double> from) const;
  std::string sorted_text(const NbestList& list, const std::vector<double>& used) const;
};

void RescoreCommand::check(const CLI::App& command) const {
  if (models.empty() && reverse_models.empty())
    throw UsageError("--model is required, or --reverse-model (see heed rescore --help)");
  refuse_idle(command, "--source", reads_json(), "beside --input-format jsonl, whose lines have the sources");
  if (!reads_json() && command.count("--source") == 0)
    throw UsageError("--source is required, but for --input-format jsonl (see heed rescore --help)");
  if (json && !reads_json()) throw UsageError("--format jsonl: needs --input-format jsonl, whose lines it writes");
  for (const char* flag : {"--metric", "--lowercase"}) refuse_idle(command, flag, references.empty(), "without --tune");
  const Lines& readers = find_metric(metric).reads;
  refuse_idle(command, "--lowercase", std::find(readers.begin(), readers.end(), "lowercase") == readers.end(),
              "on " + metric);
}

std::vector<Rescorer> RescoreCommand::load() const {
  std::vector<Rescorer> out;
  for (const bool reverse : {false, true}) {
    for (const std::string& directory : reverse ? reverse_models : models) {
      out.push_back({directory, Bundle::load(directory, chosen_precision(precision)), reverse});
      if (!out.back().bundle.source.options().features().empty() && (reverse || !reads_json()))
        throw Error(fmt::format(
            "'{}' reads source features, which {}", directory,
            reverse ? "translations do not have" : "lines of Moses do not have: give --input-format jsonl"));
    }
  }
  return out;
}

std::vector<Translated> RescoreCommand::scored(const Bundle& bundle, std::span<const SentencePair> pairs,
                                               const NbestList& list) const {
  ScoreOptions how = options;
  how.attention = false;
  how.source_name = how.target_name = shown(nbest);
  try {
    return score_pairs(bundle, pairs, how);
  } catch (const Error& error) {
    // It counts the pairs; several may be of a line, and others have been before them.
    const auto pair = static_cast<std::size_t>(error.place().line);
    const std::string what = error.what();
    const std::string place = fmt::format("{}:{}: ", shown(nbest), pair);
    if (pair == 0 || pair > list.entries.size() || !what.starts_with(place)) throw;
    throw Error::at({.file = shown(nbest), .line = list.entries[pair - 1].line}, what.substr(place.size()),
                    error.kind());
  }
}

/// Of the source of an entry, for a model.
FeatureValues RescoreCommand::features_of(const Bundle& bundle, const NbestEntry& entry, const NbestList& list) const {
  const std::size_t place = entry.sentence - list.first;
  try {
    return feature_values(bundle.source.options().features(), list.source_features[place], list.sources[place]);
  } catch (const Error& error) {
    throw Error::at({.file = shown(nbest), .line = entry.line}, error.what(), ErrorKind::kData);
  }
}

void RescoreCommand::add_feature(Rescorer& rescorer, NbestList& list) const {
  std::vector<SentencePair> pairs;
  for (const NbestEntry& entry : list.entries) {
    pairs.push_back({.source = list.sources[entry.sentence - list.first], .target = entry.text});
    pairs.back().target_tokens = entry.tokens;
    if (rescorer.reverse) pairs.back() = reversed(std::move(pairs.back()));
    if (reads_json() && !rescorer.reverse) pairs.back().features = features_of(rescorer.bundle, entry, list);
  }
  const std::vector<Translated> found = scored(rescorer.bundle, pairs, list);
  for (std::size_t i = 0; i < found.size(); ++i) {
    rescorer.unknown.add(found[i]);
    list.entries[i].features.push_back(found[i].translations.front().log_probability);
  }
  list.names.push_back(list.new_name(rescorer.reverse ? "Reverse" : "Heed"));
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

std::vector<double> RescoreCommand::tuned(const NbestList& list, std::vector<double> from) const {
  const std::size_t sentences = list.sources.size();
  std::vector<Lines> lines;
  for (const std::string& path : references) {
    lines.push_back(read_lines(path));
    check_partners(path, lines.back().size(), reads_json() ? nbest : source, sentences);
  }
  lines = without_empty(std::move(lines));  // else weights are found that make answers empty
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

/// The entries of each sentence by their scores, of equal ones in the order of the list: their places among its own.
std::vector<std::vector<RankedAnswer>> ranked(const NbestList& list, const std::vector<double>& weights,
                                              const std::string& path) {
  std::vector<std::vector<RankedAnswer>> out(list.sources.size());
  for (const NbestEntry& entry : list.entries) {
    std::vector<RankedAnswer>& answers = out[entry.sentence - list.first];
    answers.push_back({answers.size(), score_of(entry, weights), entry.features});
    if (!std::isfinite(answers.back().score))
      throw Error::at({.file = shown(path), .line = entry.line}, "the score by these weights is no finite number",
                      ErrorKind::kData);
  }
  for (std::vector<RankedAnswer>& answers : out)
    std::ranges::stable_sort(answers, std::ranges::greater(), &RankedAnswer::score);
  return out;
}

std::string RescoreCommand::sorted_text(const NbestList& list, const std::vector<double>& used) const {
  std::string out;
  std::size_t first = 0;  // entry of the sentence
  const std::vector<std::vector<RankedAnswer>> sentences = ranked(list, used, nbest);
  for (std::size_t s = 0; s < sentences.size(); ++s) {
    const std::span all(sentences[s]);
    const auto kept = best ? all.first(std::min<std::size_t>(all.size(), 1)) : all;
    if (json) out += to_ranked_line(list.lines[s], list.names, kept);
    if (!json && best) out += (kept.empty() ? "" : list.entries[first + kept.front().place].text) + "\n";
    if (!json && !best) {
      for (const RankedAnswer& answer : kept) out += list.line_of(list.entries[first + answer.place], answer.score);
    }
    first += sentences[s].size();
  }
  return out;
}

void RescoreCommand::run() const {
  Lines inputs = {source, nbest};
  inputs.insert(inputs.end(), references.begin(), references.end());
  refuse_input_twice(inputs);
  Output out(output, inputs);
  NbestReader reader(nbest, {.json = reads_json(), .keeps_lines = json, .source = source});
  std::optional<NbestList> list = reader.next();
  std::vector<Rescorer> rescorers = load();
  LineProgress answered(progress, nbest);
  NbestList all;  // which a tuning reads
  for (; list; list = reader.next()) {
    if (!list->entries.empty()) check_weights(*list);
    for (Rescorer& rescorer : rescorers) add_feature(rescorer, *list);
    add_words(*list);
    answered.add(list->lines_read, list->bytes_read);
    if (references.empty()) {
      out.write(sorted_text(*list, first_weights(*list)));
    } else {
      all.append(std::move(*list));
    }
  }
  answered.finish();
  for (const Rescorer& rescorer : rescorers) rescorer.unknown.warn_of_many(fmt::format("'{}'", rescorer.directory));
  if (!references.empty()) out.write(sorted_text(all, tuned(all, first_weights(all))));
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
  command->add_option("--source", options->source, "file of source sentences, which JSON lines have themselves")
      ->type_name("FILE");
  command
      ->add_option("--nbest", options->nbest,
                   "file of lines 'i ||| translation ||| Name0= value ||| score', as of Moses and `heed translate "
                   "--nbest`; i counts the sentences from 0")
      ->type_name("FILE")
      ->required();
  command
      ->add_option("--input-format", options->input_format,
                   "what --nbest has: these lines, or those of `heed translate --nbest N --format jsonl`")
      ->check(one_of({"nbest", "jsonl"}))
      ->capture_default_str();
  add_weights(*command, *options);
  command->add_flag("--best", options->best, "write the best translation of each sentence alone");
  add_output(*command, options->output);
  add_json_format(*command, options->json, "jsonl");
  add_progress(*command, options->progress);
  add_batch(*command, options->options.batch_sentences);
  add_threads(*command, options->options.threads);
  add_precision(*command, options->precision);
  add_max_length(*command, options->options.max_length, "a longer sentence (tokens) is an error");
  command->footer(
      "Adds to each line a feature for each model, Heed0= or Reverse0= with the next number that is free: the natural\n"
      "logarithm of a probability; and Words0=, the words of the translation. The new score is the sum of all "
      "features\n"
      "by their weights. --format jsonl writes JSON lines as they came, with each translation's score and features.");
  command->callback([options, command] {
    options->check(*command);
    options->run();
  });
}

}  // namespace heed::app
