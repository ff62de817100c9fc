#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <span>

#include "commands.h"
#include "common_options.h"
#include "figures.h"
#include "heed/base/error.h"
#include "heed/base/utf8.h"
#include "heed/data/corpus.h"
#include "heed/data/lines.h"
#include "heed/metrics/registry.h"
#include "heed/train/bleu_options.h"
#include "messages.h"
#include "output.h"
#include "progress_line.h"
#include "translating.h"

namespace heed::app {
namespace {

struct DistillCommand : TranslatingCommand {
  CorpusFiles files;
  std::string output;
  std::string choose = "best";
  std::string metric = "bleu";
  bool keep_original = false;

  void run(const CLI::App& command) const;
  void check(const CLI::App& command) const;
  bool has_references() const { return !files.tsv.empty() || !files.target.empty(); }
  bool by_reference() const { return choose == "reference"; }
  std::vector<SentencePair> read(const DataOptions& teacher) const;
};

/// What became of the pairs.
struct DistillCounts {
  long pairs = 0;
  long taken = 0;  // an answer of the teacher; not, for the first of these reasons:
  long empty_sides = 0, long_sides = 0, cut = 0, empty = 0;
  long different = 0;  // of those taken: from the reference,
  long not_first = 0;  // and from the teacher's first answer
  double metric = 0;   // their sum
  long unknown = 0;    // answers with <unk>
  long changed = 0;    // sides with a tab or a line end
};

/// Makes a corpus of a teacher's answers.
class Distillation {
 public:
  Distillation(const DistillCommand& command, const Translator& teacher);
  /// The lines of some pairs.
  std::string lines_of(std::span<const SentencePair> pairs);
  std::string progress_text(std::size_t all, double seconds) const;
  /// What there was, a line each. Throws Error if no pair is left.
  std::vector<std::string> summary(double seconds) const;
  void warn() const;

 private:
  /// An answer, or none, and its value beside the reference.
  struct Choice {
    const Translation* answer = nullptr;
    double value = 0;
  };
  std::string line_of(const SentencePair& pair, const Translated& answers);
  std::optional<std::string> reference_of(const SentencePair& pair) const;
  Choice choose(const Translated& answers, const std::string& reference) const;
  std::string field(std::string text);
  std::string pair_line(const SentencePair& pair, const std::string& target);
  MetricValue measure(const std::string& text, const std::string& reference) const;
  std::string missing_text() const;
  std::string metric_text() const;

  const DistillCommand& command_;
  const Translator& teacher_;
  const MetricInfo& metric_;
  TranslateOptions options_;
  MetricOptions how_;
  DistillCounts counts_;
  UnknownShare unknown_;
};

void DistillCommand::run(const CLI::App& command) const {
  check(command);
  Output out(output, {files.source, files.target, files.tsv, shortlist});
  const Translator teacher = load();
  // What is wrong with the corpus is said before hours of work.
  const std::vector<SentencePair> pairs = read(teacher.bundle().config.data);
  Distillation distillation(*this, teacher);
  ProgressLine progress;
  const auto start = std::chrono::steady_clock::now();
  const auto seconds = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(); };
  for (std::size_t done = 0; done < pairs.size();) {
    const auto block = std::span(pairs).subspan(done, std::min(block_sentences(), pairs.size() - done));
    out.write(distillation.lines_of(block));
    done += block.size();
    if (done == pairs.size()) break;
    progress.show(seconds(), false, [&] { return distillation.progress_text(pairs.size(), seconds()); });
  }
  const std::vector<std::string> summary = distillation.summary(seconds());
  out.finish();
  for (const std::string& line : summary) progress.line(line);
  distillation.warn();
}

void DistillCommand::check(const CLI::App& command) const {
  const bool one_side = !has_references() && command.count("--source") > 0;
  if (!one_side) check_pair_files(command, files);
  refuse_idle(command, "--columns", one_side, "without --tsv, whose columns they are");
  for (const char* flag : {"--metric", "--keep-original"}) {
    refuse_idle(command, flag, one_side, "without --target, which has the references");
  }
  if (by_reference() && one_side) throw UsageError("--choose reference: needs --target, or --tsv");
  if (by_reference() && options.beam == 1)
    throw UsageError("--choose reference: has no effect with --beam 1, which has one answer: take a larger --beam");
  refuse_idle_options(command);
}

std::vector<SentencePair> DistillCommand::read(const DataOptions& teacher) const {
  if (has_references()) return read_corpus(teacher.with_features(files, "--columns"));
  if (const std::string names = teacher.source.feature_names(); !names.empty()) {
    throw UsageError(
        fmt::format("--source: the model reads features ({}), which lines of text do not have: give --tsv, "
                    "whose --columns are those of source, target and features",
                    names));
  }
  std::vector<SentencePair> out;
  for_each_line(files.source, [&](std::string_view line, long) { out.push_back({std::string(line), ""}); });
  if (out.empty()) throw Error(ErrorKind::kData, shown(files.source) + " is empty", {.file = shown(files.source)});
  return out;
}

Distillation::Distillation(const DistillCommand& command, const Translator& teacher)
    : command_(command),
      teacher_(teacher),
      metric_(find_metric(command.metric)),
      options_(command.options_for(teacher)),
      how_{.tokenize =
               bleu_options(teacher.bundle().target.options(), teacher.bundle().config.training.validation_tokenize)
                   .tokenize,
           .effective_order = true} {
  if (command.by_reference()) options_.nbest = options_.beam;
}

std::string Distillation::lines_of(std::span<const SentencePair> pairs) {
  std::vector<std::string> sources;
  std::vector<FeatureValues> features;
  for (const SentencePair& pair : pairs) {
    sources.push_back(pair.source);
    features.push_back(pair.features);
  }
  const std::vector<Translated> answers = teacher_.translate(sources, options_, features);
  std::string out;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    out += line_of(pairs[i], answers[i]);
    unknown_.add(answers[i]);
  }
  counts_.pairs += static_cast<long>(pairs.size());
  return out;
}

