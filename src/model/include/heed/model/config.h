#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "heed/base/export.h"
#include "heed/data/data_options.h"
#include "heed/nn/attention_options.h"
#include "heed/nn/initial_options.h"
#include "heed/optim/optimizer_options.h"

namespace HEED_API heed {

class Settings;

/// What is dropped in training, by place: shares of units. That of attention weights is AttentionOptions::dropout.
struct DropoutOptions {
  /// One rate for the places that model.dropout means where it is a number.
  DropoutOptions(double rate = 0.3) : source(rate), target(rate), encoder(rate), decoder(rate), output(rate) {}

  double source;            ///< on embeddings of source tokens
  double target;            ///< on embeddings of the tokens that the decoder reads
  double encoder;           ///< between layers of the encoder
  double memory = 0;        ///< on the encoder's states that attention and bridges read
  double decoder;           ///< between layers of the decoder
  double output;            ///< before the output layer
  double recurrent = 0;     ///< on recurrent states: one mask for all steps (Gal and Ghahramani 2016)
  double source_words = 0;  ///< of whole embeddings of source tokens (Sennrich et al. 2016, Edinburgh at WMT)
  double target_words = 0;  ///< of whole embeddings of the tokens that the decoder reads
};

struct ModelOptions {
  int embedding = 256;       ///< width of the embeddings of both sides
  int source_embedding = 0;  ///< of the source's alone; 0: embedding
  int target_embedding = 0;  ///< likewise
  std::string encoder_cell = "lstm";
  int encoder_layers = 1;
  int encoder_hidden = 256;            ///< width of its states; each direction of a bidirectional layer has half of it
  std::string bidirectional = "true";  ///< true | false | first: its first layer alone (Wu et al. 2016, section 3.2)
  bool encoder_residual = false;       ///< from the second layer on, h + x
  int encoder_cell_depth = 1;          ///< cells of a layer that each step goes through (Transitions)
  int encoder_pyramid = 0;             ///< the number of layers, from the second on, that join pairs of positions
  std::string decoder_cell = "lstm";
  int decoder_layers = 1;
  int decoder_hidden = 256;
  bool decoder_residual = false;
  int decoder_cell_depth = 1;    ///< likewise, without the second cell of a conditional entry
  std::string bridge = "dense";  ///< the decoder's first state: a name of `heed list bridges`
  /// The previous h~ enters the cell (Luong et al. 2015, 3.3); nothing: unless the context enters it
  /// (feeds_attentional()).
  std::optional<bool> input_feeding;
  bool deep_output = false;                      ///< the previous token's embedding enters h~ too (Pascanu et al. 2014)
  std::string context_gate = "none";             ///< of context and state in h~ (Combination)
  AttentionOptions attention = {.kind = kAuto};  ///< kind: auto is settled by choose_model() in training
  std::string attention_entry = kAuto;           ///< where the context goes: ContextEntry
  std::string attention_layers = "top";          ///< top | each: attention of the last decoder layer, or of each
  std::string attention_source = "top";  ///< top | all: states of the last encoder layer, or of all side by side
  std::string copy = "none";             ///< none | pointer-generator (See et al. 2017)
  std::string output = kAuto;            ///< from states to probabilities: a name of `heed list outputs`
  DropoutOptions dropout;
  InitialOptions initial;
  std::string pretrained_source;  ///< file of vectors of the source's tokens, which a new training begins with; or none
  std::string pretrained_target;  ///< likewise
  /// none | target | all: what the output layer shares its weights with; auto is none until a training settles it.
  std::string tied = kAuto;

