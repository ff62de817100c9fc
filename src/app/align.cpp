#include "heed/translate/align.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>

#include "commands.h"
#include "common_options.h"
#include "continuation.h"
#include "heed/base/error.h"
#include "heed/model/seq2seq.h"
#include "heed/record/json_lines.h"
#include "heed/record/translation.h"
#include "models.h"
#include "output.h"
#include "parts.h"
#include "score_files.h"

namespace heed::app {
namespace {

struct AlignCommand : ModelsCommand {
  std::vector<std::string> reverse_models;
  std::string symmetrize = "grow-diag-final-and";
  PairFiles files;
  bool progress = false;
  std::string output;
  ContinueOption continues;
  std::string format = "pharaoh";
  AlignOptions options;

  void run(const CLI::App& command) const;
  void check(const CLI::App& command) const;
  std::vector<AlignedPair> align(std::span<const Bundle> forward, std::span<const Bundle> reverse,
                                 std::span<const SentencePair> pairs, const ScoreOptions& how,
                                 std::span<UnknownShare, 2> unknown) const;
  void add_line(const SentencePair& pair, const AlignedPair& aligned, std::string& text) const;
};

void AlignCommand::check(const CLI::App& command) const {
  files.check(command);
  refuse_idle_models(command);
  refuse_idle(command, "--symmetrize", reverse_models.empty(), "without --reverse-model, the other direction");
  refuse_idle(command, "--symmetrize", format == "soft",
              "with --format soft: its weights are the mean of both directions");
}

/// A model that aligns, with what of it was chosen.
Bundle load_aligner(const std::string& directory, const std::string& precision, const AttentionChoice& choice) {
  Bundle bundle = Bundle::load(directory, chosen_precision(precision));
  check_attends(bundle, directory);
  const std::vector<int> heads = bundle.model->decoder().attention_heads();
  const auto need = [&](const char* flag, int asked, int has, const char* what) {
    if (asked == 0) return;
    if (has == 1)
      throw UsageError(fmt::format("{}: has no effect on '{}', whose attention has one {}", flag, directory, what));
    if (asked > has)
      throw UsageError(fmt::format("{} {}: the attention of '{}' has {} {}s", flag, asked, directory, has, what));
  };
  need("--layer", choice.layer, static_cast<int>(heads.size()), "layer");
  need("--head", choice.head,
       choice.layer > 0 ? heads[choice.layer - 1] : *std::max_element(heads.begin(), heads.end()), "head");
  return bundle;
}

void check_same_features(const Bundle& one, const Bundle& other) {
  const std::string features = one.source.options().feature_names(), others = other.source.options().feature_names();
  if (features == others) return;
  throw Error(ErrorKind::kModel,
              fmt::format("models that align together must read the same features, but one reads ({}) and another ({})",
                          features, others));
}

void check_reads_no_features(const Bundle& bundle, const std::string& directory) {
  if (bundle.source.options().features().empty()) return;
  throw Error(fmt::format("'{}' reads source features, which have no place on the target side", directory));
}

std::vector<AlignedPair> AlignCommand::align(std::span<const Bundle> forward, std::span<const Bundle> reverse,
                                             std::span<const SentencePair> pairs, const ScoreOptions& how,
                                             std::span<UnknownShare, 2> unknown) const {
  AlignOptions each = options;
  each.score = how;
  each.on_scored = [&](const Translated& scored) { unknown[0].add(scored); };
  std::vector<AlignedPair> out = align_pairs(forward, pairs, each, ensemble);
  if (reverse.empty()) return out;
  each.on_scored = [&](const Translated& scored) { unknown[1].add(scored); };
  symmetrize_pairs(out, align_reversed(reverse, pairs, each), find_symmetrization(symmetrize));
  return out;
}

void AlignCommand::add_line(const SentencePair& pair, const AlignedPair& aligned, std::string& text) const {
  if (format == "pharaoh") {
    text += to_pharaoh(aligned.links) + "\n";
    return;
  }
  if (format == "jsonl") {
    text += to_aligned_line(pair.source, pair.target, aligned.links, aligned.weights);
    return;
  }
  std::string words;
  for (std::size_t j = 0; j < aligned.weights.size(); ++j) {
    for (std::size_t i = 0; i < aligned.weights[j].size(); ++i) {
      const float weight = aligned.weights[j][i];
      if (weight < 5e-5F || weight < static_cast<float>(options.threshold)) continue;
      words += fmt::format("{}{}-{}:{:.4f}", words.empty() ? "" : " ", i, j, weight);
    }
  }
  text += words + "\n";
}

void AlignCommand::run(const CLI::App& command) const {
  check(command);
  continues.check(output, files.inputs());
  warn_of_processes(files.part);
  Output out(output, files.inputs());
  std::vector<Bundle> forward, reverse;
  for (const std::string& directory : models) {
    forward.push_back(load_aligner(directory, precision, options.choice));
    check_same_features(forward.front(), forward.back());
  }
  for (const std::string& directory : reverse_models) {
    reverse.push_back(load_aligner(directory, precision, options.choice));
    check_reads_no_features(reverse.back(), directory);
  }
  std::array<UnknownShare, 2> unknown;  // of the source, and of the target as the other direction reads it
  std::vector<std::string> all = models;
  all.insert(all.end(), reverse_models.begin(), reverse_models.end());
  Continuation continuation(out, continues, command, all);
  if (continuation.is_done()) return;
  std::vector<long*> counts = unknown[0].counts();
  for (long* count : unknown[1].counts()) counts.push_back(count);
  continuation.keep(counts);
  for_each_block(files, {.progress = progress, .continuation = &continuation}, forward.front().config.data,
                 options.score, [&](std::span<const SentencePair> pairs, const ScoreOptions& how) {
                   const std::vector<AlignedPair> aligned = align(forward, reverse, pairs, how, unknown);
                   std::string text;
                   for (std::size_t i = 0; i < pairs.size(); ++i) add_line(pairs[i], aligned[i], text);
                   out.write(text);
                 });
  unknown[0].warn_of_many(fmt::format("'{}'", models.front()));
  if (!reverse_models.empty()) unknown[1].warn_of_many(fmt::format("'{}'", reverse_models.front()));
  continuation.finish();
}

void add_choices(CLI::App& command, AlignCommand& options) {
  command
      .add_option("--reverse-model", options.reverse_models,
                  "a model from target to source: links of both directions become one alignment; several, their mean")
      ->type_name("DIR")
      ->allow_extra_args(false)
      ->check(is_named());
  command.add_option("--symmetrize", options.symmetrize, "how they do")
      ->check(one_of(symmetrization_names()))
      ->capture_default_str();
  command
      .add_option("--format", options.format,
                  "i-j for each link; i-j:w, a weight for each two words; or JSON lines with both")
      ->check(one_of({"pharaoh", "soft", "jsonl"}))
      ->capture_default_str();
  command.add_option("--threshold", options.options.threshold, "links, and soft weights, below it are left out")
      ->check(in_range(0.0, 1.0))
      ->capture_default_str();
  command
      .add_option("--shift", options.options.choice.shift,
                  "the weights of so many steps after a token's stand for its own; 0.5: the mean of both")
      ->check(in_range(0.0, 2.0))
      ->capture_default_str();
  command
      .add_option("--layer", options.options.choice.layer, "attention of this layer or hop, from 1 (default: the mean)")
      ->check(in_range(1, 1000));
  command.add_option("--head", options.options.choice.head, "attention of this head, from 1 (default: the mean)")
      ->check(in_range(1, 1000));
}

}  // namespace

void add_align(CLI::App& app) {
  CLI::App* command = app.add_subcommand("align", "word alignments of given translations, from the attention");
  auto options = std::make_shared<AlignCommand>();
  options->add_models(*command);
  options->files.add(*command);
  add_output(*command, options->output);
  add_choices(*command, *options);
  add_progress(*command, options->progress);
  add_part(*command, options->files.part);
  options->continues.add(*command);
  add_batch(*command, options->options.score.batch_sentences);
  add_threads(*command, options->options.score.threads);
  add_precision(*command, options->precision);
  add_max_length(*command, options->options.score.max_length, "a longer sentence (tokens) is an error");
  command->footer(
      "Writes Pharaoh lines: i-j links source word i to target word j, counted from 0; words are separated by\n"
      "spaces. A target word is linked to the source word that got most of its attention, and to none if that is\n"
      "the end of the sentence, or if the target word has no token, as a U+3000 alone. `heed evaluate --metrics aer`\n"
      "compares such lines with those of people.");
  command->callback([options, command] { options->run(*command); });
}

}  // namespace heed::app
