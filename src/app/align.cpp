#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "commands.h"
#include "common_options.h"
#include "heed/base/error.h"
#include "heed/base/symmetrization.h"
#include "heed/model/seq2seq.h"
#include "heed/record/translation.h"
#include "output.h"
#include "score_files.h"

namespace heed::app {
namespace {

/// The alignment of a pair of sentences: links, and [target words][source words] weights.
struct Aligned {
  std::vector<Link> links;
  std::vector<std::vector<float>> weights;
};

struct AlignCommand {
  std::string model;
  std::string reverse_model;
  std::string symmetrize = "grow-diag-final-and";
  PairFiles files;
  bool progress = false;
  std::string output;
  std::string precision;
  std::string format = "pharaoh";
  double threshold = 0;
  AttentionChoice choice;
  ScoreOptions options;

  void run(const CLI::App& command) const;
  void check(const CLI::App& command) const;
  Aligned align(const Translated& scored) const;
  void align_block(const Bundle& bundle, const std::optional<Bundle>& reverse, std::span<const SentencePair> pairs,
                   const ScoreOptions& how, UnknownShare& unknown, std::string& text) const;
  void add_line(const SentencePair& pair, const Aligned& aligned, std::string& text) const;
};

void AlignCommand::check(const CLI::App& command) const {
  files.check(command);
  refuse_idle(command, "--symmetrize", reverse_model.empty(), "without --reverse-model, the other direction");
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

Aligned AlignCommand::align(const Translated& scored) const {
  WordAttention attention = word_attention(scored, scored.translations.front(), choice);
  std::vector<Link> links = align_words(attention, static_cast<float>(threshold));
  return {std::move(links), std::move(attention.weights)};
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

void AlignCommand::align_block(const Bundle& bundle, const std::optional<Bundle>& reverse,
                               std::span<const SentencePair> pairs, const ScoreOptions& how, UnknownShare& unknown,
                               std::string& text) const {
  const std::vector<Translated> scored = score_pairs(bundle, pairs, how);
  std::vector<Translated> scored_reverse;
  if (reverse) {
    std::vector<SentencePair> turned;
    for (const SentencePair& pair : pairs) turned.push_back({pair.target, pair.source});
    ScoreOptions turned_how = how;
    std::swap(turned_how.source_name, turned_how.target_name);
    scored_reverse = score_pairs(*reverse, turned, turned_how);
  }
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    unknown.add(scored[i]);
    Aligned aligned = align(scored[i]);
    if (reverse) join(aligned, reversed(align(scored_reverse[i])), find_symmetrization(symmetrize));
    add_line(pairs[i], aligned, text);
  }
}

void AlignCommand::add_line(const SentencePair& pair, const Aligned& aligned, std::string& text) const {
  if (format == "pharaoh") {
    text += to_pharaoh(aligned.links) + "\n";
    return;
  }
  if (format == "jsonl") {
    nlohmann::ordered_json line = {{"source", pair.source}, {"target", pair.target}};
    auto& links = line["links"] = nlohmann::ordered_json::array();
    for (const Link& link : aligned.links) links.push_back({link.source, link.target});
    auto& weights = line["weights"] = nlohmann::ordered_json::array();
    for (const std::vector<float>& row : aligned.weights) {
      auto& rounded = weights.emplace_back(nlohmann::ordered_json::array());
      for (const float weight : row) rounded.push_back(std::round(static_cast<double>(weight) * 1e4) / 1e4);
    }
    text += line.dump() + "\n";
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
  const Bundle bundle = load_aligner(model, precision, choice);
  std::optional<Bundle> reverse;
  if (!reverse_model.empty()) {
    reverse = load_aligner(reverse_model, precision, choice);
    if (!reverse->source.options().features().empty()) {
      throw Error(fmt::format("'{}' reads source features, which have no place on the target side", reverse_model));
    }
  }
  UnknownShare unknown;
  for_each_block(files, progress, bundle.config.data, options,
                 [&](std::span<const SentencePair> pairs, const ScoreOptions& how) {
                   std::string text;
                   align_block(bundle, reverse, pairs, how, unknown, text);
                   out.write(text);
                 });
  unknown.warn_of_many();
  out.finish();
}

void add_choices(CLI::App& command, AlignCommand& options) {
  command
      .add_option("--reverse-model", options.reverse_model,
                  "a model from target to source: links of both directions become one alignment")
      ->type_name("DIR")
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
  command->add_option("-m,--model", options->model, "directory of a trained model with attention")
      ->type_name("DIR")
      ->required();
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
