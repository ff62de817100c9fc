#include "evaluate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

#include "commands.h"
#include "common_options.h"
#include "evaluate_values.h"
#include "heed/base/error.h"
#include "heed/base/links.h"
#include "heed/data/lines.h"
#include "heed/metrics/aer.h"
#include "heed/metrics/bleu.h"
#include "heed/metrics/comparison.h"
#include "heed/metrics/references.h"
#include "heed/metrics/rouge.h"
#include "heed/record/json_lines.h"
#include "output.h"
#include "partner_lines.h"
#include "parts.h"
#include "text_lines.h"

namespace heed::app {
namespace {

using Lines = std::vector<std::string>;

using LinkLines = std::vector<std::vector<Link>>;  // [line]

/// Throws Error with file:line for a line that has something else than links.
LinkLines links_of(const std::string& path, const Lines& lines, std::size_t before) {
  LinkLines out;
  for (const std::string& line : lines) {
    try {
      out.push_back(parse_links(line));
    } catch (const Error& error) {
      throw Error::at({.file = shown(path), .line = static_cast<long>(before + out.size()) + 1}, error.what());
    }
  }
  return out;
}

/// possible: null where there are none but the sure ones.
std::vector<AlignedLinks> beside_gold(LinkLines alignments, const LinkLines& sure, const LinkLines* possible) {
  std::vector<AlignedLinks> out;
  for (std::size_t i = 0; i < alignments.size(); ++i)
    out.push_back({std::move(alignments[i]), sure[i], possible == nullptr ? std::vector<Link>() : (*possible)[i]});
  return out;
}

void forget_sentences(Counted& counted) {
  for (std::vector<CountedMetric>& systems : counted) std::ranges::for_each(systems, &CountedMetric::forget_sentences);
}

/// Per token of the targets, EOS included: exp(-sum of log-probabilities / tokens).
MetricValue perplexity_of(const std::string& scores) {
  double log_probability = 0;
  double tokens = 0;
  for_each_line(scores, [&](std::string_view line, long number) {
    try {
      const Translated scored = read_json_line(line);
      if (scored.translations.empty()) throw Error("no translation, so no log-probability");
      const double one = scored.translations.front().log_probability;
      if (!(one <= 0) || std::isinf(one)) throw Error(fmt::format("log_probability is {}, which is none", one));
      log_probability += one;
      tokens += static_cast<double>(scored.translations.front().tokens.size());
    } catch (const Error& error) {
      throw Error::at({.file = shown(scores), .line = number},
                      fmt::format("{}; expected are lines of `heed score --format jsonl`", error.what()));
    }
  });
  if (tokens == 0) throw Error(shown(scores) + " has no tokens");
  const double value = std::exp(-log_probability / tokens);
  if (!std::isfinite(value)) throw Error(shown(scores) + ": the perplexity is more than a number can hold");
  return {kPerplexity, value, "", {{"log-probability", log_probability}, {"tokens", tokens}}};
}

}  // namespace

std::vector<std::string> EvaluateCommand::inputs() const {
  Lines out = {hypotheses, tsv, alignments, sure, possible, scores};
  out.insert(out.end(), references.begin(), references.end());
  out.insert(out.end(), compared.begin(), compared.end());
  return out;
}

/// The hypotheses, of a file or of the first column, the references, and what is compared.
PartnerLines EvaluateCommand::texts() const {
  PartnerLines out;
  if (!hypotheses.empty()) out.add(hypotheses, input_format);
  if (!tsv.empty()) out.add_columns(tsv, columns, hypotheses.empty() ? 2 : 1);
  for (const std::string& path : references) out.add(path);
  for (const std::string& path : compared) out.add(path, input_format);
  return out;
}

/// Those of the metrics `of` that are asked for, of so many systems.
Counted EvaluateCommand::none_counted(const Lines& of, std::size_t systems) const {
  Counted out;
  for (const std::string& name : names()) {
    if (std::ranges::find(of, name) != of.end()) out.emplace_back(systems, CountedMetric(name, options));
  }
  return out;
}

/// Counts every metric of texts, of the hypotheses and of what is compared, block by block; with --sentences writes the
/// lines of each block.
Counted EvaluateCommand::count_texts(Output& out) const {
  Counted counted = none_counted(text_metrics(), 1 + compared.size());
  if (counted.empty()) return counted;
  PartnerLines files = texts();
  while (std::optional<std::vector<Lines>> block = files.next()) {
    const std::size_t first = counted.front().front().sentences();
    count_block(std::move(*block), counted);
    if (sentences) out.write(to_sentence_lines(counted, first, json));
    if (!draws()) forget_sentences(counted);
  }
  return counted;
}

/// Counts every metric of alignments, and where nothing else is compared, of those that are.
Counted EvaluateCommand::count_alignments() const {
  Lines paths = {alignments};
  if (!compares_texts()) paths.insert(paths.end(), compared.begin(), compared.end());
  const std::size_t systems = paths.size();
  Counted counted = none_counted(alignment_metrics(), systems);
  if (counted.empty()) return counted;
  paths.push_back(sure);
  if (!possible.empty()) paths.push_back(possible);
  PartnerLines files;
  for (const std::string& path : paths) files.add(path);
  while (const std::optional<std::vector<Lines>> block = files.next()) {
    const std::size_t before = counted.front().front().sentences();
    std::vector<LinkLines> links;  // [path], read once for all metrics
    for (std::size_t i = 0; i < paths.size(); ++i) links.push_back(links_of(paths[i], (*block)[i], before));
    for (std::size_t s = 0; s < systems; ++s) {
      const std::vector<AlignedLinks> aligned =
          beside_gold(std::move(links[s]), links[systems], possible.empty() ? nullptr : &links.back());
      for (std::vector<CountedMetric>& metric : counted) metric[s].add(aligned);
    }
    if (!draws()) forget_sentences(counted);
  }
  return counted;
}

void EvaluateCommand::count_block(std::vector<Lines> block, Counted& counted) const {
  const std::size_t others = block.size() - compared.size();  // the first of them
  std::vector<Lines> reference_lines;
  for (std::size_t r = 1; r < others; ++r) reference_lines.push_back(std::move(block[r]));
  if (!tsv.empty()) reference_lines = without_empty(std::move(reference_lines));
  for (std::vector<CountedMetric>& systems : counted) {
    for (std::size_t s = 0; s < systems.size(); ++s)
      systems[s].add(block[s == 0 ? 0 : others + s - 1], reference_lines);
  }
}

void EvaluateCommand::run() const {
  warn_of_processes("one alone would do; `heed translate` has --part");
  Output out(output, inputs());
  const Counted counted = count_texts(out);
  if (sentences) return out.finish();
  const Counted aligned = count_alignments();
  std::vector<Evaluated> values;
  auto of_texts = counted.begin(), of_alignments = aligned.begin();
  for (const std::string& name : names()) {
    if (name == kPerplexity) {
      values.push_back({{{.figure = perplexity_of(scores), .interval = {}}}});
    } else {
      values.push_back({compare_systems(is_of_texts(name) ? *of_texts++ : *of_alignments++, comparison)});
    }
  }
  Lines files = {shown(!compares_texts() ? alignments : hypotheses.empty() ? tsv : hypotheses)};
  for (const std::string& path : compared) files.push_back(shown(path));
  out.write(json ? to_json(values, files) : to_text(values, files));
  out.finish();
}

namespace {

void add_metric_options(CLI::App& command, MetricOptions& options) {
  command
      .add_option("--tokenize", options.tokenize,
                  "bleu: how text is cut, as in sacreBLEU: 13a, none if it is tokenised, char, intl, zh")
      ->check(one_of(bleu_tokenizers()))
      ->capture_default_str();
  command.add_flag(
      "--lowercase", options.lowercase,
      "compare without regard to case, as rouge always does, and ter: for a model that reads its target in "
      "lower case (data.target.lowercase)");
  command.add_option("--smooth", options.smooth, "bleu: for n-grams without a match: exp, floor, add-k or none")
      ->check(one_of(bleu_smoothings()))
      ->capture_default_str();
  command.add_option("--smooth-value", options.smooth_value, "bleu: of --smooth floor (default 0.1) or add-k (1)")
      ->check(in_range(1e-9, 1e9));
  command.add_flag("--effective-order", options.effective_order,
                   "bleu: leave out orders that the hypotheses have no n-grams of");
  command.add_flag("--ter-case-sensitive", options.ter_case_sensitive, "ter: with regard to case");
  command.add_flag("--ter-normalized", options.ter_normalized, "ter: cut punctuation off the words");
  command.add_flag("--ter-no-punct", options.ter_no_punct, "ter: without punctuation");
  command.add_flag("--ter-asian-support", options.ter_asian_support,
                   "ter: ideographs stand alone, and their punctuation counts as such");
  command
      .add_option("--rouge-tokenize", options.rouge_tokenize,
                  "rouge: what makes words: letters of all scripts, or as in rouge_score a-z and 0-9 alone "
                  "(rouge-score)")
      ->check(one_of(rouge_tokenizers()))
      ->capture_default_str();
  command.add_flag("--rouge-stemmer", options.rouge_stemmer,
                   "rouge: cut words to their stems by Porter's algorithm, for English");
}

void add_tests(CLI::App& command, EvaluateCommand& options) {
  command.add_flag("--sentences", options.sentences, "a line of figures for each sentence, in the order of --metrics");
  command
      .add_option("--compare", options.compared,
                  "files of other systems' translations, compared with --hypotheses; or alignments, with --alignments")
      ->type_name("FILE")
      ->check(is_named());
  command
      .add_option("--bootstrap", options.comparison.bootstrap,
                  "draw the sentences anew so often: 95 % intervals, and p values of --compare (as 1000)")
      ->check(in_range(40, 1'000'000));
  command
      .add_option("--randomization", options.comparison.randomization,
                  "exchange sentences of two systems so often: p values of --compare (as 10000)")
      ->check(in_range(40, 1'000'000));
  command.add_option("--seed", options.comparison.seed, "of what is drawn and exchanged")->capture_default_str();
}

}  // namespace

void add_evaluate(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("evaluate", "compare translations with references, or alignments with those of people");
  auto options = std::make_shared<EvaluateCommand>();
  command->add_option("--hypotheses", options->hypotheses, "file of translations, one a line")->type_name("FILE");
  command
      ->add_option("--references", options->references,
                   "file of right translations, line by line; several are so many references of each line")
      ->type_name("FILE");
  add_text_format(*command, options->input_format, "--hypotheses");
  add_columns(*command, options->tsv, options->columns,
              "those of hypotheses and references, or, beside --hypotheses, of references alone; an empty or missing "
              "further one is none");
  command->add_option("--metrics", options->metrics, "names of `heed list metrics`, joined by commas (default: bleu)")
      ->delimiter(',');
  command
      ->add_option("--alignments", options->alignments,
                   "aer and its kin: file of Pharaoh lines, as `heed align` writes them")
      ->type_name("FILE");
  command->add_option("--sure", options->sure, "aer and its kin: file of the links that must be there")
      ->type_name("FILE");
  command
      ->add_option("--possible", options->possible,
                   "aer and its kin: file of those that may be there (default: the sure ones)")
      ->type_name("FILE");
  command->add_option("--scores", options->scores, "perplexity: file that `heed score --format jsonl` wrote")
      ->type_name("FILE");
  add_metric_options(*command, options->options);
  add_tests(*command, *options);
  add_json_format(*command, options->json, "json");
  add_output(*command, options->output);
  command->callback([options, command] {
    options->check(*command);
    options->run();
  });
}

}  // namespace heed::app
