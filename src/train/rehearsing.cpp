#include "rehearsing.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <numeric>

#include "fmt/format.h"
#include "heed/base/memory_use.h"
#include "progress.h"
#include "validator.h"

namespace heed {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kPatience = 10;  // seconds for usual updates
constexpr std::size_t kFewestUpdates = 3;
constexpr std::size_t kMostUpdates = 50;
constexpr std::size_t kSentences = 32;  // of a worker, in the part of a validation

double seconds_of(const std::function<void()>& work) {
  const auto start = Clock::now();
  work();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::vector<RehearsedModule> modules_of(const ParameterList& parameters) {
  std::vector<RehearsedModule> out;
  for (const Parameter* parameter : parameters.all()) {
    const std::size_t dot = parameter->name.rfind('.');
    const std::string module = parameter->name.substr(0, dot);
    auto at = std::find_if(out.begin(), out.end(), [&](const RehearsedModule& each) { return each.name == module; });
    if (at == out.end()) at = out.insert(out.end(), {module, {}, 0});
    at->arrays.push_back(fmt::format("{} {} x {}", dot == std::string::npos ? "" : parameter->name.substr(dot + 1),
                                     parameter->rows(), parameter->columns()));
    at->parameters += parameter->size();
  }
  return out;
}

/// Of sentences of each length.
RehearsedSide side_of(const std::map<std::int64_t, std::int64_t>& lengths) {
  RehearsedSide out;
  std::int64_t sentences = 0;
  for (const auto& [length, count] : lengths) {
    sentences += count;
    out.tokens += length * count;
    out.longest = length;
  }
  if (sentences == 0) return out;
  out.mean = static_cast<double>(out.tokens) / static_cast<double>(sentences);
  std::int64_t shorter = (sentences * 95 + 99) / 100;
  for (const auto& [length, count] : lengths) {
    out.most_of_95 = length;
    shorter -= count;
    if (shorter <= 0) break;
  }
  return out;
}

RehearsedText text_of(const std::string& name, std::int64_t pairs, const LengthCounts& kept) {
  std::map<std::int64_t, std::int64_t> source, target;
  std::int64_t all = 0;
  for (const auto& [length, count] : kept.sorted()) {
    source[length.source] += count;
    target[length.target] += count;
    all += count;
  }
  return {name, pairs, all, side_of(source), side_of(target)};
}

LengthCounts counts_of(const Examples& examples, std::span<const std::size_t> kept) {
  LengthCounts out;
  for (const std::size_t i : kept)
    out.add({static_cast<int>(examples[i].source.size()), static_cast<int>(examples[i].target.size())});
  return out;
}

std::vector<RehearsedText> texts_of(const TrainingData& data) {
  std::vector<RehearsedText> out;
  std::size_t begin = 0;
  for (const ReadCorpus& corpus : data.corpora) {
    std::vector<std::size_t> places(data.cache ? 0 : static_cast<std::size_t>(corpus.kept));
    std::iota(places.begin(), places.end(), begin);
    begin += places.size();
    out.push_back(text_of(data.corpora.size() > 1 ? corpus.name : "train", corpus.pairs,
                          data.cache ? corpus.lengths : counts_of(data.train, places)));
  }
  const auto held_out = [&](const char* name, const HeldOut& text) {
    out.push_back(text_of(name, static_cast<std::int64_t>(text.text.size()), counts_of(text.examples, text.forced)));
  };
  held_out("validation", data.validation);
  if (!data.test.text.empty()) held_out("test", data.test);
  return out;
}

std::int64_t bytes_of(const Examples& examples) {
  std::size_t ids = 0;
  for (std::size_t i = 0; i < examples.size(); ++i) {
    const Example pair = examples[i];
    ids += pair.source.size() + pair.target.size() + pair.copies.size() + pair.links.size() + pair.features.size();
  }
  return static_cast<std::int64_t>(ids * sizeof(int) + examples.size() * 2 * sizeof(std::size_t));
}

std::int64_t bytes_of(const HeldOut& held_out) {
  std::size_t text = 0;
  for (const SentencePair& pair : held_out.text) {
    text += pair.source.size() + pair.target.size();
    for (const std::string& values : pair.features) text += values.size();
  }
  for (const auto& lines : held_out.references) {
    for (const std::string& line : lines) text += line.size();
  }
  return bytes_of(held_out.examples) + static_cast<std::int64_t>(text);
}

RehearsedMemory memory_of(const ReadyTraining& training) {
  RehearsedMemory out;
  constexpr std::int64_t kNumber = sizeof(float);
  const ParameterList& parameters = training.model->parameters();
  out.parameters = training.model->parameter_count() * kNumber;
  out.gradients = training.updater.gradient_bytes();
  for (const Parameter* parameter : parameters.all()) {
    for (const PackedWeights* packed : {&parameter->forward, &parameter->backward}) {
      if (!packed->empty()) out.packed += static_cast<std::int64_t>(packed->bytes());
    }
  }
  for (const auto& [name, tensor] : training.updater.state()) out.optimizer += tensor.size() * kNumber;
  out.activations = static_cast<std::int64_t>(training.updater.arena_bytes());
  out.data = bytes_of(training.batches.examples()) + bytes_of(training.data.validation) + bytes_of(training.data.test);
  out.save = std::max(out.parameters, out.optimizer);
  out.peak = peak_resident_bytes();
  return out;
}

struct BatchSize {
  std::int64_t source = 0, target = 0;  // tokens, EOS included
  std::int64_t weights = 0;             // of attention
  std::int64_t tokens() const { return source + target; }
};

BatchSize size_of(const Examples& examples, const std::vector<int>& batch) {
  BatchSize out;
  for (const Example& example : examples.at(batch)) {
    const auto source = static_cast<std::int64_t>(example.source.size()) + 1;
    const auto target = static_cast<std::int64_t>(example.target.size()) + 1;
    out.source += source;
    out.target += target;
    out.weights += source * target;
  }
  return out;
}

/// What takes most memory depends on the model: those batches that may, each once.
std::vector<std::size_t> largest(const std::vector<BatchSize>& sizes) {
  std::vector<std::size_t> out;
  for (const auto part : {&BatchSize::weights, &BatchSize::target, &BatchSize::source}) {
    const auto less = [&](const BatchSize& a, const BatchSize& b) { return a.*part < b.*part; };
    const auto at = static_cast<std::size_t>(std::max_element(sizes.begin(), sizes.end(), less) - sizes.begin());
    if (std::find(out.begin(), out.end(), at) == out.end()) out.push_back(at);
  }
  return out;
}

void measure_updates(const ReadyTraining& training, Rehearsal& out) {
  const std::span<const std::vector<int>> batches = training.batches.batches();
  std::vector<BatchSize> sizes;
  for (const std::vector<int>& batch : batches) sizes.push_back(size_of(training.batches.examples(), batch));
  std::size_t bytes = 0;
  for (const std::size_t at : largest(sizes)) {
    out.time.largest = std::max(out.time.largest, seconds_of([&] { training.update(batches[at]); }));
    if (training.updater.arena_bytes() <= bytes) continue;
    bytes = training.updater.arena_bytes();
    out.sentences = static_cast<int>(batches[at].size());
    out.source_tokens = sizes[at].source;
    out.target_tokens = sizes[at].target;
  }
  // Those of an epoch are in random order. A batch takes time as it has tokens, about.
  double seconds = 0;
  std::int64_t tokens = 0;
  const std::size_t most = std::min(kMostUpdates, sizes.size());
  for (std::size_t i = 0; i < most && (i < kFewestUpdates || seconds < kPatience); ++i) {
    const std::size_t at = i * sizes.size() / most;
    const double taken = seconds_of([&] { training.update(batches[at]); });
    out.time.largest = std::max(out.time.largest, taken);
    seconds += taken;
    tokens += sizes[at].tokens();
    ++out.time.measured;
  }
  std::int64_t all = 0;
  for (const BatchSize& size : sizes) all += size.tokens();
  out.time.updates = training.batches.size();
  out.time.update =
      seconds / static_cast<double>(tokens) * static_cast<double>(all) / static_cast<double>(sizes.size());
}

/// Some sentences from all over the text.
HeldOut part_of(const HeldOut& text, std::size_t count) {
  HeldOut out;
  out.references.resize(text.references.size());
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t at = i * text.text.size() / count;
    if (std::binary_search(text.forced.begin(), text.forced.end(), at)) out.forced.push_back(i);
    out.examples.add(text.examples[at]);
    out.text.push_back(text.text[at]);
    for (std::size_t r = 0; r < text.references.size(); ++r) out.references[r].push_back(text.references[r][at]);
  }
  return out;
}

/// The seconds of a validation. Weights that know nothing would translate up to the length limit: answers are as long
/// as the references are.
double validation_seconds(const ReadyTraining& training) {
  const HeldOut& text = training.data.validation;
  const auto threads = static_cast<std::size_t>(training.config.training.threads);
  const HeldOut part = part_of(text, std::min(text.text.size(), kSentences * threads));
  Config config = training.config;
  double source = 0, target = 0;
  for (std::size_t i = 0; i < text.examples.size(); ++i) {
    source += static_cast<double>(text.examples[i].source.size()) + 1;
    target += static_cast<double>(text.examples[i].target.size()) + 1;
  }
  config.data.max_output = fmt::format("x{:.3f}", std::max(target / source, 1e-3));
  config.training.validation_sentences = 0;
  const std::atomic<bool> stop = false;
  const auto judged = [&](const Config& how) {
    return seconds_of([&] {
      judge(part, {how, training.data, training.model, training.updater, training.ensemble}, stop);
    });
  };
  Config plain = config;
  plain.training.metrics = {kPerplexity};
  plain.training.best_by = kPerplexity;
  plain.training.schedule.kind = "constant";
  const double perplexity = judged(plain);
  const double translation = std::max(judged(config) - perplexity, 0.0);
  const auto all = static_cast<double>(text.text.size());
  const int limit = training.config.training.validation_sentences;
  const double translated = limit > 0 ? std::min(all, static_cast<double>(limit)) : all;
  return (perplexity * all + translation * translated) / static_cast<double>(part.text.size());
}

void measure_whole(const ReadyTraining& training, RehearsedTime& time) {
  const TrainingPosition& position = training.position;
  const auto batches = static_cast<double>(time.updates);
  double tokens = 0;
  const std::span<const std::vector<int>> measured = training.batches.batches();
  for (const std::vector<int>& batch : measured)
    tokens += static_cast<double>(size_of(training.batches.examples(), batch).target);
  const TrainingExtent now{position.epoch + position.batch / batches, static_cast<double>(position.updates),
                           position.tokens, position.seconds / 60};
  const TimeLeft left = time_left(training.config.training, position, now, batches,
                                  {time.update, tokens / static_cast<double>(measured.size()), time.validation});
  time.epochs = left.updates / batches;
  time.validations = left.validations;
  time.whole = left.seconds;
  time.cut = left.cut;
}

}  // namespace

Rehearsal rehearse(const ReadyTraining& training) {
  Rehearsal out;
  out.modules = modules_of(training.model->parameters());
  out.texts = texts_of(training.data);
  measure_updates(training, out);
  out.time.validation = validation_seconds(training);
  measure_whole(training, out.time);
  out.memory = memory_of(training);
  return out;
}

}  // namespace heed
