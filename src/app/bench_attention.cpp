// heed bench attention: what each mechanism costs, by itself and as a part of an update.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>

#include "bench_commands.h"
#include "common_options.h"
#include "heed/base/error.h"
#include "heed/model/context_entry.h"
#include "heed/model/encoder.h"
#include "heed/tensor/worker_pool.h"
#include "heed/train/updater.h"
#include "measure.h"
#include "output.h"

namespace heed::app {
namespace {

using Json = nlohmann::ordered_json;

struct AttentionBench {
  std::vector<std::string> kinds;  // empty: all of the table
  std::vector<int> source_lengths = {10, 30, 100, 300, 1000};
  int hidden = 256;
  int batch = 16;
  int target_length = 20;
  int vocabulary = 1000;
  int repetitions = 5;
  bool updates = true;
  AttentionOptions attention;

  void run() const;
  Json measure(const AttentionKind& kind) const;
  Json measure_steps(const Attention& mechanism, ParameterList& parameters, int source_length) const;
  void measure_update(const std::string& kind, int source_length, Json& out) const;
};

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
               std::int64_t width, int steps) {
  Arena& arena = tape.arena();
  Rng rng(1);
  const auto batch = static_cast<std::int64_t>(sentences.lengths.size());
  const Variable states = tape.variable(random(arena, batch * sentences.longest, width, rng));
  const Variable queries = tape.variable(random(arena, batch * steps, width, rng));
  std::vector<int> sentence(sentences.lengths.size());
  for (std::size_t i = 0; i < sentence.size(); ++i) sentence[i] = static_cast<int>(i);
  Cost cost;
  auto start = Clock::now();
  const AttentionMemory memory = attention.prepare(tape, {states, sentences});
  cost.prepare = seconds_since(start);
  start = Clock::now();
  AttentionTrace trace;
  std::vector<Variable> contexts;
  for (int t = 0; t < steps; ++t) {
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

Json AttentionBench::measure_steps(const Attention& mechanism, ParameterList& parameters, int source_length) const {
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
  for (int i = 0; i <= repetitions; ++i) {
    arena.reset();
    tape.clear();
    const SentenceRows sentences{offsets, lengths, source_length};
    const Cost cost = run_batch(mechanism, sentences, tape, gradients, hidden, target_length);
    decoding.reset();
    Tape unrecorded(decoding);
    const Cost step = run_batch(mechanism, sentences, unrecorded, gradients, hidden, target_length);
    if (i == 0) continue;  // memory is taken, products are compiled
    prepare.push_back(cost.prepare);
    forward.push_back(cost.forward);
    backward.push_back(cost.backward);
    decode.push_back(step.forward);
  }
  const double tokens = static_cast<double>(batch) * target_length;
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
      : model_(options, sizes.vocabulary, sizes.vocabulary, 1),
        optimizer_(make_optimizer("adam", model_.parameters())),
        pool_(1),
        updater_(model_, *optimizer_, pool_),
        examples_(random_examples(sizes, batch)) {
    for (const Example& example : examples_) batch_.push_back(&example);
  }
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
  std::vector<Example> examples_;
  std::vector<const Example*> batch_;
};

/// An update with the mechanism beside one without attention, in turns: a machine's speed changes.
void AttentionBench::measure_update(const std::string& kind, int source_length, Json& out) const {
  ModelOptions options;
  options.embedding = options.encoder_hidden = options.decoder_hidden = hidden;
  options.attention = attention;
  options.attention.kind = kind;
  options.dropout = 0;
  Config config;
  config.model = options;
  config.check();
  ModelOptions none = options;
  none.attention.kind = "none";
  const ExampleSizes sizes{vocabulary, source_length, target_length};
  Training with(options, sizes, batch);
  Training without(none, sizes, batch);
  std::vector<double> seconds;
  std::vector<double> shares;
  for (int i = 0; i <= repetitions; ++i) {
    const double alone = without.seconds_of_update();
    const double both = with.seconds_of_update();
    if (i == 0) continue;
    seconds.push_back(both);
    shares.push_back(1 - alone / both);
  }
  out["update_milliseconds"] = percentile(seconds, 0.5) * 1e3;
  out["share_of_update"] = percentile(shares, 0.5);
}

Json AttentionBench::measure(const AttentionKind& kind) const {
  use_one_thread();
  AttentionOptions options = attention;
  options.hard = std::find(kind.reads.begin(), kind.reads.end(), "hard") != kind.reads.end();
  options.offset = 0;  // as if trained: monotonic ones stop at every other position
  const auto mechanism = kind.make("attention", {hidden, hidden}, options);
  Rng rng(1);
  initialize(*mechanism, rng);
  ParameterList parameters([&](const ParameterVisitor& visitor) { mechanism->visit(visitor); });
  parameters.pack(Precision::kFloat32, true);
  Json points = Json::array();
  for (const int length : source_lengths) {
    Json point = measure_steps(*mechanism, parameters, length);
    if (updates) measure_update(kind.name, length, point);
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

void AttentionBench::run() const {
  Json mechanisms = Json::array();
  if (kinds.empty()) {
    for (const AttentionKind& kind : attention_kinds()) {
      if (kind.make != nullptr) mechanisms.push_back(measure(kind));
    }
  }
  for (const std::string& name : kinds) {
    const AttentionKind& kind = find_attention(name);
    if (kind.make == nullptr) throw UsageError("--attention none: there is nothing to measure");
    mechanisms.push_back(measure(kind));
  }
  const Json out = {{"hidden", hidden}, {"batch", batch},         {"target_length", target_length},
                    {"threads", 1},     {"precision", "float32"}, {"mechanisms", std::move(mechanisms)}};
  Output("").write(out.dump() + "\n");
}

}  // namespace

void add_bench_attention(CLI::App& bench) {
  CLI::App* command = bench.add_subcommand(
      "attention", "each mechanism's time and memory per target token, forward and backward, by the source's length");
  auto options = std::make_shared<AttentionBench>();
  command->add_option("--attention", options->kinds, "names of heed list attentions (default: all)")->delimiter(',');
  command->add_option("--source-lengths", options->source_lengths, "source tokens, rising")
      ->delimiter(',')
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  command->add_option("--hidden", options->hidden, "width of queries and states")
      ->check(CLI::Range(2, 65536))
      ->capture_default_str();
  command->add_option("--batch", options->batch, "sentences at a time")
      ->check(CLI::Range(1, 65536))
      ->capture_default_str();
  command->add_option("--target-length", options->target_length, "steps")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  command->add_option("--vocabulary", options->vocabulary, "of the model whose update is measured")
      ->check(CLI::Range(4, 10000000))
      ->capture_default_str();
  command->add_option("--repetitions", options->repetitions, "medians of so many, after one that is not timed")
      ->check(CLI::Range(1, 1000000))
      ->capture_default_str();
  command->add_flag("!--no-updates", options->updates, "leave out the share of a whole update");
  command->callback([options, command] {
    refuse_idle(*command, "--vocabulary", !options->updates, "with --no-updates: it is of the updates' model");
    options->run();
  });
}

}  // namespace heed::app
