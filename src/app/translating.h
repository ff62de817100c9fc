#pragma once
#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "heed/translate/translator.h"

namespace heed::app {

/// What the commands that translate share: models, how they search, and how they compute.
struct TranslatingCommand {
  std::vector<std::string> models;
  std::string precision;
  std::string shortlist;
  TranslateOptions options;

  /// --model.
  void add_models(CLI::App& command);
  /// --beam, how its hypotheses are ranked, when it stops, and what an answer may not say: docs/search.md.
  void add_search(CLI::App& command);
  /// --batch, --threads, --max-length (`longer`: what becomes of longer sentences), --max-output, --precision and
  /// --shortlist.
  void add_computing(CLI::App& command, const std::string& longer);
  /// Throws UsageError for what has no effect beside the others.
  void refuse_idle_options(const CLI::App& command) const;

  /// Throws Error if `attention` is asked for and no model has it.
  Translator load(bool attention = false) const;
  /// The options, with the shortlist, which is of the translator's vocabularies.
  TranslateOptions options_for(const Translator& translator) const;
  /// How many sentences the translator gets in a call.
  std::size_t block_sentences() const;
};

}  // namespace heed::app
