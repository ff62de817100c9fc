#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>

#include "commands.h"
#include "common_options.h"
#include "heed/base/error.h"
#include "heed/base/symmetrization.h"
#include "heed/model/seq2seq.h"
#include "heed/record/json_lines.h"
#include "heed/record/translation.h"
#include "models.h"
#include "output.h"
#include "score_files.h"

namespace heed::app {
namespace {

/// The alignment of a pair of sentences: links, and [target words][source words] weights.
struct Aligned {
  std::vector<Link> links;
  std::vector<std::vector<float>> weights;
};

/// The models of one direction.
struct Direction {
  std::vector<Bundle> bundles;
  std::vector<float> shares;  // of each in the attention
};

struct AlignCommand : ModelsCommand {
  std::vector<std::string> reverse_models;
  std::string symmetrize = "grow-diag-final-and";
  PairFiles files;
  bool progress = false;
  std::string output;
  std::string format = "pharaoh";
  double threshold = 0;
  AttentionChoice choice;
  ScoreOptions options;

  void run(const CLI::App& command) const;
  void check(const CLI::App& command) const;
  std::vector<Aligned> align(const Direction& direction, std::span<const SentencePair> pairs, const ScoreOptions& how,
                             UnknownShare& unknown) const;
  void align_block(const Direction& forward, const Direction& reverse, std::span<const SentencePair> pairs,
                   const ScoreOptions& how, std::span<UnknownShare, 2> unknown, std::string& text) const;
  void add_line(const SentencePair& pair, const Aligned& aligned, std::string& text) const;
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

/// Adds `share` of `other` to `sum`, [target words][source words]. A model may lack rows and columns of the last words,
/// which have no tokens in it (a U+3000 alone); those that `sum` lacks are left out.
void add_share(WordAttention& sum, const WordAttention& other, float share) {
  if (sum.weights.empty()) {
    sum.weights.assign(other.weights.size(), std::vector<float>(other.weights.empty() ? 0 : other.weights[0].size()));
    sum.eos.assign(other.eos.size(), 0);
  }
  for (std::size_t j = 0; j < std::min(sum.weights.size(), other.weights.size()); ++j) {
    for (std::size_t i = 0; i < std::min(sum.weights[j].size(), other.weights[j].size()); ++i)
      sum.weights[j][i] += share * other.weights[j][i];
  }
  for (std::size_t j = 0; j < std::min(sum.eos.size(), other.eos.size()); ++j) sum.eos[j] += share * other.eos[j];
}

/// Each model attends to the same words, in tokens of its own.
std::vector<Aligned> AlignCommand::align(const Direction& direction, std::span<const SentencePair> pairs,
                                         const ScoreOptions& how, UnknownShare& unknown) const {
  std::vector<WordAttention> attention(pairs.size());
  for (std::size_t m = 0; m < direction.bundles.size(); ++m) {
    const std::vector<Translated> scored = score_pairs(direction.bundles[m], pairs, how);
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      if (m == 0) unknown.add(scored[i]);
      add_share(attention[i], word_attention(scored[i], scored[i].translations.front(), choice), direction.shares[m]);
    }
  }
  std::vector<Aligned> out;
  for (WordAttention& each : attention) {
    std::vector<Link> links = align_words(each, static_cast<float>(threshold));
    out.push_back({std::move(links), std::move(each.weights)});
  }
  return out;
}

/// What the model of the other direction says, turned round.
Aligned reversed(Aligned aligned) {
  for (Link& link : aligned.links) std::swap(link.source, link.target);
  const std::size_t columns = aligned.weights.size();
  const std::size_t rows = columns == 0 ? 0 : aligned.weights.front().size();
  std::vector<std::vector<float>> turned(rows, std::vector<float>(columns));
  for (std::size_t j = 0; j < rows; ++j) {
    for (std::size_t i = 0; i < columns; ++i) turned[j][i] = aligned.weights[i][j];
  }
  aligned.weights = std::move(turned);
  return aligned;
}

/// Both directions as one; of the weights the mean.
void join(Aligned& aligned, const Aligned& other, Symmetrization how) {
  aligned.links = symmetrized(aligned.links, other.links, how);
  for (std::size_t j = 0; j < std::min(aligned.weights.size(), other.weights.size()); ++j) {
    for (std::size_t i = 0; i < aligned.weights[j].size(); ++i) {
      aligned.weights[j][i] = (aligned.weights[j][i] + other.weights[j][i]) / 2;
    }
  }
}

void AlignCommand::align_block(const Direction& forward, const Direction& reverse, std::span<const SentencePair> pairs,
                               const ScoreOptions& how, std::span<UnknownShare, 2> unknown, std::string& text) const {
  std::vector<Aligned> aligned = align(forward, pairs, how, unknown[0]);
  if (!reverse.bundles.empty()) {
    std::vector<SentencePair> turned;
    for (const SentencePair& pair : pairs) turned.push_back(heed::reversed(pair));
    ScoreOptions turned_how = how;
    std::swap(turned_how.source_name, turned_how.target_name);
    std::vector<Aligned> back = align(reverse, turned, turned_how, unknown[1]);
    for (std::size_t i = 0; i < pairs.size(); ++i)
      join(aligned[i], reversed(std::move(back[i])), find_symmetrization(symmetrize));
  }
  for (std::size_t i = 0; i < pairs.size(); ++i) add_line(pairs[i], aligned[i], text);
}

void AlignCommand::add_line(const SentencePair& pair, const Aligned& aligned, std::string& text) const {
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
      if (weight < 5e-5F || weight < static_cast<float>(threshold)) continue;
      words += fmt::format("{}{}-{}:{:.4f}", words.empty() ? "" : " ", i, j, weight);
    }
  }
  text += words + "\n";
}

