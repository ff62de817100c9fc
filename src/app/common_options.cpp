#include "common_options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "heed/base/error.h"
#include "heed/base/nearest.h"
#include "heed/base/processors.h"
#include "heed/model/seq2seq.h"
#include "messages.h"

namespace heed::app {
namespace {

constexpr int kMostThreads = 256;
constexpr int kMost = 1000000;

/// Nothing but a number: no nan, and no more than `T` holds.
template <typename T>
CLI::Validator range(const char* type, const char* kind, T low, T high) {
  const auto fault = [=](const std::string& text) {
    T value{};
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    const bool right = error == std::errc() && stop == end && value >= low && value <= high;
    return right ? "" : fmt::format("'{}' is not right; expected: {}, {} to {}", text, kind, low, high);
  };
  return {std::function<std::string(std::string&)>(fault), fmt::format("{} in [{} - {}]", type, low, high)};
}

}  // namespace

void add_threads(CLI::App& command, int& threads) {
  threads = usable_processors();
  command
      .add_option("--threads", threads,
                  "workers, each with batches of its own; the answers are the same with any number")
      ->check(in_range(1, kMostThreads))
      ->capture_default_str();
}

void add_batch(CLI::App& command, int& batch) {
  command
      .add_option("--batch", batch, "sentences that are computed together; the answers are the same with any number")
      ->check(in_range(1, kMost))
      ->capture_default_str();
}

void add_max_length(CLI::App& command, int& max_length, const std::string& what) {
  command.add_option("--max-length", max_length, what)->check(in_range(1, kMost))->capture_default_str();
}

namespace {

/// A limit of tokens, which the flag gives to `take`.
template <typename Take>
void add_limit(CLI::App& command, const std::string& flag, Take&& take, const std::string& help) {
  const auto read = [flag, take](const std::string& text) {
    try {
      take(OutputLimit::parse(text));
    } catch (const UsageError& error) {
      throw UsageError(fmt::format("{}: {}", flag, error.what()));
    }
  };
  command.add_option_function<std::string>(flag, read, help)->type_name("N|xR");
}

}  // namespace

void add_max_output(CLI::App& command, std::optional<OutputLimit>& limit) {
  add_limit(
      command, "--max-output", [&limit](const OutputLimit& given) { limit = given; },
      "an answer of more tokens is cut, with a warning: N tokens, xR times those of the source, or xR+N, EOS counted "
      "(default: what the model's training pairs need and a quarter more)");
}

void add_min_length(CLI::App& command, OutputLimit& limit) {
  add_limit(
      command, "--min-length", [&limit](const OutputLimit& given) { limit = given; },
      "no answer ends before it has as many tokens: N, xR times those of the source, or xR+N, EOS counted, but no more "
      "than --max-output");
}

void add_columns(CLI::App& command, std::string& tsv, std::vector<int>& columns, const std::string& what) {
  command.add_option("--tsv", tsv, "instead of two files: one of columns with tabs between them")->type_name("FILE");
  command.add_option("--columns", columns, "of --tsv: " + what + ", from 1")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("N,N")
      ->check(in_range(1, 1000))
      ->capture_default_str();
}

void add_pair_files(CLI::App& command, CorpusFiles& files, const std::string& source) {
  command.add_option("--source", files.source, source)->type_name("FILE");
  command.add_option("--target", files.target, "file of their translations, line by line")->type_name("FILE");
  add_columns(command, files.tsv, files.columns, "those of source and target, and then of the model's features");
}

void check_pair_files(const CLI::App& command, const CorpusFiles& files) {
  refuse_idle(command, "--columns", files.tsv.empty(), "without --tsv, whose columns they are");
  if (files.columns.size() < 2) throw UsageError("--columns: two are expected, of source and target: 1,2");
  for (const char* flag : {"--source", "--target"}) {
    refuse_idle(command, flag, !files.tsv.empty(), "beside --tsv, which has both sides");
    if (files.tsv.empty() && command.count(flag) == 0)
      throw UsageError(fmt::format("{} is required: --source and --target, or --tsv (see heed {} --help)", flag,
                                   command.get_name()));
  }
}

void add_output(CLI::App& command, std::string& output) {
  command
      .add_option("-o,--output", output,
                  "file, written whole or not at all; .gz and .zst are compressed (default: standard output)")
      ->type_name("FILE")
      ->check(is_named());
}

CLI::Validator is_named() {
  const auto fault = [](const std::string& path) { return path.empty() ? "a name is missing: it is ''" : ""; };
  return {std::function<std::string(std::string&)>(fault), ""};
}

CLI::Validator in_range(int low, int high) { return range("INT", "whole number", low, high); }

CLI::Validator in_range(double low, double high) { return range("FLOAT", "number", low, high); }

CLI::Validator one_of(std::vector<std::string> words) {
  const std::string all = fmt::format("{{{}}}", fmt::join(words, ","));
  const auto fault = [words = std::move(words)](const std::string& word) {
    if (std::find(words.begin(), words.end(), word) != words.end()) return std::string();
    const std::string hint = did_you_mean(word, words);
    return fmt::format("unknown '{}'{}", word,
                       hint.empty() ? fmt::format("; expected: {}", fmt::join(words, " | ")) : hint);
  };
  return {std::function<std::string(std::string&)>(fault), all};
}

void add_json_format(CLI::App& command, bool& json, const std::string& name) {
  command
      .add_option_function<std::string>(
          "--format", [&json, name](const std::string& format) { json = format == name; }, "what is written")
      ->check(one_of({"text", name}))
      ->default_str("text");
}

void add_progress(CLI::App& command, bool& progress) {
  command.add_flag("--progress", progress,
                   "say on standard error how many lines are answered, how fast, and what is left");
}

void add_attention_digits(CLI::App& command, int& digits) {
  command
      .add_option("--attention-digits", digits,
                  "decimals of the attention weights in JSON lines; fewer make shorter lines")
      ->check(in_range(1, 8))
      ->capture_default_str();
}

void add_precision(CLI::App& command, std::string& precision) {
  command
      .add_option(
          "--precision", precision,
          "precision of the matrix products; int8 is the fastest (default: as the model is stored, float32 unless "
          "it was quantized)")
      ->check(one_of(precision_names()));
}

std::optional<Precision> chosen_precision(const std::string& precision) {
  return precision.empty() ? std::nullopt : std::optional(find_precision(precision));
}

void refuse_idle(const CLI::App& command, const std::string& flag, bool idle, const std::string& why) {
  if (idle && command.count(flag) > 0) throw UsageError(fmt::format("{}: has no effect {}", flag, why));
}

void refuse_input_twice(std::span<const std::string> inputs) {
  if (std::ranges::count(inputs, "-") > 1)
    throw UsageError("standard input ('-') is asked for more than once, but can be read by one alone");
}

void warn_of_cut(long cut, long answers, const OutputLimit& limit, const std::string& remedy) {
  if (cut == 0) return;
  warn(fmt::format("{} of {} answers were cut at the length limit ({}; {})", cut, answers, limit.text(), remedy));
}

void UnknownShare::add(const Translated& translated) {
  unknown_ += translated.unknown_tokens;
  all_ += static_cast<long>(tokens_of_text(translated));
}

void UnknownShare::warn_of_many(const std::string& model) const {
  if (2 * unknown_ <= all_) return;
  warn(
      fmt::format("{} of {} source tokens are unknown to {}: is the input of its language, and cut into tokens "
                  "as its training text was?",
                  unknown_, all_, model));
}

void check_attends(const Bundle& bundle, const std::string& directory) {
  if (bundle.model->decoder().attends()) return;
  throw Error(fmt::format("'{}' has no attention to show (model.attention.kind: none)", directory));
}

}  // namespace heed::app
