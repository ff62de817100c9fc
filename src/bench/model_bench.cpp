#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "heed/base/atomic_file.h"
#include "heed/base/error.h"
#include "heed/base/memory_use.h"
#include "heed/bench/bench.h"
#include "heed/model/encoder.h"
#include "heed/model/seq2seq.h"
#include "heed/ranks/ranks.h"
#include "heed/tensor/work_clock.h"
#include "heed/train/updater.h"
#include "heed/translate/translator.h"
#include "machine_rate.h"
#include "measure.h"
#include "profile.h"

namespace heed::bench {
namespace {

ModelOptions model_options(const ModelSizes& options) {
  ModelOptions model;
  model.embedding = options.embedding;
  model.encoder_hidden = model.decoder_hidden = options.hidden;
  model.encoder_layers = model.decoder_layers = options.layers;
  model.encoder_cell = model.decoder_cell = options.cell;
  model.attention.kind = options.attention;
  model.input_feeding = true;  // as PyTorch's twin
  Config config;
  config.model = model;
  config.check();
  model.dropout = 0;
  return model;
}

Examples examples_of(const ModelSizes& options, int count) {
  return random_examples({options.vocabulary, options.source_length, options.target_length}, count);
}

WorkSizes work_sizes(const ModelSizes& options, double sentences, double hypotheses) {
  return {sentences, static_cast<double>(options.source_length), static_cast<double>(options.target_length),
          hypotheses};
}

using Json = nlohmann::ordered_json;

Json work_shares(const WorkSeconds& seconds, double total) {
  const auto share = [&](WorkKind work) { return seconds[static_cast<std::size_t>(work)] / total; };
  return {{"products", share(WorkKind::kProduct)},
          {"vector", share(WorkKind::kVector)},
          {"memory", share(WorkKind::kMemory)},
          {"overhead", share(WorkKind::kOverhead)},
          {"waiting", share(WorkKind::kWaiting)}};
}

// Some updates in detail.
std::string profile_updates(const TrainingBench& bench, const Seq2Seq& model, WorkerPool& pool, Updater& updater,
                            std::span<const Example> batch) {
  const double peak = static_cast<double>(peak_resident_bytes());
  const Precision precision = find_precision(bench.model.precision);
  const auto start = Clock::now();
  PoolClocks clocks(pool, true);
  for (int i = 0; i < bench.updates; ++i) updater.update(batch, {});
  Profile profile{.units = static_cast<double>(bench.updates), .unit = "an update", .precision = precision};
  clocks.stop(&profile.details);
  profile.threads = pool.size();
  profile.thread_seconds = seconds_since(start) * pool.size();
  profile.thread_gflops = measure_matmul_gflops(precision, 1);
  const auto weights = static_cast<double>(sizeof(float)) * static_cast<double>(model.parameter_count());
  double packed = 0;
  for (const Parameter* parameter : model.parameters().all()) {
    for (const PackedWeights* each : {&parameter->forward, &parameter->backward}) {
      if (!each->empty()) packed += static_cast<double>(each->bytes());
    }
  }
  return describe(profile) + "\n" +
         describe_memory({{"weights", weights},
                          {"moments", 2 * weights},
                          {"gradient", weights},
                          {"packed weights", packed},
                          {"values of a batch", static_cast<double>(updater.arena_bytes())}},
                         peak);
}

// Sentences in detail, by one thread.
std::string profile_decoding(const DecodingBench& bench, const Translator& translator,
                             std::span<const std::string> sentences, TranslateOptions translate) {
  const Precision precision = find_precision(bench.model.precision);
  translate.threads = 1;
  translator.translate(sentences.first(1), translate);  // its scorer is made
  const auto start = Clock::now();
  WorkClock clock(true);
  translator.translate(sentences, translate);
  clock.stop();
  const double seconds = seconds_since(start);
  const double peak = static_cast<double>(peak_resident_bytes());
  return describe({.details = clock.details(),
                   .thread_seconds = seconds,
                   .units = static_cast<double>(sentences.size()),
                   .unit = "a sentence",
                   .precision = precision,
                   .thread_gflops = measure_matmul_gflops(precision, 1)}) +
         fmt::format("\nPeak memory: {:.0f} MB.\n", peak * 1e-6);
}

// What the threads of a pool do while some updates are computed.
Json work_shares(WorkerPool& pool, Updater& updater, std::span<const Example> batch) {
  constexpr int kUpdates = 5;
  const auto start = Clock::now();
  PoolClocks clocks(pool);
  for (int i = 0; i < kUpdates; ++i) updater.update(batch, {});
  const WorkSeconds seconds = clocks.stop();
  return work_shares(seconds, seconds_since(start) * pool.size());
}

// What one thread does while it translates.
Json work_shares(const Translator& translator, std::span<const std::string> sentences, TranslateOptions translate) {
  translate.threads = 1;
  translator.translate(sentences, translate);  // its scorer is made
  const auto start = Clock::now();
  WorkClock clock;
  translator.translate(sentences, translate);
  return work_shares(clock.stop(), seconds_since(start));
}

// Tokens "3", "4", ... with spaces between them.
TextSide numbered_side(int vocabulary) {
  std::vector<std::string> tokens = Vocabulary().tokens();
  for (int id = Vocabulary::kSpecials; id < vocabulary; ++id) tokens.push_back(std::to_string(id));
  return TextSide::of_vocabulary(Vocabulary::from_tokens(std::move(tokens), "numbers"));
}

// A name for a folder, which is removed with what was written there.
struct TemporaryFolder {
  TemporaryFolder() {
    std::error_code error;
    path = std::filesystem::temp_directory_path(error) / ("heed-bench-" + std::to_string(getpid()));
    if (error) {
      throw Error(ErrorKind::kSystem, "no folder for temporary files (TMPDIR): " + error.message());
    }
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::filesystem::path path;
};

// A bundle of random weights, written and read back: what a user's process does before its first answer.
Bundle random_bundle(const ModelSizes& options, double& load_seconds) {
  Config config;
  const Precision precision = find_precision(options.precision);
  config.model = model_options(options);
  const TextSide side = numbered_side(options.vocabulary);
  config.data.source = config.data.target = side.options();
  const TemporaryFolder folder;
  {
    const Seq2Seq model(config.model, SourceTables(options.vocabulary), options.vocabulary, 1);
    AtomicDirectory made(folder.path);
    write_bundle(made.path(), config, side, side, model,
                 precision == Precision::kInt8 ? precision : Precision::kFloat32);
    made.commit();
  }
  const auto start = Clock::now();
  Bundle bundle = Bundle::load(folder.path, precision);
  load_seconds = seconds_since(start);
  return bundle;
}

}  // namespace

namespace {

// Where rank 0 measures, the others compute with it.
std::string shared_elsewhere(WorkerPool& pool, Updater& updater, std::span<const Example> batch) {
  work_shares(pool, updater, batch);
  return "";
}

}  // namespace

std::string measure_training(const TrainingBench& bench) {
  const ModelSizes& options = bench.model;
  constexpr int kWarmUp = 3;
  Seq2Seq model(model_options(options), SourceTables(options.vocabulary), options.vocabulary, 1);
  const auto optimizer = make_optimizer({.kind = "adam"}, model.parameters());
  WorkerPool pool(options.threads);
  const Precision precision = find_precision(options.precision);
  Updater updater(model, *optimizer, pool,
                  {.precision = precision,
                   .parts = bench.accumulate,
                   .groups = bench.ranks != nullptr ? bench.ranks->size() : 1,
                   .sharded = true,
                   .ranks = bench.ranks});
  const Examples examples = examples_of(options, options.batch);
  const std::vector<Example> batch = examples.all();
  std::vector<double> seconds;
  UpdateResult result;
  for (int i = 0; i < kWarmUp + bench.updates; ++i) {
    const auto start = Clock::now();
    result = updater.update(batch, {});
    if (i >= kWarmUp) seconds.push_back(seconds_since(start));
  }
  if (bench.ranks != nullptr && !bench.ranks->leads()) return shared_elsewhere(pool, updater, batch);
  if (bench.profile) return profile_updates(bench, model, pool, updater, batch);
  const double median = percentile(seconds, 0.5);
  const Json shares = work_shares(pool, updater, batch);
  const double flops = update_flops(model, work_sizes(options, options.batch, 1));
  const auto peak = peak_resident_bytes();
  Json out = {
      {"attention", options.attention},
      {"cell", options.cell},
      {"precision", options.precision},
      {"threads", options.threads},
      {"parameters", model.parameter_count()},
      {"updates", seconds.size()},
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
  if (bench.ranks != nullptr) {
    out["processes"] = bench.ranks->size();
    out["bytes_per_update"] = std::llround(updater.bytes_sent());
  }
  return out.dump();
}

std::string measure_decoding(const DecodingBench& bench) {
  const ModelSizes& options = bench.model;
  double load_seconds = 0;
  const Translator translator({random_bundle(options, load_seconds)});
  TranslateOptions translate;
  translate.beam = bench.beam;
  translate.batch_sentences = options.batch;
  translate.threads = options.threads;
  translate.forced_length = options.target_length;
  std::vector<std::string> sentences;
  const Examples examples = examples_of(options, bench.sentences);
  for (const Example& example : examples.all()) {
    sentences.push_back(translator.bundle().source.decode(example.source));
  }
  if (bench.profile) return profile_decoding(bench, translator, sentences, translate);
  // As many sentences at a time as all workers take together: the time of each such group, shared out over its
  // sentences.
  const std::size_t group = static_cast<std::size_t>(options.batch) * static_cast<std::size_t>(options.threads);
  std::vector<double> seconds;
  double total = 0;
  double log_probability = 0;
  for (std::size_t at = 0; at < sentences.size(); at += group) {
    const std::size_t count = std::min(group, sentences.size() - at);
    const auto start = Clock::now();
    const std::vector<Translated> answers = translator.translate(std::span(sentences).subspan(at, count), translate);
    const double elapsed = seconds_since(start);
    total += elapsed;
    seconds.push_back(elapsed / static_cast<double>(count));
    for (const Translated& answer : answers) log_probability += answer.translations.front().log_probability;
  }
  const auto count = static_cast<double>(sentences.size());
  const auto peak = peak_resident_bytes();
  const double gflop = 1e-9 * decoding_flops(*translator.bundle().model, work_sizes(options, 1, bench.beam));
  const auto shares = work_shares(translator, std::span(sentences).first(std::min(sentences.size(), group)), translate);
  const Json out = {
      {"attention", options.attention},
      {"cell", options.cell},
      {"precision", options.precision},
      {"threads", options.threads},
      {"parameters", translator.bundle().model->parameter_count()},
      {"beam", bench.beam},
      {"sentences", sentences.size()},
      {"sentences_at_a_time", group},
      {"sentences_per_second", count / total},
      {"target_tokens_per_second", count * options.target_length / total},
      {"milliseconds_per_sentence", percentile(seconds, 0.5) * 1e3},
      {"milliseconds_per_sentence_p99", percentile(seconds, 0.99) * 1e3},
      {"load_milliseconds", load_seconds * 1e3},
      {"gflop_per_sentence", gflop},
      {"gflops", gflop / percentile(seconds, 0.5)},
      {"gemm_gflops", measure_matmul_gflops(find_precision(options.precision), options.threads)},
      {"shares", shares},
      {"peak_memory_bytes", peak},
      {"log_probability", log_probability / (count * options.target_length)},  // of a token
  };
  return out.dump();
}

}  // namespace heed::bench
