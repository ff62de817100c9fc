#include <algorithm>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>

#include "heed/base/error.h"
#include "heed/bench/bench.h"
#include "heed/model/encoder.h"
#include "heed/model/seq2seq.h"
#include "heed/tensor/worker_pool.h"
#include "heed/train/updater.h"
#include "measure.h"

namespace heed::bench {
namespace {

using Json = nlohmann::ordered_json;

Tensor random(Arena& arena, std::int64_t rows, std::int64_t columns, Rng& rng) {
  const Tensor out = arena.tensor(rows, columns);
  for (std::int64_t i = 0; i < out.size(); ++i) out.data[i] = static_cast<float>(rng.normal()) * 0.5F;
  return out;
}

// Seconds of one batch: the sources are prepared once, then each target token takes a step.
struct Cost {
  double prepare = 0;
  double forward = 0;
  double backward = 0;
};

Cost run_batch(const Attention& attention, const SentenceRows& sentences, Tape& tape, GradientStore& gradients,
               const AttentionBench& bench) {
  Arena& arena = tape.arena();
  Rng rng(1);
  const auto batch = static_cast<std::int64_t>(sentences.lengths.size());
  const Variable states = tape.variable(random(arena, batch * sentences.longest, bench.hidden, rng));
  const Variable queries = tape.variable(random(arena, batch * bench.target_length, bench.hidden, rng));
  std::vector<int> sentence(sentences.lengths.size());
  for (std::size_t i = 0; i < sentence.size(); ++i) sentence[i] = static_cast<int>(i);
  Cost cost;
  auto start = Clock::now();
  const AttentionMemory memory = attention.prepare(tape, {states, sentences});
  cost.prepare = seconds_since(start);
  start = Clock::now();
  AttentionTrace trace;
  std::vector<Variable> contexts;
  for (int t = 0; t < bench.target_length; ++t) {
    Attended attended = attention.attend(tape, {tape.view(queries, t * batch, batch), memory, sentence, trace});
    contexts.push_back(attended.context);
    trace = std::move(attended.trace);
  }
  cost.forward = seconds_since(start);
  if (!tape.recording()) return cost;
  for (const Variable& context : contexts) {
    const Tensor gradient = context.gradient();
    std::fill_n(gradient.data, gradient.size(), 1.0F);
  }
  start = Clock::now();
  tape.backward();
  gradients.collect(tape);
  cost.backward = seconds_since(start);
  return cost;
}

Json measure_steps(const AttentionBench& bench, const Attention& mechanism, ParameterList& parameters,
                   int source_length) {
  const int batch = bench.batch;
  std::vector<int> lengths(static_cast<std::size_t>(batch), source_length);
  std::vector<int> offsets;
  offsets.reserve(lengths.size());
  for (int b = 0; b < batch; ++b) offsets.push_back(b * source_length);
  GradientStore gradients(parameters);
  Arena arena;
  Tape tape(arena, true);
  std::vector<double> prepare;
  std::vector<double> forward;
  std::vector<double> backward;
  std::vector<double> decode;
  Arena decoding;  // of search: nothing is recorded, monotonic mechanisms decide
  for (int i = 0; i <= bench.repetitions; ++i) {
    arena.reset();
    tape.clear();
    const SentenceRows sentences{offsets, lengths, source_length};
    const Cost cost = run_batch(mechanism, sentences, tape, gradients, bench);
    decoding.reset();
    Tape unrecorded(decoding);
    const Cost step = run_batch(mechanism, sentences, unrecorded, gradients, bench);
    if (i == 0) continue;  // memory is taken, products are compiled
    prepare.push_back(cost.prepare);
    forward.push_back(cost.forward);
    backward.push_back(cost.backward);
    decode.push_back(step.forward);
  }
  const double tokens = static_cast<double>(batch) * bench.target_length;
  return {{"source_length", source_length},
          {"prepare_microseconds_per_sentence", percentile(prepare, 0.5) * 1e6 / batch},
          {"forward_microseconds_per_step", percentile(forward, 0.5) * 1e6 / tokens},
          {"backward_microseconds_per_step", percentile(backward, 0.5) * 1e6 / tokens},
          {"decode_microseconds_per_step", percentile(decode, 0.5) * 1e6 / tokens},
          {"bytes_per_step", static_cast<double>(arena.capacity()) / tokens}};
}

/// A whole model in training, one thread.
class Training {
 public:
  Training(const ModelOptions& options, const ExampleSizes& sizes, int batch)
      : model_(options, SourceTables(sizes.vocabulary), sizes.vocabulary, 1),
        optimizer_(make_optimizer({.kind = "adam"}, model_.parameters())),
        pool_(1),
        updater_(model_, *optimizer_, pool_),
        examples_(random_examples(sizes, batch)),
        batch_(examples_.all()) {}
  std::int64_t parameters() const { return model_.parameter_count(); }
  double seconds_of_update() {
    const auto start = Clock::now();
    updater_.update(batch_, {});
    return seconds_since(start);
  }