  int source_columns() const { return source_embedding > 0 ? source_embedding : embedding; }
  int target_columns() const { return target_embedding > 0 ? target_embedding : embedding; }
  bool both_ways(int encoder_layer) const {
    return bidirectional == "true" || (only_first_both_ways() && encoder_layer == 0);
  }
  bool only_first_both_ways() const { return bidirectional == "first"; }
  /// Width of the states of one direction.
  int direction_hidden(int encoder_layer) const {
    return both_ways(encoder_layer) ? encoder_hidden / 2 : encoder_hidden;
  }
  /// Width of the last h~, which the output layer reads: a tied one is as wide as the embeddings.
  int output_columns() const { return ties_target() ? target_columns() : decoder_hidden; }
  bool ties_target() const { return tied == "target" || ties_both(); }
  bool ties_both() const { return tied == "all"; }
  bool attends_in_each_layer() const { return attention_layers == "each"; }
  bool attends_to_all_layers() const { return attention_source == "all"; }
  bool copies() const { return copy != "none"; }
  bool gates_context() const { return context_gate != "none"; }
};

/// How the learning rate goes on from training.learning_rate.
struct ScheduleOptions {
  /// auto | constant | plateau | halve | exponential | inverse-sqrt | linear | cosine (settled_schedule)
  std::string kind = kAuto;
  int warmup_updates = 0;          ///< so many updates climb to the learning rate, whatever the kind
  int total_updates = 0;           ///< of linear and cosine: where they end; 0: with training.epochs
  double decay = 0.5;              ///< factor of plateau, halve and exponential
  int patience = 1;                ///< of plateau: validations in a row that are no better and are let pass
  double threshold = 0.001;        ///< of plateau: share that a better one is better by
  std::string metric = kAuto;      ///< of plateau: perplexity, or a metric of texts; auto: best_by and perplexity
  bool back_to_best = false;       ///< of plateau: a decay goes on from the weights of the best validation
  double minimum = 1e-6;           ///< which no kind goes below
  std::string start = "0 epochs";  ///< of halve and exponential: an Interval, before which nothing falls
  std::string every = "1 epoch";   ///< of both: an Interval, after which the rate is `decay` times what it was
};

/// Tokens of the decoder's own that it reads in training, in the place of true ones (Bengio et al. 2015). The
/// probability goes from `start` to `end` in `updates`, as `kind` says, and stays there.
struct ScheduledSamplingOptions {
  std::string kind = "none";  ///< none | linear | exponential (fast at first) | inverse-sigmoid (slow, fast, slow)
  double start = 0;
  double end = 0.25;
  int updates = 10000;

  bool samples() const { return kind != "none"; }
};

/// Minimum-risk training (Shen et al. 2016) beside cross-entropy.
struct RiskOptions {
  double weight = 0;            ///< share of the risk in the loss; 0: none
  std::string metric = "bleu";  ///< of single sentences; the risk is what is missing to the best value
  int candidates = 8;
  bool sampled = true;       ///< candidates drawn from the model, or the best of beam search
  double sharpness = 0.005;  ///< exponent of their probabilities
};

/// Word-level distillation (Kim and Rush 2016, section 3.1).
struct DistillOptions {
  std::vector<std::string> teacher;  ///< bundles, whose mean probabilities are targets
  double weight = 0;                 ///< share of those in the loss
};

/// The bundle that a new training starts from.
struct StartOptions {
  std::string bundle;               ///< whose weights it begins with; empty: none
  std::string vocabulary = "keep";  ///< keep: that bundle's; new: made of the data, common tokens keep their rows
  bool optimizer = false;           ///< the optimizer goes on with the moments of that bundle's run

