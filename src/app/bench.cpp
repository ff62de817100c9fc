#include "heed/bench/bench.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <memory>

#include "commands.h"
#include "common_options.h"
#include "heed/base/error.h"
#include "heed/nn/cell.h"
#include "heed/products/precision.h"
#include "in_ranks.h"
#include "messages.h"
#include "output.h"

namespace heed::app {
namespace {

void write_line(const std::string& figures) { Output("").write(figures + "\n"); }

void add_model_flags(CLI::App& command, bench::ModelSizes& options) {
  command.add_option("--vocabulary", options.vocabulary, "tokens of each side")
      ->check(in_range(4, 10000000))
      ->capture_default_str();
  command.add_option("--embedding", options.embedding, "width of the embeddings")
      ->check(in_range(1, 65536))
      ->capture_default_str();
  command.add_option("--hidden", options.hidden, "width of the decoder; each direction of the encoder has half of it")
      ->check(in_range(2, 65536))
      ->capture_default_str();
  command.add_option("--layers", options.layers, "layers of encoder and decoder")
      ->check(in_range(1, 64))
      ->capture_default_str();
  command.add_option("--batch", options.batch, "sentences at a time")->check(in_range(1, 65536))->capture_default_str();
  command.add_option("--source-length", options.source_length, "source tokens, EOS included")
      ->check(in_range(1, 100000))
      ->capture_default_str();
  command.add_option("--target-length", options.target_length, "target tokens, EOS included")
      ->check(in_range(1, 100000))
      ->capture_default_str();
  command.add_option("--attention", options.attention, "a name of heed list attentions")->capture_default_str();
  command.add_option("--cell", options.cell, "of encoder and decoder: a name of heed list cells")
      ->check(one_of(cell_names()))
      ->capture_default_str();
  command.add_option("--precision", options.precision, "precision of the products; int8 for translation only")
      ->check(one_of(precision_names()))
      ->capture_default_str();
  command.add_option("--threads", options.threads, "workers")->check(in_range(1, 256))->capture_default_str();
}

void add_profile(CLI::App& command, bool& profile) {
  command.add_flag("--profile", profile,
                   "instead of JSON, tables of where the time goes: products by shape beside the best way for each, "
                   "other work, memory; of translation as one thread does it");
}

void add_training(CLI::App& app) {
  CLI::App* command = app.add_subcommand("train", "training updates with Adam, input feeding and clipping");
  auto options = std::make_shared<bench::TrainingBench>();
  add_model_flags(*command, options->model);
  command->add_option("--accumulate", options->accumulate, "gradient accumulation steps for each batch")
      ->check(in_range(1, 1024))
      ->capture_default_str();
  command->add_option("--updates", options->updates, "updates that are timed, after 3 that are not")
      ->check(in_range(1, 1000000))
      ->capture_default_str();
  add_profile(*command, options->profile);
  command->callback([options] {
    in_ranks([&](Ranks* ranks) {
      if (ranks != nullptr && options->profile)
        throw UsageError("--profile: one process alone tells where its time goes");
      options->ranks = ranks;
      const std::string line = measure_training(*options);
      if (!line.empty()) write_line(line);
    });
  });
}

void add_decoding(CLI::App& app) {
  CLI::App* command = app.add_subcommand("translate", "decoding of sentences of a forced length");
  auto options = std::make_shared<bench::DecodingBench>();
  add_model_flags(*command, options->model);
  command->add_option("--beam", options->beam, "hypotheses that are kept; 1 is greedy")
      ->check(in_range(1, 1000))
      ->capture_default_str();
  command->add_option("--sentences", options->sentences, "sentences that are timed")
      ->check(in_range(1, 10000000))
      ->capture_default_str();
  add_profile(*command, options->profile);
  command->callback([options] { write_line(measure_decoding(*options)); });
}

void add_attention(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "attention", "each mechanism's time and memory per target token, forward and backward, by the source's length");
  auto options = std::make_shared<bench::AttentionBench>();
  command->add_option("--attention", options->kinds, "names of heed list attentions (default: all)")->delimiter(',');
  command->add_option("--source-lengths", options->source_lengths, "source tokens, rising")
      ->delimiter(',')
      ->check(in_range(1, 100000))
      ->capture_default_str();
  command->add_option("--hidden", options->hidden, "width of queries and states")
      ->check(in_range(2, 65536))
      ->capture_default_str();
  command->add_option("--batch", options->batch, "sentences at a time")
      ->check(in_range(1, 65536))
      ->capture_default_str();
  command->add_option("--target-length", options->target_length, "steps")
      ->check(in_range(1, 100000))
      ->capture_default_str();
  command->add_option("--vocabulary", options->vocabulary, "of the model whose update is measured")
      ->check(in_range(4, 10000000))
      ->capture_default_str();
  command->add_option("--repetitions", options->repetitions, "medians of this many, after one untimed")
      ->check(in_range(1, 1000000))
      ->capture_default_str();
  command->add_flag("!--no-updates", options->updates, "leave out the share of a whole update");
  command->callback([options, command] {
    if (std::ranges::adjacent_find(options->source_lengths, std::greater_equal()) != options->source_lengths.end()) {
      throw UsageError("--source-lengths have to rise, for the growth from one to the next");
    }
    refuse_idle(*command, "--vocabulary", !options->updates, "with --no-updates: it is of the updates' model");
    options->begins = [](const std::string& kind, int length) {
      tell(fmt::format("{}: {} source tokens\n", kind, length));
    };
    write_line(measure_attention(*options));
  });
}

}  // namespace

void add_bench(CLI::App& app) {
  CLI::App* bench = app.add_subcommand("bench", "measure speed and memory on random data");
  bench->require_subcommand(1);
  add_training(*bench);
  add_decoding(*bench);
  add_attention(*bench);
}

}  // namespace heed::app
