#include "heed/translate/probe.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>

#include "commands.h"
#include "common_options.h"
#include "heed/base/error.h"
#include "heed/model/seq2seq.h"
#include "heed/record/json_lines.h"
#include "heed/view/page.h"
#include "output.h"
#include "pair_lines.h"

namespace heed::app {
namespace {

// Pairs whose answers are held in memory together, but for those of a page.
constexpr std::size_t kBlockPairs = 64;
constexpr std::size_t kMostOnPage = 2;

/// A model's column of the table.
struct ProbedModel {
  std::string name;
  std::string attention;
  long pairs = 0;
  long tokens = 0;
  std::array<ProbeResult, kProbeFigures> results = {};
};

using Table = std::vector<std::vector<std::string>>;

/// "0.412 [0.398, 0.427]"
std::string cell(const ProbeResult& result) {
  if (std::isnan(result.mean)) return "-";
  return fmt::format("{:.3f} [{:.3f}, {:.3f}]", result.mean, result.low, result.high);
}

Table table_of(const std::vector<ProbedModel>& models) {
  Table out = {{"mean over target tokens [95 % interval]"}, {"attention"}, {"pairs"}, {"target tokens"}};
  for (const ProbedModel& model : models) {
    out[0].push_back(model.name);
    out[1].push_back(model.attention);
    out[2].push_back(std::to_string(model.pairs));
    out[3].push_back(std::to_string(model.tokens));
  }
  for (std::size_t f = 0; f < kProbeFigures; ++f) {
    out.push_back({describe(static_cast<ProbeFigure>(f))});
    for (const ProbedModel& model : models) out.back().push_back(cell(model.results[f]));
  }
  return out;
}

std::string text_of(const Table& table) {
  std::vector<std::size_t> widths(table.front().size());
  for (const auto& row : table) {
    for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], row[c].size());
  }
  std::string out;
  for (const auto& row : table) {
    std::string line = fmt::format("{:<{}}", row.front(), widths.front());
    for (std::size_t c = 1; c < row.size(); ++c) line += fmt::format("  {:>{}}", row[c], widths[c]);
    out += line + "\n";
  }
  return out;
}

nlohmann::ordered_json number(double value) {
  if (std::isnan(value)) return nullptr;
  return std::round(value * 1e6) / 1e6;
}

struct ProbeCommand {
  std::vector<std::string> models;
  PairFiles files;
  bool progress = false;
  std::string output;
  std::string format;
  std::string erasure = "remove";
  int sentences = 200;
  ProbeOptions options;

  void run(const CLI::App& command);

 private:
  void check(const CLI::App& command) const;
  ProbedModel probe(const std::string& directory, Output& out, std::vector<PageModel>& page) const;
  std::string json_of(const std::vector<ProbedModel>& probed) const;
};

void ProbeCommand::check(const CLI::App& command) const {
  files.check(command);
  const std::vector<std::string> inputs = files.inputs();
  if (models.size() > 1 && std::ranges::count(inputs, "-") > 0)
    throw UsageError("'-': standard input can be read once, but each --model reads the pairs; name a file");
  if (format == "jsonl" && models.size() > 1)
    throw UsageError("--model: is given several times, but --format jsonl has the pairs of one; take json or text");
  if (format == "html" && models.size() > kMostOnPage) {
    throw UsageError(
        fmt::format("--model: a page shows {} models, not {}; take --format json or text", kMostOnPage, models.size()));
  }
}

void ProbeCommand::run(const CLI::App& command) {
  if (format.empty()) format = format_by_ending(output, std::array<std::string, 3>{"html", "json", "jsonl"}, "text");
  options.erasure = erasure == "unknown" ? Erasure::kUnknown : Erasure::kRemove;
  check(command);
  Output out(output, files.inputs());
  std::vector<ProbedModel> probed;
  std::vector<PageModel> page;
  for (const std::string& directory : models) probed.push_back(probe(directory, out, page));
  if (format == "text") out.write(text_of(table_of(probed)));
  if (format == "json") out.write(json_of(probed));
  if (format == "html") {
    std::string title = "What moves the output: " + page.front().name;
    if (page.size() > 1) title += " and " + page.back().name;
    out.write(render_page(page, {.title = title, .table = table_of(probed)}));
  }
  out.finish();
}

