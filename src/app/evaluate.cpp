#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>

#include "commands.h"
#include "common_options.h"
#include "heed/base/error.h"
#include "heed/data/corpus.h"
#include "heed/data/lines.h"
#include "heed/metrics/aer.h"
#include "heed/metrics/bleu.h"
#include "heed/metrics/registry.h"
#include "output.h"
#include "text_lines.h"

namespace heed::app {
namespace {

using Json = nlohmann::ordered_json;
using Lines = std::vector<std::string>;
constexpr const char* kAer = "aer";

struct EvaluateCommand {
  std::string hypotheses;
  Lines references;
  std::string input_format = "text";  // of the hypotheses
  std::string tsv;
  std::vector<int> columns = {1, 2};  // of hypotheses and references
  std::string alignments;
  std::string sure;
  std::string possible;
  Lines metrics;
  bool json = false;
  std::string output;
  MetricOptions options;

  void run() const;
  void check(const Lines& names) const;
  void refuse_idle_options(const CLI::App& command) const;
  Lines names() const;
  void read_texts(Lines& hypothesis_lines, std::vector<Lines>& reference_lines) const;
};

/// Lines of a file that must have as many as the first one.
Lines read_partner(const std::string& path, const std::string& first, std::size_t lines) {
  Lines out = read_lines(path);
  check_partners(path, out.size(), first, lines);
  return out;
}

Lines read_first(const std::string& path) {
  Lines out = read_lines(path);
  if (out.empty()) throw Error(shown(path) + " is empty");
  return out;
}

MetricValue evaluate_alignments(const std::string& alignments, const std::string& sure, const std::string& possible) {
  const Lines lines = read_first(alignments);
  const Lines sure_lines = read_partner(sure, alignments, lines.size());
  const Lines possible_lines = possible.empty() ? Lines{} : read_partner(possible, alignments, lines.size());
  const AerScore score = aer(lines, sure_lines, possible_lines, {shown(alignments), shown(sure), shown(possible)});
  return {kAer, score.score, "", {{"precision", score.precision}, {"recall", score.recall}}};
}

std::string to_text(const std::vector<MetricValue>& values) {
  std::string out;
  for (const MetricValue& value : values) {
    out += fmt::format("{:<9}{:>7.2f}", value.name, value.value);
    std::string details;
    for (const auto& [name, number] : value.details) {
      details +=
          fmt::format("{}{} {:.{}f}", details.empty() ? "" : ", ", name, number, number == std::floor(number) ? 0 : 2);
    }
    if (!details.empty()) out += "  (" + details + ")";
    if (!value.signature.empty()) out += "  " + value.signature;
    out += '\n';
  }
  return out;
}

std::string to_json(const std::vector<MetricValue>& values) {
  Json out = Json::object();
  Json signatures = Json::object();
  Json details = Json::object();
  for (const MetricValue& value : values) {
    out[value.name] = value.value;
    if (!value.signature.empty()) signatures[value.name] = value.signature;
    for (const auto& [name, number] : value.details) details[value.name][name] = number;
  }
  out["signatures"] = std::move(signatures);
  out["details"] = std::move(details);
  return out.dump() + "\n";
}

/// The metrics asked for, each once; without any, what the files are for.
Lines EvaluateCommand::names() const {
  if (metrics.empty()) return {alignments.empty() ? "bleu" : kAer};
  Lines out;
  for (const std::string& name : metrics) {
    if (std::find(out.begin(), out.end(), name) == out.end()) out.push_back(name);
  }
  return out;
}

void EvaluateCommand::check(const Lines& names) const {
  const auto need = [](const std::string& value, const char* flag, const std::string& metric) {
    if (value.empty()) throw UsageError(fmt::format("--metrics {}: needs {}", metric, flag));
  };
  for (const std::string& name : names) {
    if (name == kAer) {
      need(alignments, "--alignments FILE", name);
      need(sure, "--sure FILE", name);
    } else {
      need(tsv.empty() ? hypotheses : tsv, "--hypotheses FILE", name);
      need(!tsv.empty() ? tsv : references.empty() ? "" : references.front(), "--references FILE", name);
      evaluate_metric(name, {"a"}, {{"a"}}, options);  // an unknown name is said before files are read
    }
  }
}

/// What none of the metrics asked for reads.
void EvaluateCommand::refuse_idle_options(const CLI::App& command) const {
  const Lines wanted = names();
  const auto asked = [&](const auto& test) { return std::any_of(wanted.begin(), wanted.end(), test); };
  const std::string on = fmt::format("on {}", fmt::join(wanted, ", "));
  const bool texts = asked([](const std::string& name) { return name != kAer; });
  refuse_idle(command, "--columns", tsv.empty(), "without --tsv, whose columns they are");
  if (hypotheses.empty() && columns.size() < 2)
    throw UsageError("--columns: those of hypotheses and references are expected: 1,2");
  if (!hypotheses.empty() && !tsv.empty() && command.count("--columns") == 0)
    throw UsageError("--columns: which columns of --tsv are references has to be said beside --hypotheses");
  refuse_idle(command, "--input-format", hypotheses.empty(), "without --hypotheses, whose it is");
  refuse_idle(command, "--references", !tsv.empty(), "beside --tsv, which has them");
  for (const char* flag : {"--hypotheses", "--references", "--tsv"}) {
    refuse_idle(command, flag, !texts, on + ", of alignments: name a metric of texts, as --metrics bleu,aer");
  }
  const bool alignments_asked = asked([](const std::string& name) { return name == kAer; });
  for (const char* flag : {"--alignments", "--sure", "--possible"}) {
    refuse_idle(command, flag, !alignments_asked, on + ": it is for --metrics aer");
  }
  for (const char* flag : {"--tokenize", "--lowercase"}) {
    std::string readers;
    bool read = false;
    for (const MetricInfo& metric : metric_table()) {
      if (std::find(metric.reads.begin(), metric.reads.end(), flag + 2) == metric.reads.end()) continue;
      readers += (readers.empty() ? "" : ", ") + metric.name;
      read = read || std::find(wanted.begin(), wanted.end(), metric.name) != wanted.end();
    }
    refuse_idle(command, flag, !read, fmt::format("{}: it is for {}", on, readers));
  }
}

/// Hypotheses of a file, or of the first column.
void EvaluateCommand::read_texts(Lines& hypothesis_lines, std::vector<Lines>& reference_lines) const {
  if (!tsv.empty()) reference_lines = read_columns(tsv, columns, hypotheses.empty() ? 2 : 1);
  if (!hypotheses.empty()) {
    hypothesis_lines = read_translations(hypotheses, input_format);
    if (hypothesis_lines.empty()) throw Error(shown(hypotheses) + " is empty");
    if (!tsv.empty()) check_partners(tsv, reference_lines.front().size(), hypotheses, hypothesis_lines.size());
  } else {
    hypothesis_lines = std::move(reference_lines.front());
    reference_lines.erase(reference_lines.begin());
  }
  for (const std::string& path : references)
    reference_lines.push_back(read_partner(path, hypotheses, hypothesis_lines.size()));
}

void EvaluateCommand::run() const {
  const Lines wanted = names();
  check(wanted);
  Lines inputs = {hypotheses, tsv, alignments, sure, possible};
  inputs.insert(inputs.end(), references.begin(), references.end());
  Output out(output, inputs);
  Lines hypothesis_lines;
  std::vector<Lines> reference_lines;
  if (std::any_of(wanted.begin(), wanted.end(), [](const std::string& name) { return name != kAer; })) {
    read_texts(hypothesis_lines, reference_lines);
  }
  std::vector<MetricValue> values;
  for (const std::string& name : wanted) {
    values.push_back(name == kAer ? evaluate_alignments(alignments, sure, possible)
                                  : evaluate_metric(name, hypothesis_lines, reference_lines, options));
  }
  out.write(json ? to_json(values) : to_text(values));
  out.finish();
}

}  // namespace

void add_evaluate(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("evaluate", "compare translations with references, or alignments with those of people");
  auto options = std::make_shared<EvaluateCommand>();
  command->add_option("--hypotheses", options->hypotheses, "file of translations, one a line")->type_name("FILE");
  command
      ->add_option("--references", options->references,
                   "file of right translations, line by line; can be given several times")
      ->type_name("FILE")
      ->allow_extra_args(false);
  add_text_format(*command, options->input_format, "--hypotheses");
  add_columns(*command, options->tsv, options->columns,
              "those of hypotheses and references, or, beside --hypotheses, of references alone; an empty or missing "
              "further one is none");
  command->add_option("--metrics", options->metrics, "names of `heed list metrics`, joined by commas (default: bleu)")
      ->delimiter(',')
      ->allow_extra_args(false);
  command->add_option("--alignments", options->alignments, "aer: file of Pharaoh lines, as `heed align` writes them")
      ->type_name("FILE");
  command->add_option("--sure", options->sure, "aer: file of the links that must be there")->type_name("FILE");
  command->add_option("--possible", options->possible, "aer: file of those that may be there (default: the sure ones)")
      ->type_name("FILE");
  command->add_option("--tokenize", options->options.tokenize, "bleu: how text is cut: 13a, or none if it is tokenised")
      ->check(one_of(bleu_tokenizers()))
      ->capture_default_str();
  command->add_flag("--lowercase", options->options.lowercase,
                    "compare without regard to case, as ter and rouge always do: for a model that reads its "
                    "target in lower case (data.target.lowercase)");
  add_json_format(*command, options->json, "json");
  add_output(*command, options->output);
  command->callback([options, command] {
    options->refuse_idle_options(*command);
    options->run();
  });
}

}  // namespace heed::app
