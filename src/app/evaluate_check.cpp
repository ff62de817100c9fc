// What `heed evaluate` refuses before it reads a file.
#include <fmt/format.h>

#include <algorithm>

#include "common_options.h"
#include "evaluate.h"
#include "heed/base/error.h"
#include "heed/metrics/bleu.h"

namespace heed::app {

namespace {

using Lines = std::vector<std::string>;

bool contains(const Lines& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void need(const std::string& value, const char* flag, const std::string& metric) {
  if (value.empty()) throw UsageError(fmt::format("--metrics {}: needs {}", metric, flag));
}

}  // namespace

bool is_of_texts(const std::string& name) { return contains(text_metrics(), name); }

bool is_of_alignments(const std::string& name) { return contains(alignment_metrics(), name); }

std::vector<std::string> EvaluateCommand::names() const {
  if (metrics.empty()) return {!alignments.empty() ? "aer" : !scores.empty() ? kPerplexity : "bleu"};
  Lines out;
  for (const std::string& asked : metrics) {
    const std::string& name = find_metric(asked).name;
    if (!contains(out, name)) out.push_back(name);
  }
  return out;
}

bool EvaluateCommand::compares_texts() const {
  const Lines wanted = names();
  return std::any_of(wanted.begin(), wanted.end(), is_of_texts);
}

bool EvaluateCommand::compares_alignments() const {
  const Lines wanted = names();
  return std::any_of(wanted.begin(), wanted.end(), is_of_alignments);
}

void EvaluateCommand::check(const CLI::App& command) const {
  refuse_idle_files(command);
  refuse_idle_options(command);
  refuse_idle_tests(command);
  check_metrics(names());
  refuse_input_twice(inputs());
}

void EvaluateCommand::check_metrics(const Lines& names) const {
  for (const std::string& name : names) {
    if (is_of_texts(name)) {
      need(tsv.empty() ? hypotheses : tsv, "--hypotheses FILE", name);
      need(!tsv.empty() ? tsv : references.empty() ? "" : references.front(), "--references FILE", name);
      evaluate_metric(name, {"a"}, {{"a"}}, options);  // a wrong option is said before files are read
    } else if (sentences) {
      throw UsageError(fmt::format("--metrics {}: is of a whole file; --sentences has figures of single lines", name));
    } else if (is_of_alignments(name)) {
      need(alignments, "--alignments FILE", name);
      need(sure, "--sure FILE", name);
    } else {
      need(scores, "--scores FILE", name);
    }
  }
}

void EvaluateCommand::refuse_idle_files(const CLI::App& command) const {
  const Lines wanted = names();
  const std::string on = fmt::format("on {}", fmt::join(wanted, ", "));
  refuse_idle(command, "--columns", tsv.empty(), "without --tsv, whose columns they are");
  if (hypotheses.empty() && columns.size() < 2)
    throw UsageError("--columns: those of hypotheses and references are expected: 1,2");
  if (!hypotheses.empty() && !tsv.empty() && command.count("--columns") == 0)
    throw UsageError("--columns: which columns of --tsv are references has to be said beside --hypotheses");
  refuse_idle(command, "--input-format", hypotheses.empty(), "without --hypotheses, whose it is");
  refuse_idle(command, "--references", !tsv.empty(), "beside --tsv, which has them");
  const std::string of_texts = ", not of texts: name a metric of texts, as --metrics bleu,aer";
  for (const char* flag : {"--hypotheses", "--references", "--tsv", "--sentences"})
    refuse_idle(command, flag, !compares_texts(), on + of_texts);
  for (const char* flag : {"--compare", "--bootstrap", "--randomization"})
    refuse_idle(command, flag, !compares_texts() && !compares_alignments(), on + of_texts);
  for (const char* flag : {"--alignments", "--sure", "--possible"})
    refuse_idle(command, flag, !compares_alignments(),
                fmt::format("{}: it is for --metrics {}", on, fmt::join(alignment_metrics(), ", ")));
  refuse_idle(command, "--scores", !contains(wanted, kPerplexity), on + ": it is for --metrics perplexity");
}

/// What none of the metrics asked for reads.
void EvaluateCommand::refuse_idle_options(const CLI::App& command) const {
  const Lines wanted = names();
  for (const char* flag :
       {"--tokenize", "--lowercase", "--smooth", "--smooth-value", "--effective-order", "--ter-case-sensitive",
        "--ter-normalized", "--ter-no-punct", "--ter-asian-support", "--rouge-tokenize", "--rouge-stemmer"}) {
    std::string readers;
    bool read = false;
    for (const MetricInfo& metric : metric_table()) {
      if (!contains(metric.reads, flag + 2)) continue;
      readers += (readers.empty() ? "" : ", ") + metric.name;
      read = read || contains(wanted, metric.name);
    }
    refuse_idle(command, flag, !read, fmt::format("on {}: it is for {}", fmt::join(wanted, ", "), readers));
  }
  refuse_idle(command, "--smooth-value", !has_smooth_value(options.smooth),
              fmt::format("on --smooth {}: floor and add-k have a value", options.smooth));
  refuse_idle(command, "--effective-order", sentences, "beside --sentences, whose order is effective");
  refuse_idle(command, "--ter-asian-support", !options.ter_normalized && !options.ter_no_punct,
              "without --ter-normalized or --ter-no-punct");
}

void EvaluateCommand::refuse_idle_tests(const CLI::App& command) const {
  for (const char* flag : {"--compare", "--bootstrap", "--randomization"})
    refuse_idle(command, flag, sentences, "beside --sentences, which has figures of single lines");
  refuse_idle(command, "--randomization", compared.empty(), "without --compare, whose difference it tests");
  refuse_idle(command, "--seed", comparison.bootstrap == 0 && comparison.randomization == 0,
              "without --bootstrap or --randomization");
}

}  // namespace heed::app