ProbedModel ProbeCommand::probe(const std::string& directory, Output& out, std::vector<PageModel>& page) const {
  const Bundle bundle = Bundle::load(directory, Precision::kFloat32);
  check_attends(bundle, directory);
  ProbeOptions how = options;
  how.source_name = files.source_name();
  how.target_name = files.target_name();
  const Prober prober(bundle);
  ProbeSummary summary;
  UnknownShare unknown;
  PageModel shown_pairs{std::filesystem::path(directory).lexically_normal().string(), {}, -1};
  const PairBlocks blocks{.pairs = kBlockPairs, .most = sentences, .progress = progress};
  for_each_block(files, &bundle.config.data, blocks, [&](std::span<const SentencePair> pairs, long first_line) {
    how.first_line = first_line;
    for (Probed& each : prober.probe(pairs, how)) {
      summary.add(each);
      unknown.add(each.pair);
      if (format == "jsonl") out.write(to_scored_line(each.pair));
      if (format != "html") continue;
      ViewedSentence& sentence = shown_pairs.sentences.emplace_back();
      static_cast<Translated&>(sentence) = std::move(each.pair);
      sentence.number = static_cast<int>(shown_pairs.sentences.size());
    }
  });
  unknown.warn_of_many();
  if (summary.pairs() == 0) throw Error(how.source_name + ": every sentence is empty: there is nothing to probe");
  ProbedModel result{shown_pairs.name, bundle.config.model.attention.kind, summary.pairs(), summary.tokens(),
                     summary.results(options.seed)};
  page.push_back(std::move(shown_pairs));
  return result;
}

std::string ProbeCommand::json_of(const std::vector<ProbedModel>& probed) const {
  nlohmann::ordered_json out = {{"erasure", erasure},
                                {"deletions", options.deletions},
                                {"permutations", options.permutations},
                                {"seed", options.seed},
                                {"models", nlohmann::ordered_json::array()}};
  for (const ProbedModel& model : probed) {
    auto& to = out["models"].emplace_back(nlohmann::ordered_json{{"model", model.name},
                                                                 {"attention", model.attention},
                                                                 {"pairs", model.pairs},
                                                                 {"target_tokens", model.tokens}});
    for (std::size_t f = 0; f < kProbeFigures; ++f) {
      const ProbeResult& result = model.results[f];
      to["figures"][name_of(static_cast<ProbeFigure>(f))] = {{"mean", number(result.mean)},
                                                             {"low", number(result.low)},
                                                             {"high", number(result.high)},
                                                             {"tokens", result.tokens}};
    }
  }
  return out.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

void add_measures(CLI::App& command, ProbeCommand& options) {
  command
      .add_option("--erase", options.erasure,
                  "what becomes of an erased source token: it is left out, or <unk> stands in its place")
      ->check(one_of({"remove", "unknown"}))
      ->capture_default_str();
  command
      .add_option("--deletions", options.options.deletions,
                  "at most so many source tokens are deleted one after the other")
      ->check(in_range(1, 1000))
      ->capture_default_str();
  command.add_option("--permutations", options.options.permutations, "of the weights of each target token")
      ->check(in_range(1, 10000))
      ->capture_default_str();
  command.add_option("--sentences", options.sentences, "the first so many of the files, which alone are read")
      ->check(in_range(1, 1000000))
      ->capture_default_str();
  command.add_option("--seed", options.options.seed, "of permutations, random orders and intervals")
      ->check(in_range(0, std::numeric_limits<int>::max()))
      ->capture_default_str();
}

}  // namespace

void add_probe(CLI::App& app) {
  CLI::App* command = app.add_subcommand("probe", "what moves the output, beside what is attended to");
  auto options = std::make_shared<ProbeCommand>();
  command
      ->add_option("-m,--model", options->models,
                   "directory of a trained model with attention; several are compared in one table")
      ->type_name("DIR")
      ->required()
      ->allow_extra_args(false);
  options->files.add(*command);
  add_output(*command, options->output);
  command
      ->add_option(
          "--format", options->format,
          "a table as text or JSON, a JSON line for each pair, or a page (default: as --output ends, .txt, .json, "
          ".jsonl or .html; text without an ending)")
      ->check(one_of({"text", "json", "jsonl", "html"}));
  add_measures(*command, *options);
  add_progress(*command, options->progress);
  add_threads(*command, options->options.threads);
  add_max_length(*command, options->options.max_length, "a longer sentence (tokens) is an error");
  command->footer(
      "At each token of the given targets the attention is compared with what erasing each source token changes in\n"
      "the output, and with gradient times input; weights are permuted; tokens are deleted in the order of each.\n"
      "docs/probe.md says what the figures mean. On the page the heat map shows any of the three.\n\n"
      "  heed probe --model runs/en-fr --source test.en --target test.fr\n"
      "  heed probe --model runs/en-fr --source test.en --target test.fr --output report.html");
  command->callback([options, command] { options->run(*command); });
}

}  // namespace heed::app