 private:
  Seq2Seq model_;
  std::unique_ptr<Optimizer> optimizer_;
  WorkerPool pool_;
  Updater updater_;
  Examples examples_;
  std::vector<Example> batch_;
};

/// An update with the mechanism beside one without attention, in turns: a machine's speed changes.
void measure_update(const AttentionBench& bench, const std::string& kind, int source_length, Json& out) {
  ModelOptions options;
  options.embedding = options.encoder_hidden = options.decoder_hidden = bench.hidden;
  options.attention.kind = kind;
  options.dropout = 0;
  Config config;
  config.model = options;
  config.check();
  ModelOptions none = options;
  none.attention.kind = "none";
  const ExampleSizes sizes{bench.vocabulary, source_length, bench.target_length};
  Training with(options, sizes, bench.batch);
  Training without(none, sizes, bench.batch);
  std::vector<double> seconds;
  std::vector<double> shares;
  for (int i = 0; i <= bench.repetitions; ++i) {
    const double alone = without.seconds_of_update();
    const double both = with.seconds_of_update();
    if (i == 0) continue;
    seconds.push_back(both);
    shares.push_back(1 - alone / both);
  }
  out["update_parameters"] = with.parameters();
  out["update_milliseconds"] = percentile(seconds, 0.5) * 1e3;
  out["share_of_update"] = percentile(shares, 0.5);
}

Json measure(const AttentionBench& bench, const AttentionKind& kind) {
  AttentionOptions options;
  options.hard = std::find(kind.reads.begin(), kind.reads.end(), "hard") != kind.reads.end();
  options.offset = 0;  // as if trained: monotonic ones stop at every other position
  const auto mechanism = kind.make("attention", {bench.hidden, bench.hidden}, options);
  Rng rng(1);
  initialize(*mechanism, rng);
  ParameterList parameters([&](const ParameterVisitor& visitor) { mechanism->visit(visitor); });
  parameters.pack(Precision::kFloat32, true);
  Json points = Json::array();
  for (const int length : bench.source_lengths) {
    if (bench.begins) bench.begins(kind.name, length);
    Json point = measure_steps(bench, *mechanism, parameters, length);
    if (bench.updates) measure_update(bench, kind.name, length, point);
    points.push_back(std::move(point));
  }
  Json out = {{"attention", kind.name}, {"parameters", parameters.total()}};
  // Time per step as a power of the source's length, from the two longest: 0 constant, 1 linear.
  if (points.size() > 1) {
    const auto exponent = [&](const char* what) {
      const Json& near = points[points.size() - 2];
      const Json& far = points[points.size() - 1];
      return std::log(far[what].get<double>() / near[what].get<double>()) /
             std::log(far["source_length"].get<double>() / near["source_length"].get<double>());
    };
    out["forward_growth"] = exponent("forward_microseconds_per_step");
    out["backward_growth"] = exponent("backward_microseconds_per_step");
    out["decode_growth"] = exponent("decode_microseconds_per_step");
  }
  out["points"] = std::move(points);
  return out;
}

}  // namespace

std::string measure_attention(const AttentionBench& bench) {
  Json mechanisms = Json::array();
  if (bench.kinds.empty()) {
    for (const AttentionKind& kind : attention_kinds()) {
      if (kind.make != nullptr) mechanisms.push_back(measure(bench, kind));
    }
  }
  for (const std::string& name : bench.kinds) {
    const AttentionKind& kind = find_attention(name);
    if (kind.make == nullptr) throw UsageError("attention 'none': there is nothing to measure");
    mechanisms.push_back(measure(bench, kind));
  }
  const Json out = {{"hidden", bench.hidden},
                    {"batch", bench.batch},
                    {"target_length", bench.target_length},
                    {"repetitions", bench.repetitions},
                    {"threads", 1},
                    {"precision", "float32"},
                    {"mechanisms", std::move(mechanisms)}};
  return out.dump();
}

}  // namespace heed::bench
