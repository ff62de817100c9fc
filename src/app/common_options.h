#pragma once
#include <CLI/CLI.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "heed/data/corpus.h"
#include "heed/data/output_limit.h"
#include "heed/model/bundle.h"
#include "heed/record/translation.h"

namespace heed::app {

/// Options that several commands share: each adds itself to a command, and names itself in its errors.

void add_threads(CLI::App& command, int& threads);
void add_batch(CLI::App& command, int& batch);
void add_max_length(CLI::App& command, int& max_length, const std::string& what);
void add_max_output(CLI::App& command, std::optional<OutputLimit>& limit);
void add_min_length(CLI::App& command, OutputLimit& limit);
/// Pairs of sentences: --source and --target, or --tsv with --columns. `source`: what --source names.
void add_pair_files(CLI::App& command, CorpusFiles& files, const std::string& source = "file of source sentences");
/// --tsv and --columns of any command, `what`: which columns. To be checked by check_columns().
void add_columns(CLI::App& command, std::string& tsv, std::vector<int>& columns, const std::string& what);
/// Throws UsageError unless pairs are named in one way. How many columns the model asks for,
/// DataOptions::with_features() knows.
void check_pair_files(const CLI::App& command, const CorpusFiles& files);
void add_output(CLI::App& command, std::string& output);
/// For an option that names a file or directory: a script's unset variable is an error, not the default.
CLI::Validator is_named();
/// A whole number, or a number, in a range; its errors have the words of those of a config.
CLI::Validator in_range(int low, int high);
CLI::Validator in_range(double low, double high);
/// One of some words.
CLI::Validator one_of(std::vector<std::string> words);
/// "text", or JSON by its `name`.
void add_json_format(CLI::App& command, bool& json, const std::string& name);
/// --progress on standard error.
void add_progress(CLI::App& command, bool& progress);
/// --attention-digits of JSON lines.
void add_attention_digits(CLI::App& command, int& digits);
void add_precision(CLI::App& command, std::string& precision);
/// What add_precision() was given; nothing: as the model is stored.
std::optional<Precision> chosen_precision(const std::string& precision);

/// Throws UsageError if `flag` is given though nothing reads it beside the others: "FLAG: has no effect WHY".
void refuse_idle(const CLI::App& command, const std::string& flag, bool idle, const std::string& why);

/// Throws UsageError if "-" is more than one of the files that a command reads.
void refuse_input_twice(std::span<const std::string> inputs);

/// Warns how many answers `limit` cut, if any, and how to allow longer ones.
void warn_of_cut(long cut, long answers, const OutputLimit& limit, const std::string& remedy);
/// Counts what a model's vocabulary lacks of its input, to warn once where that is more than half: of another language,
/// or of a text that was tokenized otherwise.
class UnknownShare {
 public:
  void add(const Translated& translated);
  /// `model`: whose vocabulary it is, where a command has several.
  void warn_of_many(const std::string& model = "the model") const;
  /// All that it knows, for work that goes on later.
  std::vector<long*> counts() { return {&unknown_, &all_}; }

 private:
  long unknown_ = 0;
  long all_ = 0;
};
/// Throws Error if the model does not attend.
void check_attends(const Bundle& bundle, const std::string& directory);

}  // namespace heed::app
