#pragma once
#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "heed/translate/translator.h"
#include "models.h"

namespace heed::app {

/// What the commands that translate share: models, how they search, and how they compute.
struct TranslatingCommand : ModelsCommand {
  std::string shortlist;
  std::string forbid;
  std::string allowed;
  bool sample = false;
  Sampling sampling;
  TranslateOptions options;

  /// How answers are found, and what they may not say: docs/search.md.
  void add_search(CLI::App& command);
  /// --batch, --threads, --max-length (`longer`: what becomes of longer sentences), --max-output, --precision and
  /// --shortlist.
  void add_computing(CLI::App& command, const std::string& longer);
  /// Throws UsageError for what has no effect beside the others.
  void refuse_idle_options(const CLI::App& command) const;

  /// Throws Error if `attention` is asked for and no model has it.
  Translator load(bool attention = false) const;
  /// Whether answers do not come from a beam.
  bool draws_or_lists() const { return sample || options.alternatives; }
  bool has_no_beam() const { return options.beam == 1 || draws_or_lists(); }
  /// Throws UsageError if more answers are asked for than there can be.
  void check_nbest() const;
  /// The options, with what is of the translator's vocabularies: the shortlist, phrases and allowed answers.
  TranslateOptions options_for(const Translator& translator) const;
  /// How many sentences the translator gets in a call.
  std::size_t block_sentences() const;

 private:
  void add_ranking(CLI::App& command);
  void add_beam(CLI::App& command);
  void add_sampling(CLI::App& command);
  void add_rules(CLI::App& command);
};

}  // namespace heed::app
