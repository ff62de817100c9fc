#pragma once
#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "heed/model/bundle.h"
#include "heed/translate/ensemble.h"

namespace heed::app {

/// One model, or several that answer together: docs/ensembles.md.
struct ModelsCommand {
  std::vector<std::string> models;
  EnsembleOptions ensemble;
  std::string precision;

  /// --model and --model-weights.
  void add_models(CLI::App& command);
  /// --combine.
  void add_combine(CLI::App& command);
  /// Throws UsageError for what has no effect on these models.
  void refuse_idle_models(const CLI::App& command) const;
  /// Throws Error if `attention` is asked for and no model has it.
  std::vector<Bundle> load_bundles(bool attention) const;
};

}  // namespace heed::app