/// Empty for a pair that is left out.
std::string Distillation::line_of(const SentencePair& pair, const Translated& answers) {
  const std::optional<std::string> reference = reference_of(pair);
  const bool is_long = answers.tokens_cut > 0 || !reference;
  const bool is_empty = answers.source_tokens.empty() || (command_.has_references() && reference == "");
  const Choice choice = is_long || is_empty ? Choice() : choose(answers, *reference);
  if (choice.answer == nullptr) {
    ++(is_long                            ? counts_.long_sides
       : is_empty                         ? counts_.empty_sides
       : answers.translations.front().cut ? counts_.cut
                                          : counts_.empty);
    return command_.keep_original ? pair_line(pair, pair.target) : "";
  }
  ++counts_.taken;
  counts_.different += choice.answer->text != reference ? 1 : 0;
  counts_.not_first += choice.answer != &answers.translations.front() ? 1 : 0;
  counts_.metric += choice.value;
  const std::vector<std::string>& tokens = choice.answer->tokens;
  const std::string& unknown = teacher_.bundle().target.token(Vocabulary::kUnknown);
  counts_.unknown += std::find(tokens.begin(), tokens.end(), unknown) != tokens.end() ? 1 : 0;
  return pair_line(pair, choice.answer->text);
}

/// In the form in which the teacher writes: in lower case, say. Nothing if it is too long.
std::optional<std::string> Distillation::reference_of(const SentencePair& pair) const {
  const TextSide& side = teacher_.bundle().target;
  const std::string_view front = TextSide::front(pair.target, options_.max_source_tokens);
  const Encoding encoding = side.encode(front);
  const auto most = static_cast<std::size_t>(options_.max_source_tokens);
  if (front.size() < pair.target.size() || encoding.pieces.size() > most) return std::nullopt;
  return side.as_written(encoding);
}

/// Of the answers that are whole the first or, of those closest to the reference, the first.
Distillation::Choice Distillation::choose(const Translated& answers, const std::string& reference) const {
  Choice best;
  for (const Translation& answer : answers.translations) {
    if (answer.cut || utf8::is_blank(answer.text)) continue;
    const double value = command_.has_references() ? measure(answer.text, reference).value : 0;
    const bool closer = metric_.higher_is_better ? value > best.value : value < best.value;
    if (best.answer == nullptr || closer) best = {&answer, value};
  }
  return best;
}

MetricValue Distillation::measure(const std::string& text, const std::string& reference) const {
  return evaluate_metric(metric_.name, {text}, {{reference}}, how_);
}

std::string Distillation::pair_line(const SentencePair& pair, const std::string& target) {
  std::string out = field(pair.source) + '\t' + field(target);
  for (const std::string& values : pair.features) out += '\t' + values;
  return out + '\n';
}

/// What would end a column or a line is a space.
std::string Distillation::field(std::string text) {
  const auto ends = [](char c) { return c == '\t' || c == '\n' || c == '\r'; };
  if (std::none_of(text.begin(), text.end(), ends)) return text;
  std::replace_if(text.begin(), text.end(), ends, ' ');
  ++counts_.changed;
  return text;
}

std::string Distillation::progress_text(std::size_t all, double seconds) const {
  const auto done = static_cast<double>(counts_.pairs);
  const double rate = done / std::max(seconds, 1e-9);
  return fmt::format("{} of {} pairs  {:.0f} %  {:.0f} pairs/s  {} left", grouped(counts_.pairs),
                     grouped(static_cast<std::int64_t>(all)), 100 * done / static_cast<double>(all), rate,
                     clock_time((static_cast<double>(all) - done) / rate));
}

