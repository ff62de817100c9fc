#include "heed/model/config.h"

#include "fmt/format.h"
#include "heed/base/error.h"
#include "heed/nn/attention.h"

namespace heed {
namespace {

constexpr double kMost = 1e9;

void describe_model(Settings& settings, ModelOptions& model) {
  std::vector<std::string> attentions;
  for (const AttentionKind& kind : attention_kinds()) attentions.push_back(kind.name);
  settings.integer("model.embedding", &model.embedding, {1, 65536}, "width of the embeddings of both sides");
  settings.choice("model.encoder.cell", &model.encoder_cell, {"lstm"}, "recurrent cell of the encoder");
  settings.integer("model.encoder.layers", &model.encoder_layers, {1, 64}, "layers of the encoder");
  settings.integer("model.encoder.hidden", &model.encoder_hidden, {1, 65536},
                   "width of the encoder's states, both directions together");
  settings.boolean("model.encoder.bidirectional", &model.bidirectional, "read the source from both ends");
  settings.choice("model.decoder.cell", &model.decoder_cell, {"lstm"}, "recurrent cell of the decoder");
  settings.integer("model.decoder.layers", &model.decoder_layers, {1, 64}, "layers of the decoder");
  settings.integer("model.decoder.hidden", &model.decoder_hidden, {1, 65536}, "width of the decoder's states");
  settings.boolean("model.decoder.input_feeding", &model.input_feeding,
                   "feed the attentional vector of the step before into the cell");
  settings.choice("model.attention.kind", &model.attention, attentions, "attention mechanism (heed list attentions)");
  settings.real("model.dropout", &model.dropout, {0, 0.95}, "share of dropped units");
}

void describe_training(Settings& settings, TrainingOptions& training) {
  settings.choice("training.optimizer", &training.optimizer, {"adam", "sgd"}, "how gradients change weights");
  settings.real("training.learning_rate", &training.learning_rate, {1e-12, 100}, "learning rate at the start");
  settings.integer("training.batch_sentences", &training.batch_sentences, {1, 65536}, "sentences in a batch");
  settings.integer("training.batch_tokens", &training.batch_tokens, {0, 1e7},
                   "if not 0: at most so many target tokens in a batch, instead of batch_sentences");
  settings.integer("training.epochs", &training.epochs, {1, 100000}, "passes over the training data");
  settings.real("training.max_minutes", &training.max_minutes, {0, kMost},
                "if not 0: stop in good order after so long");
  settings.real("training.clip_norm", &training.clip_norm, {0, kMost}, "largest norm of the gradient; 0: no limit");
  settings.real("training.label_smoothing", &training.label_smoothing, {0, 0.9},
                "share of the target that is spread over the vocabulary");
  settings.real("training.decay", &training.decay, {0.01, 1}, "factor of the learning rate on a plateau");
  settings.integer("training.decay_patience", &training.decay_patience, {0, 1000},
                   "validations without better perplexity before the learning rate decays");
  settings.real("training.decay_after_minutes", &training.decay_after_minutes, {0, kMost},
                "with max_minutes: from then on the learning rate falls linearly to final_rate of it");
  settings.real("training.final_rate", &training.final_rate, {0, 1}, "see decay_after_minutes");
  settings.integer("training.early_stop", &training.early_stop, {0, 1000},
                   "if not 0: stop after so many validations without a better best_by");
  settings.choice("training.best_by", &training.best_by, {"bleu", "perplexity", "accuracy"},
                  "which bundle is kept as the best");
  settings.integer("training.seed", &training.seed, {0, 2147483647}, "seed of every random choice");
  settings.choice("training.precision", &training.precision, {"float32"}, "numbers of the matrix products");
  settings.integer("training.threads", &training.threads, {1, 256}, "workers, each with a part of every batch");
  settings.integer("training.validation_sentences", &training.validation_sentences, {0, 1e9},
                   "if not 0: BLEU on so many sentences only");
}

}  // namespace

Settings Config::settings() {
  Settings out;
  out.integer("format_version", &format_version, {1, kFormatVersion}, "version of the bundle's format");
  data.train.describe(out, "data.train");
  data.validation.describe(out, "data.validation");
  data.source.describe(out, "data.source");
  data.target.describe(out, "data.target");
  describe_model(out, model);
  describe_training(out, training);
  out.text("output", &output, "directory of the run; the best model is its bundle");
  return out;
}

Config Config::load(const std::string& path, const std::vector<std::string>& overrides) {
  Config config;
  Settings settings = config.settings();
  settings.load_file(path);
  for (const std::string& assignment : overrides) settings.set(assignment);
  config.check();
  return config;
}

void Config::check() const {
  if (model.bidirectional && model.encoder_hidden % 2 != 0) {
    throw UsageError(
        fmt::format("model.encoder.hidden is {}, but a bidirectional encoder gives half of it to each direction: take "
                    "an even number",
                    model.encoder_hidden));
  }
  if (training.decay_after_minutes > 0 && training.max_minutes <= training.decay_after_minutes) {
    throw UsageError("training.decay_after_minutes needs a training.max_minutes that is longer");
  }
}

std::string Config::to_yaml() const {
  Config copy = *this;
  return copy.settings().to_yaml();
}

}  // namespace heed