  bool keeps_vocabulary() const { return vocabulary == "keep"; }
  /// The bundle whose vocabularies are kept; empty: none.
  std::string kept_vocabulary() const { return keeps_vocabulary() ? bundle : ""; }
};

struct TrainingOptions {
  OptimizerOptions optimizer;
  double learning_rate = 0.002;
  int batch_sentences = 64;
  int batch_tokens = 0;  ///< > 0: instead, tokens of both sides in a batch (BatchingOptions)
  int accumulate = 1;    ///< gradient accumulation steps for each batch
  int epochs = 30;
  double max_minutes = 0;  ///< > 0: save and stop after this many minutes, summed over resumes
  double clip_norm = 1.0;  ///< 0: no clipping
  double clip_value = 0;   ///< > 0: largest number of the gradient, in the place of clip_norm
  /// Share of each target's distribution that is spread over the vocabulary (Szegedy et al. 2016); nothing: 0.1, or 0
  /// for an output that has none.
  std::optional<double> label_smoothing;
  double coverage_loss = 0;                 ///< factor of the coverage loss (See et al. 2017, equation 13)
  std::string coverage_start = "0 epochs";  ///< an Interval, after which it counts
  ScheduledSamplingOptions scheduled_sampling;
  double guided_alignment = 0;  ///< factor of the loss of attending elsewhere than to the links of the data
  RiskOptions risk;
  DistillOptions distill;
  std::vector<std::string> freeze;  ///< parameters that stay as they are: names, with '*' for any text
  ScheduleOptions schedule;
  int decay_after_epochs = 0;  ///< > 0: from then on the rate falls linearly, to `final_rate` of it with the last epoch
  double decay_after_minutes =
      0;  ///< > 0, with max_minutes: from then on the rate falls linearly to `final_rate` of it
  double final_rate = 0.05;
  int early_stop = 0;           ///< > 0: stop after this many validations without a better `best_by`
  std::string best_by = kAuto;  ///< what the bundle is kept by: perplexity or a metric; auto: by the targets' length
  std::vector<std::string> metrics = {kAuto};  ///< of validation; auto: perplexity, bleu, accuracy
  int seed = 1;
  std::string precision = "float32";
  int threads = 0;                         ///< of each process; 0: chosen by train()
  int workers = 0;                         ///< that a batch is split among; 0: the threads of all processes
  int groups = 0;                          ///< of workers that are summed by themselves; 0: the number of processes
  std::string wire = "float32";            ///< in which gradients go from one group to another
  std::optional<bool> sharded = {};        ///< each process has the moments of a part; none: where wire is float32
  int patience = 600;                      ///< seconds that a process waits for another one
  std::string validate_every = "1 epoch";  ///< an Interval; the end of a training is always validated
  std::string checkpoint_every =
      "10 minutes";  ///< an Interval: the state for resuming, apart from validation; 0: never
  StartOptions start_from;
  int max_skipped = 10;     ///< updates in a row that are not finite, or spikes, and are left out; one more is an error
  double spike_factor = 0;  ///< > 0: a gradient of so many times the usual norm is a spike
  int keep_last = 0;        ///< bundles of the newest validations that are kept in OUTPUT/checkpoints/UPDATE
  int keep_best = 0;        ///< and of the best ones, by best_by
  double average_decay =
      0.999;  ///< > 0: an exponential moving average of the weights is validated and kept, of so much
  int validation_sentences = 0;                  ///< > 0: metrics on this many sentences only
  int validation_beam = 1;                       ///< of validation's search; 1: greedy
  std::string validation_tokenize = kAuto;       ///< of its BLEU: a name of bleu_tokenizers(); auto: bleu_options()
  std::vector<std::string> validation_ensemble;  ///< bundles that translate with the model in validation
  int validation_samples = 4;                    ///< sentences whose translation and attention are kept for reports
  /// "false", "true" (event files in the folder `tensorboard` of the run), or a folder for them
  std::string tensorboard = "false";

  bool has_events_in_run() const { return tensorboard == "true"; }
};

/// The metrics of texts that a validation computes: those of training.metrics in their order, then best_by and what the
/// schedule looks at, each once.
std::vector<std::string> validation_metrics(const TrainingOptions& options);
/// " with 2 other models" of a training whose validation_ensemble has them; empty: it judges its model alone.
std::string ensemble_text(const TrainingOptions& options);

/// What people should know of a model, kept in its bundle. Plain text, which may have lines; empty where nothing is
/// said.
struct AboutOptions {
  static constexpr std::size_t kLongest = 10'000;  ///< bytes of each

  std::string licence;   ///< of the model: under which terms it may be used
  std::string source;    ///< of the data that it was trained on
  std::string citation;  ///< what to cite
  std::string text;      ///< all else
};

/// A whole run, as `heed train` reads it and as every bundle keeps it (config.yaml).
struct Config {
  static constexpr int kFormatVersion = 2;

  int format_version = kFormatVersion;
  DataOptions data;
  ModelOptions model;
  TrainingOptions training;
  std::string output = "runs/model";
  AboutOptions about;

  /// Whether both sides have to be cut into tokens alike.
  bool cuts_alike() const;
  /// The folder of this run's TensorBoard event files; empty without.
  std::string event_directory() const;

  /// Gives keys that a file of an earlier format lacks their value of then. Call it with the table that read the file;
  /// the config then has the present format.
  void adopt(const Settings& settings);
  /// The table of all keys, bound to this object, which must not move while the table is used.
  Settings settings();
  /// Reads a file and "key=value" overrides. Throws UsageError as Settings does, and for inconsistent values.
  static Config load(const std::string& path, const std::vector<std::string>& overrides);
  /// Throws UsageError for values that do not go together.
  void check() const;
  /// Throws UsageError for a key that differs from its default and has no effect beside the others. Bundles may have
  /// such keys; a new run may not.
  void check_effect() const;
  std::string to_yaml() const;
};

}  // namespace heed
