#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <optional>

#include "command_line.h"
#include "commands.h"
#include "common_options.h"
#include "figures.h"
#include "heed/base/error.h"
#include "heed/base/message.h"
#include "heed/base/shell_text.h"
#include "heed/base/version.h"
#include "heed/data/corpus.h"
#include "heed/data/held_out.h"
#include "heed/metrics/registry.h"
#include "heed/model/context_entry.h"
#include "heed/model/seq2seq.h"
#include "heed/products/precision.h"
#include "heed/train/history.h"
#include "heed/train/test_result.h"
#include "heed/translate/attention_statistics.h"
#include "heed/view/attention_picture.h"
#include "messages.h"
#include "output.h"
#include "report_quality.h"

namespace heed::app {
namespace {

constexpr std::size_t kMostPoints = 1500;  // of a curve

ReportSample to_report(const ValidationSample& sample) {
  ReportSample out{sample.reference, sample.translated};
  const AttentionWeights& attention = sample.translated.translations.front().attention;
  for (const auto& row : attention) out.entropy += entropy_bits(row) / static_cast<double>(attention.size());
  return out;
}

ReportValidation to_report(const HistoryValidation& validation) {
  const ValidationResult& r = validation.result;
  ReportValidation out{r.epoch, r.update, r.seconds / 60, r.train_loss, r.perplexity, {}, r.best, {}};
  for (const auto& [name, value] : r.metrics) out.metrics.emplace_back(find_metric(name).title, value);
  out.attention_entropy = r.attention_entropy;
  out.attention_maximum = r.attention_maximum;
  for (const ValidationSample& sample : validation.samples) out.samples.push_back(to_report(sample));
  return out;
}

/// Neighbours become one where there are more points than a curve can show.
std::vector<ReportPoint> to_report(const std::vector<HistoryPoint>& points) {
  const std::size_t group = points.size() / kMostPoints + 1;
  std::vector<ReportPoint> out;
  for (std::size_t at = 0; at < points.size(); at += group) {
    const std::size_t end = std::min(at + group, points.size());
    const HistoryPoint& last = points[end - 1];
    double loss = 0;
    for (std::size_t i = at; i < end; ++i) loss += points[i].loss / static_cast<double>(end - at);
    out.push_back({last.epoch, last.update, last.seconds / 60, loss, last.learning_rate, last.gradient_norm,
                   last.target_tokens_per_second});
  }
  return out;
}

std::string start_text(const HistoryStart& start) {
  return fmt::format("# {}, heed {}, {}, training.threads {}{}\n{}", start.time, start.origin.version,
                     start.start.precision, start.threads,
                     start.start.resumed ? fmt::format(", from update {}", start.start.update) : "",
                     shell_text(start.origin.command));
}

std::string layers_text(int layers, int width, const char* more) {
  return fmt::format("{} of {}{}", count_of(layers, "layer"), width, more);
}

std::string side_text(const TextSide& side) {
  return fmt::format("{}, {} tokens", side.options().tokenizer, side.vocabulary_size());
}

/// Pictures of a model with several layers or heads show the mean of them: that has to be said.
std::string attention_text(const Seq2Seq& model) {
  const std::string mean = name_of_mean(model.decoder().attention_heads());
  const std::string& kind = model.options().attention.kind;
  return mean.empty() ? kind : fmt::format("{} (shown: the {})", kind, mean);
}

std::vector<std::pair<std::string, std::string>> facts_of(const Bundle& bundle, const TrainingHistory& history,
                                                          const std::optional<TestResult>& test) {
  const ModelOptions& model = bundle.config.model;
  const char* const directions = model.only_first_both_ways() ? ", the first bidirectional"
                                 : model.both_ways(0)         ? ", bidirectional"
                                                              : "";
  std::vector<std::pair<std::string, std::string>> out = {
      {"attention", attention_text(*bundle.model)},
      {"encoder", layers_text(model.encoder_layers, model.encoder_hidden, directions)},
      {"decoder",
       layers_text(model.decoder_layers, model.decoder_hidden, feeds_attentional(model) ? ", input feeding" : "")},
      {"parameters", grouped(bundle.model->parameter_count())},
      {"source", side_text(bundle.source) +
                     (bundle.source.features().empty() ? "" : ", features " + bundle.source.options().feature_names())},
      {"target", side_text(bundle.target)}};
  if (history.validations.empty()) return out;
  const ValidationResult& last = history.validations.back().result;
  ValidationResult best = history.validations.front().result;
  for (const HistoryValidation& validation : history.validations) {
    if (validation.result.best) best = validation.result;
  }
  out.emplace_back("training", fmt::format("{} epochs, {} updates, {:.1f} minutes", last.epoch, grouped(last.update),
                                           last.seconds / 60));
  out.emplace_back("best model", fmt::format("epoch {}{}: {}", best.epoch, ensemble_text(bundle.config.training),
                                             figures_text(best.perplexity, best.metrics)));
  if (best.attention_maximum > 0) {
    out.emplace_back("its attention", fmt::format("{:.2f} of {:.1f} bits in validation", best.attention_entropy,
                                                  best.attention_maximum));
  }
  if (test) {
    out.emplace_back("data.test", fmt::format("{} sentences, beam {}: {}", grouped(test->sentences), test->beam,
                                              figures_text(test->perplexity, test->metrics)));
  }
  return out;
}

#ifdef __clang__
constexpr const char* kCompiler = "Clang " __clang_version__;
#else
constexpr const char* kCompiler = "GCC " __VERSION__;
#endif

/// What made a page: numbers of it may differ with any of these.
std::string versions() {
  std::string native;
  for (const std::string& name : precision_names()) {
    if (is_native(find_precision(name))) native += " " + name;
  }
  return fmt::format("heed {}, {}; fast on this processor:{}", kVersion, kCompiler, native);
}

struct ReportCommand {
  std::vector<std::string> runs;
  bool ensemble = false;
  std::string output;
  std::string precision;
  CorpusFiles asked;  // instead of the validation files
  int sentences = 1000;
  TranslateOptions options;