std::vector<std::string> Distillation::summary(double seconds) const {
  std::vector<std::string> out;
  out.push_back(fmt::format("{} pairs in {}, {:.0f} pairs/s: {} with an answer of the teacher", grouped(counts_.pairs),
                            clock_time(seconds), static_cast<double>(counts_.pairs) / std::max(seconds, 1e-9),
                            grouped(counts_.taken)));
  if (const std::string missing = missing_text(); !missing.empty()) out.push_back(missing);
  if (counts_.taken == 0) throw Error(fmt::format("no pair has an answer of the teacher: {}", missing_text()));
  if (command_.has_references()) out.push_back(metric_text());
  if (counts_.changed > 0) {
    out.push_back(fmt::format("{} {} had a tab or a line end, which is a space now", grouped(counts_.changed),
                              counts_.changed == 1 ? "side" : "sides"));
  }
  return out;
}

void Distillation::warn() const {
  unknown_.warn_of_many();
  if (counts_.unknown == 0) return;
  app::warn(
      fmt::format("{} of {} answers have <unk>, which a student learns to write: take a teacher whose target has no "
                  "unknown words (data.target.tokenizer: sentencepiece)",
                  grouped(counts_.unknown), grouped(counts_.taken)));
}

/// What became of the pairs without an answer, and why they have none; empty if all have one.
std::string Distillation::missing_text() const {
  const std::pair<long, std::string> reasons[] = {
      {counts_.empty_sides, "with an empty side"},
      {counts_.long_sides,
       fmt::format("with a side of more than {} tokens (--max-length)", options_.max_source_tokens)},
      {counts_.cut, fmt::format("with an answer that was cut at the length limit ({}; --max-output)",
                                options_.max_output.value_or(teacher_.output_limit()).text())},
      {counts_.empty, "with an empty answer"}};
  std::vector<std::string> parts;
  for (const auto& [count, reason] : reasons) {
    if (count > 0) parts.push_back(fmt::format("{} {}", grouped(count), reason));
  }
  if (parts.empty()) return "";
  return fmt::format("{} {}: {}", grouped(counts_.pairs - counts_.taken),
                     command_.keep_original ? "with their own target (--keep-original)" : "left out",
                     fmt::join(parts, ", "));
}

std::string Distillation::metric_text() const {
  std::string out =
      fmt::format("{} of {} answers differ from the reference", grouped(counts_.different), grouped(counts_.taken));
  if (command_.by_reference()) out += fmt::format(", {} are not the teacher's first", grouped(counts_.not_first));
  out += fmt::format("; mean sentence {} {:.2f}", metric_.title, counts_.metric / static_cast<double>(counts_.taken));
  // A signature says how a metric counts, whatever the texts.
  const std::string signature = measure("a", "a").signature;
  return signature.empty() ? out : out + "  " + signature;
}

}  // namespace

void add_distill(CLI::App& app) {
  CLI::App* command = app.add_subcommand("distill", "make a corpus of a teacher's translations, to train a student on");
  auto options = std::make_shared<DistillCommand>();
  options->add_models(*command);
  options->add_combine(*command);
  add_pair_files(*command, options->files, "file of source sentences, best the training text");
  add_output(*command, options->output);
  options->add_search(*command);
  command
      ->add_option("--choose", options->choose,
                   "best: the teacher's best answer; reference: of the answers in the beam the one that is closest to "
                   "the reference")
      ->check(one_of({"best", "reference"}))
      ->capture_default_str();
  command
      ->add_option("--metric", options->metric,
                   "of single sentences: by which --choose reference chooses, and the summary's; a name of `heed list "
                   "metrics`, of texts")
      ->check(one_of(text_metrics()))
      ->capture_default_str();
  command->add_flag("--keep-original", options->keep_original,
                    "pairs whose answer is cut or empty keep their own target, and are not left out");
  options->add_computing(*command, "pairs with a longer side (tokens) have no answer of the teacher");
  command->footer(
      "Writes lines 'source TAB answer', as data.train.tsv reads them, and then the source's features:\n"
      "sequence-level distillation (Kim and Rush 2016), and with --choose reference and a large --beam its\n"
      "interpolation. Without --target, sources alone are translated. Standard error has a summary: pairs, what is\n"
      "left out and why, the distance from the references.\n\n"
      "  heed distill --model runs/big --source train.en --target train.fr --output distilled.tsv.gz");
  command->callback([options, command] { options->run(*command); });
}

}  // namespace heed::app
