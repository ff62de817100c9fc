#pragma once
#include <map>
#include <span>
#include <string>
#include <vector>

#include "attention_file.h"
#include "common_options.h"
#include "constraint_files.h"
#include "continuation.h"
#include "heed/record/json_lines.h"
#include "output.h"
#include "progress_line.h"
#include "source_lines.h"
#include "translating.h"

namespace heed::app {

/// What `heed translate` was asked for.
struct TranslateCommand : TranslatingCommand {
  std::string input = "-";
  std::string output;
  bool json = false;
  std::string dictionary;
  bool show_attention = false;
  bool interactive = false;
  bool strict = false;
  bool merge_subwords = false;
  bool says_nbest = false;
  bool progress = false;
  AttentionFileOption attention_file;
  int digits = LineOptions().decimals;  // of attention
  SourceFormat input_format;
  ConstraintPaths constraints;
  ContinueOption continues;

  void run(const CLI::App& command) const;
  void check() const;
  void check_interactive() const;
  std::size_t block_lines() const;
  /// Whether an answer has its line's number.
  bool numbers_lines() const { return !json && options.nbest > 1; }
  std::string print(const Translated& translated, long line, const Output& out) const;
};

/// Lines as they come, answered in blocks: line N of the answers belongs to line N of the input.
class LineStream {
 public:
  /// What is written, and where.
  struct Answers {
    Output& out;
    AttentionFile& weights;
    Continuation& continuation;
  };
  LineStream(const TranslateCommand& command, const Translator& translator, const TranslateOptions& options,
             const Answers& answers);

  void run();
  /// Of all lines together.
  void warn() const;

 private:
  /// Goes to the first line of the part that is not answered yet.
  void find_begin();
  /// The number of a line in the file, from 1, by that in the part.
  long in_file(long line) { return source_.lines().before() + line; }
  /// What the line asks for that its answer cannot have; empty if there is nothing.
  std::string fault_of(const SentenceRequest& request) const;
  void add(ReadSource line);
  /// A line that cannot be read gets the answer of an empty one.
  void add_bad(const ReadSource& line);
  void warn_of_fault(long line, const std::string& fault);
  std::vector<Translated> translate();
  std::vector<Translated> translate(std::span<const std::size_t> lines, const TranslateOptions& how) const;
  void answer();

  const TranslateCommand& command_;
  const Translator& translator_;
  const TranslateOptions& options_;
  Output& out_;
  AttentionFile& weights_;
  Continuation& continuation_;
  SourceLines source_;
  ConstraintFiles constraints_;
  const std::size_t lines_;  // of a block
  std::vector<std::string> block_;
  std::vector<FeatureValues> features_;     // of each of the block,
  std::vector<SentenceRequest> requests_;   // and what it asks for
  std::map<std::size_t, std::string> bad_;  // by their place in the block
  long answered_ = 0;
  long cut_ = 0;           // of these those that the length limit ended
  std::size_t bytes_ = 0;  // of the block
  UnknownShare unknown_;
  LineProgress progress_;
};

}  // namespace heed::app