  void run(const CLI::App& command);

 private:
  void check_files(const CLI::App& command) const;
  void check_is_not_output(const std::vector<CorpusFiles>& corpora) const;
  std::optional<TrialSet> read_trial_set(const Config& config);
  ReportRun describe(const std::string& directory, const TrainingHistory& history, const Bundle& bundle,
                     const std::optional<TrialSet>& set) const;
  std::vector<Bundle> load_all() const;
  /// Throws Error for models that do not go together, before any has translated.
  void check_ensemble() const { const Translator opened(load_all()); }
  /// All runs' models together: what they answer, without a training of its own.
  ReportRun describe_ensemble(const TrialSet& set) const;
  void try_on(const TrialSet& set, std::span<const Bundle> bundles, ReportRun& out) const;

  std::string set_name_;  // or why there is none
};

void ReportCommand::run(const CLI::App& command) {
  check_files(command);
  refuse_idle(command, "--ensemble", runs.size() == 1, "on one run: it is of all together");
  const std::size_t columns = runs.size() + (ensemble ? 1 : 0);
  if (columns > kMostReportRuns)
    throw UsageError(fmt::format("a report compares up to {} runs{}, not {}", kMostReportRuns,
                                 ensemble ? ", their ensemble among them" : "", columns));
  Output out(output, {asked.source, asked.target, asked.tsv});
  Report report;
  report.title = runs.size() == 1 ? "Training of " + runs.front() : fmt::format("{}", fmt::join(runs, " and "));
  report.made_by = fmt::format("# {}\n{}", versions(), shell_text(command_line()));
  std::vector<TrainingHistory> histories;
  for (const std::string& directory : runs) histories.push_back(TrainingHistory::load(directory));
  if (ensemble) check_ensemble();
  std::optional<TrialSet> set;
  std::vector<CorpusFiles> validation;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const Bundle bundle = Bundle::load(runs[i], chosen_precision(precision));
    const DataOptions& data = bundle.config.data;
    const std::vector<CorpusFiles> files =
        data.validation.empty() ? data.corpora() : std::vector<CorpusFiles>{data.validation};
    if (i == 0) {
      set = read_trial_set(bundle.config);
      validation = files;
    } else if (files != validation) {
      warn(fmt::format("'{}' and '{}' were validated on different files: their figures do not compare", runs[0],
                       runs[i]));
    }
    report.runs.push_back(describe(runs[i], histories[i], bundle, set));
  }
  if (ensemble && set) report.runs.push_back(describe_ensemble(*set));
  report.length_unit = set ? set->unit : "words";
  out.write(render_report(report));
  out.finish();
}

void ReportCommand::check_files(const CLI::App& command) const {
  refuse_idle(command, "--columns", asked.tsv.empty(), "without --tsv, whose columns they are");
  if (asked.columns.size() < 2) throw UsageError("--columns: two are expected, of source and references: 1,2");
  for (const char* flag : {"--source", "--references"})
    refuse_idle(command, flag, !asked.tsv.empty(), "beside --tsv, which has both sides");
  if (asked.source.empty() != asked.target.empty()) throw UsageError("--source and --references go together");
}

void ReportCommand::check_is_not_output(const std::vector<CorpusFiles>& corpora) const {
  std::vector<std::string> inputs;
  for (const CorpusFiles& files : corpora) {
    inputs.insert(inputs.end(), {files.source, files.target, files.tsv});
    inputs.insert(inputs.end(), files.more_targets.begin(), files.more_targets.end());
  }
  refuse_input_as_output(output, inputs, "file");
}

/// The files of the options, or the first run's validation files where they can be read.
std::optional<TrialSet> ReportCommand::read_trial_set(const Config& config) {
  const CorpusFiles files =
      asked.empty() ? config.data.with_features(config.data.validation) : config.data.with_features(asked, "--columns");
  const bool held_out = files.empty();
  check_is_not_output(held_out ? config.data.corpora() : std::vector<CorpusFiles>{files});
  try {
    std::vector<std::string> sources;
    std::vector<std::string> targets;
    std::vector<FeatureValues> features;
    std::vector<SentencePair> pairs = held_out ? read_held_out(config.data) : read_corpus(files);
    std::vector<std::vector<std::string>> more = read_more_targets(files, pairs.size());
    for (SentencePair& pair : pairs) {
      if (sources.size() == static_cast<std::size_t>(sentences)) break;
      sources.push_back(std::move(pair.source));
      targets.push_back(std::move(pair.target));
      features.push_back(std::move(pair.features));
    }
    set_name_ = held_out ? "the training pairs that were held out" : files.name();
    for (auto& lines : more) lines.resize(sources.size());
    TrialSet set = make_trial_set(std::move(sources), std::move(targets));
    set.features = std::move(features);
    set.more_references = std::move(more);
    return set;
  } catch (const Error& error) {
    if (!asked.empty()) throw;
    set_name_ =
        fmt::format("nothing was translated: {} (name other files with --source and --references)", error.what());
    warn(set_name_);
    return std::nullopt;
  }
}

ReportRun ReportCommand::describe(const std::string& directory, const TrainingHistory& history, const Bundle& bundle,
                                  const std::optional<TrialSet>& set) const {
  ReportRun out;
  out.name = std::filesystem::path(directory).lexically_normal().string();
  out.measure = name_of_mean(bundle.model->decoder().attention_heads());
  out.facts = facts_of(bundle, history, read_test(directory));
  out.points = to_report(history.points);
  for (const HistoryValidation& validation : history.validations) out.validations.push_back(to_report(validation));
  for (const HistoryStart& start : history.starts) out.commands.push_back(start_text(start));
  out.config = bundle.config.to_yaml();
  out.quality.note = set_name_ + ".";
  if (!set) return out;
  try_on(*set, std::span(&bundle, 1), out);
  return out;
}

std::vector<Bundle> ReportCommand::load_all() const {
  std::vector<Bundle> out;
  for (const std::string& directory : runs) out.push_back(Bundle::load(directory, chosen_precision(precision)));
  return out;
}

ReportRun ReportCommand::describe_ensemble(const TrialSet& set) const {
  ReportRun out;
  out.name = fmt::format("ensemble of {}", runs.size());
  out.measure = "mean of the models that cut the source alike";
  out.facts = {{"models", fmt::format("{}", fmt::join(runs, ", "))}};
  try_on(set, load_all(), out);  // again: of single runs one at a time is in memory
  return out;
}

void ReportCommand::try_on(const TrialSet& set, std::span<const Bundle> bundles, ReportRun& out) const {
  TranslateOptions how = options;
  how.attention = std::ranges::any_of(bundles, [](const Bundle& bundle) { return bundle.model->decoder().attends(); });
  const Translator translator({bundles.begin(), bundles.end()});
  const bool reads_features = !bundles.front().source.features().empty();
  const std::vector<Translated> translated =
      translator.translate(set.sources, how, reads_features ? set.features : std::vector<FeatureValues>());
  out.quality = judge(bundles.front(), set, translated);
  out.quality.note =
      fmt::format("{} sentences of {}, beam {}: BLEU {:.2f}, chrF {:.2f}, accuracy {:.1f} %.", out.quality.sentences,
                  set_name_, how.beam, out.quality.bleu, out.quality.chrf, out.quality.accuracy);
  const auto cut = std::count_if(translated.begin(), translated.end(),
                                 [](const Translated& each) { return each.translations.front().cut; });
  if (cut > 0) {
    const std::string text = fmt::format("{} of {} answers were cut at the length limit ({})", cut, translated.size(),
                                         translator.output_limit().text());
    warn(fmt::format("{}: {}", out.name, text));
    out.quality.note += " " + text + ".";
  }
  out.facts.emplace_back("tried on", out.quality.note);
}

}  // namespace

