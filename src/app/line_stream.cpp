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

void LineStream::run() {
  SourceLines lines(command_.input, command_.input_format, translator_.bundle().config.data);
  ConstraintFiles constraints(command_.constraints);
  while (std::optional<ReadSource> line = lines.next()) {
    constraints.add_to(line->request, line->number);
    if (line->fault.empty()) line->fault = fault_of(line->request);
    line->fault.empty() ? add(std::move(*line)) : add_bad(*line);
  }
  if (!block_.empty()) answer();
  constraints.finish();
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
  if (block_.size() == lines_) answer();
}

void LineStream::add_bad(const ReadSource& line) {
  warn_of_fault(line.number, line.fault);
  bad_.emplace(block_.size(), to_error_line(line.source, line.fault));
  add({});
}

void LineStream::warn_of_fault(long line, const std::string& fault) const {
  if (command_.strict) throw Error::at({.file = shown(command_.input), .line = line}, fault);
  app::warn(fmt::format("{}:{}: {}; its answer is empty (--strict ends here)", shown(command_.input), line, fault));
}

/// Lines that ask for the same search go together; where what is drawn depends on their places, those that follow each
/// other.
std::vector<Translated> LineStream::translate() const {
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
    how.first_sentence = static_cast<std::uint64_t>(answered_) + lines.front();
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
      app::warn(fmt::format("{}:{}: the sentence has {} (--max-length)", shown(command_.input), answered_ + 1,
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
    text += bad != bad_.end() && command_.json ? bad->second : command_.print(translated, answered_, out_);
  }
  out_.write(text);
  progress_.add(static_cast<long>(block_.size()), bytes_);
  bytes_ = 0;
  block_.clear();
  features_.clear();
  requests_.clear();
  bad_.clear();
}

}  // namespace heed::app