void AlignCommand::run(const CLI::App& command) const {
  check(command);
  Output out(output, files.inputs());
  Direction forward{{}, ensemble.shares(models.size())};
  for (const std::string& directory : models) {
    forward.bundles.push_back(load_aligner(directory, precision, choice));
    check_same_features(forward.bundles.front(), forward.bundles.back());
  }
  Direction reverse{{}, EnsembleOptions().shares(reverse_models.size())};
  for (const std::string& directory : reverse_models) {
    reverse.bundles.push_back(load_aligner(directory, precision, choice));
    check_reads_no_features(reverse.bundles.back(), directory);
  }
  std::array<UnknownShare, 2> unknown;  // of the source, and of the target as the other direction reads it
  for_each_block(files, progress, forward.bundles.front().config.data, options,
                 [&](std::span<const SentencePair> pairs, const ScoreOptions& how) {
                   std::string text;
                   align_block(forward, reverse, pairs, how, unknown, text);
                   out.write(text);
                 });
  unknown[0].warn_of_many(fmt::format("'{}'", models.front()));
  if (!reverse_models.empty()) unknown[1].warn_of_many(fmt::format("'{}'", reverse_models.front()));
  out.finish();
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
  command.add_option("--threshold", options.threshold, "links, and soft weights, below it are left out")
      ->check(in_range(0.0, 1.0))
      ->capture_default_str();
  command
      .add_option("--shift", options.choice.shift,
                  "the weights of so many steps after a token's stand for its own; 0.5: the mean of both")
      ->check(in_range(0.0, 2.0))
      ->capture_default_str();
  command.add_option("--layer", options.choice.layer, "attention of this layer or hop, from 1 (default: the mean)")
      ->check(in_range(1, 1000));
  command.add_option("--head", options.choice.head, "attention of this head, from 1 (default: the mean)")
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
  add_batch(*command, options->options.batch_sentences);
  add_threads(*command, options->options.threads);
  add_precision(*command, options->precision);
  add_max_length(*command, options->options.max_length, "a longer sentence (tokens) is an error");
  command->footer(
      "Writes Pharaoh lines: i-j links source word i to target word j, counted from 0; words are separated by\n"
      "spaces. A target word is linked to the source word that got most of its attention, and to none if that is\n"
      "the end of the sentence, or if the target word has no token, as a U+3000 alone. `heed evaluate --metrics aer`\n"
      "compares such lines with those of people.");
  command->callback([options, command] { options->run(*command); });
}

}  // namespace heed::app
