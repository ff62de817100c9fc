#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "bench_commands.h"
#include "commands.h"
#include "heed/base/atomic_file.h"
#include "heed/model/context_entry.h"
#include "heed/model/encoder.h"
#include "heed/model/seq2seq.h"
#include "heed/nn/cell.h"
#include "heed/tensor/work_clock.h"
#include "heed/train/updater.h"
#include "heed/translate/translator.h"
#include "machine_rate.h"
#include "measure.h"
#include "output.h"

namespace heed::app {
namespace {

struct BenchOptions {
  int vocabulary = 8000;
  int embedding = 512;
  int hidden = 512;
  int layers = 2;
  int batch = 64;
  int source_length = 26;
  int target_length = 26;
  std::string attention = "luong-general";
  std::string cell = "lstm";
  std::string precision = "float32";
  int threads = 2;
  int accumulate = 1;
  int updates = 20;
  int beam = 1;
  int sentences = 50;
};

ModelOptions model_options(const BenchOptions& options) {
  ModelOptions model;
  model.embedding = options.embedding;
  model.encoder_hidden = model.decoder_hidden = options.hidden;
  model.encoder_layers = model.decoder_layers = options.layers;
  model.encoder_cell = model.decoder_cell = options.cell;
  model.attention.kind = options.attention;
  Config config;
  config.model = model;
  config.check();
  model.dropout = 0;
  return model;
}

std::vector<Example> examples_of(const BenchOptions& options, int count) {
  return random_examples({options.vocabulary, options.source_length, options.target_length}, count);
}

// What threads do; what is left of their time they wait for each other.
nlohmann::ordered_json work_shares(const std::array<double, 4>& seconds, double total) {
  const auto share = [&](Work work) { return seconds[static_cast<std::size_t>(work)] / total; };
  double known = 0;
  for (const double part : seconds) known += part;
  return {{"products", share(Work::kProduct)},
          {"vector", share(Work::kVector)},
          {"memory", share(Work::kMemory)},
          {"overhead", share(Work::kOverhead)},
          {"waiting", 1 - known / total}};
}

nlohmann::ordered_json work_shares(Updater& updater, std::span<const Example* const> batch, int threads) {
  constexpr int kUpdates = 5;
  std::array<double, 4> seconds{};
  const auto start = Clock::now();
  for (int i = 0; i < kUpdates; ++i) updater.update_measured(batch, {}, seconds);
  return work_shares(seconds, seconds_since(start) * threads);
}

// What one thread does while it translates.
nlohmann::ordered_json work_shares(const Translator& translator, std::span<const std::string> sentences,
                                   TranslateOptions translate) {
  translate.threads = 1;
  translator.translate(sentences, translate);  // its scorer is made
  std::array<double, 4> seconds{};
  const auto start = Clock::now();
  WorkClock clock;
  translator.translate(sentences, translate);
  clock.turn_to(Work::kOverhead);
  const double total = seconds_since(start);
  for (std::size_t work = 0; work < seconds.size(); ++work) seconds[work] = clock.seconds(static_cast<Work>(work));
  return work_shares(seconds, total);
}

void bench_train(const BenchOptions& options) {
  constexpr int kWarmUp = 3;
  Seq2Seq model(model_options(options), options.vocabulary, options.vocabulary, 1);
  const auto optimizer = make_optimizer("adam", model.parameters());
  WorkerPool pool(options.threads);
  const Precision precision = find_precision(options.precision);
  Updater updater(model, *optimizer, pool, {precision, options.accumulate});
  const std::vector<Example> examples = examples_of(options, options.batch);
  std::vector<const Example*> batch;
  batch.reserve(examples.size());
  for (const Example& example : examples) batch.push_back(&example);
  std::vector<double> seconds;
  UpdateResult result;
  for (int i = 0; i < kWarmUp + options.updates; ++i) {
    const auto start = Clock::now();
    result = updater.update(batch, {});
    if (i >= kWarmUp) seconds.push_back(seconds_since(start));
  }
  const double median = percentile(seconds, 0.5);
  const nlohmann::ordered_json shares = work_shares(updater, batch, options.threads);
  const double flops = update_flops(model, options.batch, options.source_length, options.target_length);
  const long peak = peak_memory_bytes();
  const nlohmann::ordered_json out = {
      {"attention", options.attention},
      {"cell", options.cell},
      {"precision", options.precision},
      {"threads", options.threads},
      {"parameters", model.parameter_count()},
      {"target_tokens_per_second", static_cast<double>(result.target_tokens) / median},
      {"milliseconds_per_update", median * 1e3},
      {"gflop_per_update", flops * 1e-9},
      {"gflops", flops * 1e-9 / median},
      {"gemm_gflops", measure_matmul_gflops(precision, options.threads)},
      {"shares", shares},
      {"arena_bytes", updater.arena_bytes()},
      {"peak_memory_bytes", peak},
      {"loss", result.loss / static_cast<double>(result.target_tokens)},
  };
  Output("").write(out.dump() + "\n");
}

// A bundle of random weights, written and read back: what a user's process does before its first answer.
Bundle random_bundle(const BenchOptions& options, double& load_seconds) {
  Config config;
  const Precision precision = find_precision(options.precision);
  config.model = model_options(options);
  const TextSide side = TextSide::synthetic(options.vocabulary);
  config.data.source = config.data.target = side.options();
  const std::filesystem::path directory =
      std::filesystem::temp_directory_path() / ("heed-bench-" + std::to_string(getpid()));
  {
    const Seq2Seq model(config.model, options.vocabulary, options.vocabulary, 1);
    AtomicDirectory made(directory);
    write_bundle(made.path(), config, side, side, model,
                 precision == Precision::kInt8 ? precision : Precision::kFloat32);
    made.commit();
  }
  const auto start = Clock::now();
  Bundle bundle = Bundle::load(directory, precision);
  load_seconds = seconds_since(start);
  std::filesystem::remove_all(directory);
  return bundle;
}

void bench_translate(const BenchOptions& options) {
  double load_seconds = 0;
  const Translator translator({random_bundle(options, load_seconds)});
  TranslateOptions translate;
  translate.beam = options.beam;
  translate.batch_sentences = options.batch;
  translate.threads = options.threads;
  translate.forced_length = options.target_length;
  std::vector<std::string> sentences;
  for (const Example& example : examples_of(options, options.sentences)) {
    sentences.push_back(translator.bundle().source.decode(example.source));
  }
  // As many sentences at a time as all workers take together: the time of each such group, shared out over its
  // sentences.
  const std::size_t group = static_cast<std::size_t>(options.batch) * static_cast<std::size_t>(options.threads);
  std::vector<double> seconds;
  double total = 0;
  for (std::size_t at = 0; at < sentences.size(); at += group) {
    const std::size_t count = std::min(group, sentences.size() - at);
    const auto start = Clock::now();
    translator.translate(std::span(sentences).subspan(at, count), translate);
    const double elapsed = seconds_since(start);
    total += elapsed;
    seconds.push_back(elapsed / static_cast<double>(count));
  }
  const auto count = static_cast<double>(sentences.size());
  const auto shares = work_shares(translator, std::span(sentences).first(std::min(sentences.size(), group)), translate);
  const nlohmann::ordered_json out = {
      {"attention", options.attention},
      {"cell", options.cell},
      {"precision", options.precision},
      {"threads", options.threads},
      {"beam", options.beam},
      {"sentences_per_second", count / total},
      {"target_tokens_per_second", count * options.target_length / total},
      {"milliseconds_per_sentence", percentile(seconds, 0.5) * 1e3},
      {"milliseconds_per_sentence_p99", percentile(seconds, 0.99) * 1e3},
      {"load_milliseconds", load_seconds * 1e3},
      {"shares", shares},
      {"peak_memory_bytes", peak_memory_bytes()},
  };
  Output("").write(out.dump() + "\n");
}

void add_model_flags(CLI::App& command, BenchOptions& options) {
  command.add_option("--vocabulary", options.vocabulary, "tokens of each side")
      ->check(CLI::Range(4, 10000000))
      ->capture_default_str();
  command.add_option("--embedding", options.embedding, "width of the embeddings")
      ->check(CLI::Range(1, 65536))
      ->capture_default_str();
  command.add_option("--hidden", options.hidden, "width of the decoder; each direction of the encoder has half of it")
      ->check(CLI::Range(2, 65536))
      ->capture_default_str();
  command.add_option("--layers", options.layers, "layers of encoder and decoder")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  command.add_option("--batch", options.batch, "sentences at a time")
      ->check(CLI::Range(1, 65536))
      ->capture_default_str();
  command.add_option("--source-length", options.source_length, "source tokens, end mark included")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  command.add_option("--target-length", options.target_length, "target tokens, end mark included")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  command.add_option("--attention", options.attention, "a name of heed list attentions")->capture_default_str();
  command.add_option("--cell", options.cell, "of encoder and decoder: a name of heed list cells")
      ->check(CLI::IsMember(cell_names()))
      ->capture_default_str();
  command.add_option("--precision", options.precision, "numbers of the products; int8 for translation only")
      ->check(CLI::IsMember(precision_names()))
      ->capture_default_str();
  command.add_option("--threads", options.threads, "workers")->check(CLI::Range(1, 256))->capture_default_str();
}

}  // namespace

void add_bench(CLI::App& app) {
  CLI::App* bench = app.add_subcommand("bench", "measure speed and memory on random data");
  bench->require_subcommand(1);
  CLI::App* train = bench->add_subcommand("train", "training updates with Adam, input feeding and clipping");
  auto options = std::make_shared<BenchOptions>();
  add_model_flags(*train, *options);
  train->add_option("--accumulate", options->accumulate, "parts that each batch is computed in")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  train->add_option("--updates", options->updates, "updates that are timed, after 3 that are not")
      ->check(CLI::Range(1, 1000000))
      ->capture_default_str();
  train->callback([options] { bench_train(*options); });
  CLI::App* translate = bench->add_subcommand("translate", "decoding of sentences of a forced length");
  auto decoding = std::make_shared<BenchOptions>();
  decoding->batch = decoding->threads = 1;
  add_model_flags(*translate, *decoding);
  translate->add_option("--beam", decoding->beam, "hypotheses that are kept; 1 is greedy")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  translate->add_option("--sentences", decoding->sentences, "sentences that are timed")
      ->check(CLI::Range(1, 10000000))
      ->capture_default_str();
  translate->callback([decoding] { bench_translate(*decoding); });
  add_bench_attention(*bench);
}

}  // namespace heed::app
