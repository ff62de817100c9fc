// model.dropout: each place alone.
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "heed/model/seq2seq.h"
#include "heed/train/updater.h"
#include "kept_ids.h"

namespace heed {
namespace {

constexpr int kDropoutWords = 19;

ModelOptions without_dropout(const std::string& attention) {
  ModelOptions out;
  out.embedding = 6;
  out.encoder_hidden = out.decoder_hidden = 8;
  out.encoder_layers = out.decoder_layers = 2;
  out.attention.kind = attention;
  out.attention.noise = 0;
  out.dropout = 0;
  return out;
}

std::vector<Example> drawn_examples(int count) {
  Rng rng(1700);
  std::vector<Example> out(static_cast<std::size_t>(count));
  for (Example& example : out) {
    for (std::span<const int>* side : {&example.source, &example.target}) {
      std::vector<int> ids(1 + rng.below(9));
      for (int& id : ids) id = 3 + static_cast<int>(rng.below(kDropoutWords - 3));
      *side = kept(std::move(ids));
    }
  }
  return out;
}

// Alone, in training and not in evaluation; recurrent dropout with each cell and a second one between them.
TEST(Dropout, IsInItsPlace) {
  const std::vector<Example> batch = drawn_examples(8);
  const auto losses = [&](const ModelOptions& options) {
    Seq2Seq model(options, SourceTables(kDropoutWords), kDropoutWords, 7);
    const auto optimizer = make_optimizer({.kind = "sgd"}, model.parameters());
    WorkerPool pool(1);
    Updater updater(model, *optimizer, pool);
    const double evaluated = updater.evaluate(batch).loss;
    return std::pair(updater.update(batch, {0.1, 0, 0, 1}).loss, evaluated);
  };
  const auto expect_effect = [&](const ModelOptions& without, const ModelOptions& with, const std::string& place) {
    const auto [usual, evaluated] = losses(without);
    const auto [dropped, same] = losses(with);
    EXPECT_EQ(same, evaluated) << place;
    EXPECT_GT(std::abs(dropped - usual), 1e-6 * usual) << place;
  };
  using Places = DropoutOptions;
  constexpr std::pair<const char*, double Places::*> kPlaces[] = {{"source", &Places::source},
                                                                  {"target", &Places::target},
                                                                  {"encoder", &Places::encoder},
                                                                  {"memory", &Places::memory},
                                                                  {"decoder", &Places::decoder},
                                                                  {"output", &Places::output},
                                                                  {"source words", &Places::source_words},
                                                                  {"target words", &Places::target_words}};
  const ModelOptions usual = without_dropout("bahdanau");
  for (const auto& [name, place] : kPlaces) {
    ModelOptions options = usual;
    options.dropout.*place = 0.5;
    expect_effect(usual, options, name);
  }
  for (const std::string& cell : cell_names()) {
    ModelOptions options = usual;
    options.encoder_cell = options.decoder_cell = cell;
    options.attention_entry = "conditional";
    ModelOptions dropping = options;
    dropping.dropout.recurrent = 0.5;
    expect_effect(options, dropping, "recurrent, " + cell);
  }
  for (const AttentionKind& kind : attention_kinds()) {
    ModelOptions options = without_dropout(kind.name);
    if (kind.make == nullptr || output_kind(options).sums_positions) continue;
    options.attention.dropout = 0.5;
    expect_effect(without_dropout(kind.name), options, "attention, " + kind.name);
  }
}

}  // namespace
}  // namespace heed
