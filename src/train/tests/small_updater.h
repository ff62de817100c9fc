#pragma once
#include <memory>
#include <string>
#include <vector>

#include "heed/base/rng.h"
#include "heed/model/seq2seq.h"
#include "heed/train/updater.h"
#include "kept_ids.h"

namespace heed {

inline constexpr int kVocabulary = 19;

inline ModelOptions small_model(const std::string& attention, double dropout) {
  ModelOptions out;
  out.embedding = 6;
  out.encoder_hidden = out.decoder_hidden = 8;
  out.encoder_layers = out.decoder_layers = 2;
  out.attention.kind = attention;
  out.attention.noise = 0;  // is drawn for each worker
  out.dropout = dropout;
  return out;
}

inline std::vector<Example> random_examples(int count, std::uint64_t seed, int longest = 9) {
  Rng rng(seed);
  std::vector<Example> out(static_cast<std::size_t>(count));
  for (Example& example : out) {
    for (std::span<const int>* side : {&example.source, &example.target}) {
      std::vector<int> ids(1 + rng.below(longest));
      for (int& id : ids) id = 3 + static_cast<int>(rng.below(kVocabulary - 3));
      *side = kept(std::move(ids));
    }
  }
  return out;
}

// A model with what trains it.
struct Training {
  /// `frozen`: what begins with it is not trained.
  Training(int workers, const std::string& optimizer_name, const ModelOptions& options, const UpdaterOptions& how = {},
           const std::string& frozen = "")
      : model(options, SourceTables(kVocabulary), kVocabulary, 7),
        frozen_arrays(freeze_arrays(model, frozen)),
        optimizer(make_optimizer({.kind = optimizer_name}, model.parameters())),
        pool(workers),
        updater(model, *optimizer, pool, how) {}

  UpdateResult update(const std::vector<Example>& examples, const UpdateOptions& options) {
    return updater.update(examples, options);
  }
  std::vector<float> weights() const {
    std::vector<float> out;
    for (const Parameter* parameter : model.parameters().all()) {
      const Tensor& value = parameter->value.view();
      out.insert(out.end(), value.data, value.data + value.size());
    }
    return out;
  }

  static int freeze_arrays(Seq2Seq& model, const std::string& frozen) {
    int out = 0;
    for (Parameter* parameter : model.parameters().all()) {
      parameter->frozen = !frozen.empty() && parameter->name.starts_with(frozen);
      out += parameter->frozen ? 1 : 0;
    }
    return out;
  }

  Seq2Seq model;
  int frozen_arrays;
  std::unique_ptr<Optimizer> optimizer;
  WorkerPool pool;
  Updater updater;
};

}  // namespace heed
