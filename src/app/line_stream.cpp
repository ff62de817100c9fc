#include "line_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <tuple>

#include "heed/base/error.h"
#include "heed/data/lines.h"
#include "heed/record/merge_subwords.h"
#include "messages.h"

namespace heed::app {

namespace {

// Of a block: more would be held in memory, and no batch needs it.
constexpr std::size_t kMostBytes = std::size_t{1} << 22;

}  // namespace

LineStream::LineStream(const TranslateCommand& command, const Translator& translator, const TranslateOptions& options,
                       const Answers& answers)
    : command_(command),
      translator_(translator),
      options_(options),
      out_(answers.out),
      weights_(answers.weights),
      continuation_(answers.continuation),
      source_(command.input, command.input_format, translator.bundle().config.data),
      constraints_(command.constraints),
      lines_(command.block_lines()),
      progress_(command.progress, command.input, 0, command.input_format.part.count) {}

void LineStream::find_begin() {
  if (command_.constraints.any()) constraints_.skip(source_.lines().before());
  if (command_.attention_file) weights_.start_behind(source_.lines().before());
  std::vector<long*> counts = unknown_.counts();
  counts.push_back(&cut_);
  continuation_.keep(counts);
  if (continuation_.read() != nullptr) {
    source_.lines().add_to(*continuation_.read());
    constraints_.add_to(*continuation_.read());
  }
  for (; answered_ < continuation_.answered(); ++answered_) {
    const std::optional<Line> line = source_.lines().next();
    if (!line) break;
    progress_.skip(line->text.size() + 1);
    constraints_.skip(1);
  }
  continuation_.begin(command_.input);
}

void LineStream::run() {
  find_begin();
  while (std::optional<ReadSource> line = source_.next()) {
    if (command_.constraints.any()) constraints_.add_to(line->request, in_file(line->number));
    if (line->fault.empty()) line->fault = fault_of(line->request);
    line->fault.empty() ? add(std::move(*line)) : add_bad(*line);
  }
  if (!block_.empty()) answer();
  if (command_.input_format.part.is_last()) constraints_.finish();
  progress_.finish();
}

std::string LineStream::fault_of(const SentenceRequest& request) const {
  if (!request.must.empty() && command_.draws_or_lists())
    return "phrases that must occur need a beam: not with --sample and --alternatives";
  const int beam = request.beam.value_or(options_.beam);
  const int nbest = request.nbest.value_or(options_.nbest);
  if (nbest > beam && !command_.draws_or_lists())
    return fmt::format("'nbest' is {}; no more than the beam, which is {}", nbest, beam);
  if (!command_.draws_or_lists() && beam % options_.groups != 0)
    return fmt::format("'beam' is {}; --groups, {}, must divide it", beam, options_.groups);
  if (!command_.draws_or_lists() && std::ceil(options_.ranking.patience * beam) < nbest)
    return fmt::format("'nbest' is {}; with --patience fewer of a beam of {} finish", nbest, beam);
  if (request.beam && command_.draws_or_lists()) return "'beam' has no effect with --sample and --alternatives";
  if (nbest > 1 && options_.nbest == 1 && !command_.json) return "'nbest' needs --format jsonl, or --nbest 2 or more";
  return "";
}

void LineStream::warn() const {
  unknown_.warn_of_many();
  warn_of_cut(cut_, answered_, options_.max_output.value_or(translator_.output_limit()), "--max-output");
}

void LineStream::add(ReadSource line) {
  bytes_ += line.source.size() + 1;
  block_.push_back(std::move(line.source));
  features_.push_back(std::move(line.features));
  requests_.push_back(std::move(line.request));
  if (block_.size() == lines_ || bytes_ >= kMostBytes) answer();
}

void LineStream::add_bad(const ReadSource& line) {
  warn_of_fault(line.number, line.fault);
  bad_.emplace(block_.size(), to_error_line(line.source, line.fault));
  add({});
}

void LineStream::warn_of_fault(long line, const std::string& fault) {
  if (command_.strict) throw Error::at({.file = shown(command_.input), .line = in_file(line)}, fault);
  app::warn(
      fmt::format("{}:{}: {}; its answer is empty (--strict ends here)", shown(command_.input), in_file(line), fault));
}

/// Lines that ask for the same search go together; where what is drawn depends on their places, those that follow each
/// other.
std::vector<Translated> LineStream::translate() {
  // What is drawn depends on it, and nothing else: the lines before a part are not counted in vain.
  const long place = options_.sampling ? in_file(answered_) : answered_;
  std::map<std::tuple<int, int, int>, std::vector<std::size_t>> places;
  std::tuple<int, int, int> last = {0, 0, 0};
  for (std::size_t i = 0; i < block_.size(); ++i) {
    std::tuple<int, int, int> asked = {requests_[i].beam.value_or(options_.beam),
                                       requests_[i].nbest.value_or(options_.nbest), std::get<2>(last)};
    if (options_.sampling && asked != last) ++std::get<2>(asked);
    places[asked].push_back(i);
    last = asked;
  }
  std::vector<Translated> out(block_.size());
  for (const auto& [asked, lines] : places) {
    TranslateOptions how = options_;
    how.beam = std::get<0>(asked);
    how.nbest = std::get<1>(asked);
    how.first_sentence = static_cast<std::uint64_t>(place) + lines.front();
    std::vector<Translated> answers = translate(lines, how);
    for (std::size_t i = 0; i < lines.size(); ++i) out[lines[i]] = std::move(answers[i]);
  }
  return out;
}

std::vector<Translated> LineStream::translate(std::span<const std::size_t> lines, const TranslateOptions& how) const {
  std::vector<std::string> sentences;
  std::vector<FeatureValues> features;
  std::vector<OutputConstraints> constraints;
  for (const std::size_t i : lines) {
    const SentenceRequest& asked = requests_[i];
    sentences.push_back(block_[i]);
    features.push_back(features_[i]);
    constraints.push_back({asked.prefix, asked.must, asked.must_not, asked.allowed});
  }
  if (std::ranges::all_of(constraints, &OutputConstraints::empty)) constraints.clear();
  return translator_.translate(sentences, how, features, constraints);
}

namespace {

/// Of a sentence that is too long.
std::string what_is_read(const Translated& translated, int most) {
  const std::size_t front = TextSide::front(translated.source, most).size();
  return front == translated.source.size()
             ? fmt::format("{} tokens; the first {} are translated", translated.tokens_cut + most, most)
             : fmt::format("{} bytes; tokens of the first {} are translated", translated.source.size(), front);
}

}  // namespace

void LineStream::answer() {
  std::string text;
  std::vector<Translated> all = translate();
  for (std::size_t i = 0; i < all.size(); ++i, ++answered_) {
    Translated& translated = all[i];
    if (translated.tokens_cut > 0) {
      app::warn(fmt::format("{}:{}: the sentence has {} (--max-length)", shown(command_.input), in_file(answered_ + 1),
                            what_is_read(translated, options_.max_source_tokens)));
    }
    cut_ += translated.translations.front().cut ? 1 : 0;
    unknown_.add(translated);
    if (command_.merge_subwords) translated = heed::merge_subwords(std::move(translated));
    weights_.add(translated);
    if (!translated.fault.empty()) {
      warn_of_fault(answered_ + 1, translated.fault);
      bad_.emplace(i, to_error_line(translated.source, translated.fault));
    }
    const auto bad = bad_.find(i);
    const long number = command_.numbers_lines() ? in_file(answered_) : answered_;
    text += bad != bad_.end() && command_.json ? bad->second : command_.print(translated, number, out_);
  }
  out_.write(text);
  continuation_.add(static_cast<long>(block_.size()));
  progress_.add(static_cast<long>(block_.size()), bytes_);
  bytes_ = 0;
  block_.clear();
  features_.clear();
  requests_.clear();
  bad_.clear();
}

}  // namespace heed::app