void add_report(CLI::App& app) {
  CLI::App* command = app.add_subcommand("report", "one HTML page about a training, or about several");
  auto options = std::make_shared<ReportCommand>();
  command->add_option("runs,-m,--model", options->runs, "directory of a run of `heed train`; up to six are compared")
      ->type_name("RUN")
      ->required()
      ->expected(1, -1);
  command->add_flag("--ensemble", options->ensemble, "and what all of them answer together, as one run more");
  add_output(*command, options->output);
  command
      ->add_option("--source", options->asked.source,
                   "sentences for the models to translate (default: the first run's validation files)")
      ->type_name("FILE");
  command->add_option("--references,--target", options->asked.target, "their translations")->type_name("FILE");
  add_columns(*command, options->asked.tsv, options->asked.columns, "those of sentences and translations");
  command->add_option("--sentences", options->sentences, "at most this many of them")
      ->check(in_range(1, 1000000))
      ->capture_default_str();
  command->add_option("--beam", options->options.beam, "hypotheses that are kept at each step")
      ->check(in_range(1, 1000))
      ->capture_default_str();
  add_batch(*command, options->options.batch_sentences);
  add_threads(*command, options->options.threads);
  add_precision(*command, options->precision);
  command->footer("  heed report runs/with runs/without --output report.html");
  command->callback([options, command] { options->run(*command); });
}

}  // namespace heed::app
