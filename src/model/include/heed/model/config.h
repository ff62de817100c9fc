#pragma once
#include <string>
#include <vector>

#include "heed/base/settings.h"
#include "heed/text/corpus.h"
#include "heed/text/text_side.h"

namespace heed {

struct DataOptions {
  CorpusFiles train;
  CorpusFiles validation;
  TextOptions source;
  TextOptions target;
};

struct ModelOptions {
  int embedding = 256;  ///< width of the embeddings of both sides
  std::string encoder_cell = "lstm";
  int encoder_layers = 1;
  int encoder_hidden = 512;  ///< width of its states; each direction of a bidirectional encoder has half of it
  bool bidirectional = true;
  std::string decoder_cell = "lstm";
  int decoder_layers = 1;
  int decoder_hidden = 512;
  bool input_feeding = true;  ///< the attentional vector of the step before enters the cell (Luong et al. 2015, 3.3)
  std::string attention = "bahdanau";  ///< a name of `heed list attentions`
  double dropout = 0.2;                ///< on embeddings, between layers, and before the output layer
};

struct TrainingOptions {
  std::string optimizer = "adam";
  double learning_rate = 0.001;
  int batch_sentences = 64;
  int batch_tokens = 0;  ///< > 0: at most this many target tokens in a batch, instead of batch_sentences
  int epochs = 20;
  double max_minutes = 0;  ///< > 0: stop in good order after so many minutes
  double clip_norm = 1.0;  ///< 0: no clipping
  double label_smoothing = 0;
  double decay = 0.5;      ///< factor of the learning rate when validation perplexity has not improved
  int decay_patience = 0;  ///< validations without improvement that are let pass before decaying
  double decay_after_minutes =
      0;  ///< > 0, with max_minutes: from then on the rate falls linearly to `final_rate` of it
  double final_rate = 0.05;
  int early_stop = 0;            ///< > 0: stop after so many validations without a better `best_by`
  std::string best_by = "bleu";  ///< which bundle is kept: bleu | perplexity | accuracy
  int seed = 1;
  std::string precision = "float32";
  int threads = 2;               ///< data-parallel workers, each with its part of every batch
  int validation_sentences = 0;  ///< > 0: BLEU on so many sentences only
};

/// A whole run, as `heed train` reads it and as every bundle keeps it (config.yaml).
struct Config {
  static constexpr int kFormatVersion = 1;

  int format_version = kFormatVersion;
  DataOptions data;
  ModelOptions model;
  TrainingOptions training;
  std::string output = "runs/model";

  /// The table of all keys, bound to this object. Keep the object where it is while the table is in use.
  Settings settings();
  /// Reads a file and "key=value" overrides. Throws UsageError as Settings does, and for values that do not go
  /// together.
  static Config load(const std::string& path, const std::vector<std::string>& overrides);
  /// Throws UsageError for values that do not go together.
  void check() const;
  std::string to_yaml() const;
};

}  // namespace heed
