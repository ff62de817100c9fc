// The keys training.* of a config.
#include "training_keys.h"

#include "fmt/format.h"
#include "heed/base/error.h"
#include "heed/base/settings.h"
#include "heed/metrics/bleu.h"
#include "heed/metrics/registry.h"
#include "heed/model/config.h"
#include "heed/model/interval.h"
#include "heed/model/schedule.h"
#include "heed/optim/optimizer.h"

namespace heed {
namespace {

constexpr double kMost = 1e9;

/// Words, and the metrics of texts after them.
std::vector<std::string> validation_names(std::vector<std::string> first) {
  for (std::string& name : text_metrics()) first.push_back(std::move(name));
  return first;
}

void describe_optimizer(Settings& settings, OptimizerOptions& optimizer) {
  settings.choice("training.optimizer.kind", &optimizer.kind, optimizer_names(), "optimizer");
  settings.alias("training.optimizer", {"training.optimizer.kind"});
  settings.reals("training.optimizer.betas", &optimizer.betas, 2, {0, 0.999999},
                 "decay of the means of gradients and of their squares, of adam and adamw");
  settings.real("training.optimizer.epsilon", &optimizer.epsilon, {0, 1},
                "keeps divisions finite; 0: the optimizer's own, as PyTorch has it");
  settings.real("training.optimizer.momentum", &optimizer.momentum, {0, 0.999999},
                "what a velocity keeps of itself, of momentum and nesterov");
  settings.real("training.optimizer.rho", &optimizer.rho, {0, 0.999999},
                "what the mean of squares keeps of itself, of adadelta (0: 0.95) and rmsprop (0: 0.99)");
  settings.real("training.optimizer.initial_accumulator", &optimizer.initial_accumulator, {0, kMost},
                "what the sum of squares of adagrad begins with");
  settings.real("training.optimizer.weight_decay", &optimizer.weight_decay, {0, 1},
                "L2 of matrices, not of biases and other vectors; adamw's is decoupled from the gradient");
}

void describe_schedule(Settings& settings, ScheduleOptions& schedule) {
  settings.choice(
      "training.schedule.kind", &schedule.kind, schedule_names(),
      "how the learning rate goes on; auto: exponential, times 0.85 each epoch from 8 on, or the kind whose "
      "keys are set");
  settings.alias("training.schedule", {"training.schedule.kind"});
  settings.integer("training.schedule.warmup_updates", &schedule.warmup_updates, {0, kMost},
                   "updates that climb to the learning rate, whatever the kind");
  settings.integer("training.schedule.total_updates", &schedule.total_updates, {0, kMost},
                   "updates that linear and cosine fall in; 0: all of training.epochs");
  settings.real("training.schedule.decay", &schedule.decay, {0.01, 1},
                "factor of the learning rate, of plateau, halve and exponential");
  settings.integer("training.schedule.patience", &schedule.patience, {0, 1000},
                   "validations in a row without a better metric that plateau lets pass");
  settings.real("training.schedule.threshold", &schedule.threshold, {0, 0.5},
                "share that the metric of plateau has to be better by");
  settings.choice("training.schedule.metric", &schedule.metric, validation_names({kAuto, kPerplexity}),
                  "what plateau looks at; auto: best_by and perplexity");
  settings.boolean("training.schedule.back_to_best", &schedule.back_to_best,
                   "let plateau go on from the weights of the best validation when it decays");
  settings.real("training.schedule.minimum", &schedule.minimum, {0, 100}, "rate that no kind goes below");
  const auto check = [](const std::string& text) { (void)parse_interval(text); };
  settings.checked_text("training.schedule.start", &schedule.start, kIntervals, check,
                        "when halve and exponential begin");
  settings.checked_text("training.schedule.every", &schedule.every, kIntervals, check,
                        "after how much the rate of halve and exponential is decay times what it was");
  // Names of version 0.1.
  settings.alias("training.decay", {"training.schedule.decay"});
  settings.alias("training.decay_patience", {"training.schedule.patience"});
  settings.alias("training.minimum_rate", {"training.schedule.minimum"});
}

void describe_scheduled_sampling(Settings& settings, ScheduledSamplingOptions& sampling) {
  settings.choice("training.scheduled_sampling.kind", &sampling.kind, sampling_names(),
                  "how the probability rises that the decoder reads a token drawn from its own output");
  settings.alias("training.scheduled_sampling", {"training.scheduled_sampling.kind"});
  settings.real("training.scheduled_sampling.start", &sampling.start, {0, 1}, "that probability at the first update");
  settings.real("training.scheduled_sampling.end", &sampling.end, {0, 1}, "that probability in the end");
  settings.integer("training.scheduled_sampling.updates", &sampling.updates, {1, kMost}, "updates until then");
}

void describe_risk(Settings& settings, RiskOptions& risk) {
  settings.real("training.risk.weight", &risk.weight, {0, 1},
                "share of the loss that is the risk of the model's translations; the rest is cross-entropy");
  settings.choice("training.risk.metric", &risk.metric, text_metrics(), "metric of the sentences that the risk is of");
  settings.integer("training.risk.candidates", &risk.candidates, {2, 1000}, "translations of each sentence");
  settings.boolean("training.risk.sampled", &risk.sampled,
                   "draw them from the model's probabilities, and not the best ones of beam search");
  settings.real("training.risk.sharpness", &risk.sharpness, {1e-6, 100}, "exponent of their probabilities");
}

void describe_distill(Settings& settings, DistillOptions& distill) {
  settings.texts("training.distill.teacher", &distill.teacher,
                 "bundles with the same vocabularies whose mean probabilities are learned");
  settings.real("training.distill.weight", &distill.weight, {0, 1}, "share of the loss that is about them");
}

void describe_start(Settings& settings, StartOptions& start) {
  settings.text(
      "training.start_from.bundle", &start.bundle,
      "bundle whose weights a new training starts from; what the config does not say of model and texts is as "
      "in it");
  settings.alias("training.start_from", {"training.start_from.bundle"});
  settings.choice(
      "training.start_from.vocabulary", &start.vocabulary, {"keep", "new"},
      "keep: the bundle's tokenizers and vocabularies; new: made of the data, tokens that both have keep their "
      "weights");
  settings.alias("training.start_vocabulary", {"training.start_from.vocabulary"});
  settings.boolean("training.start_from.optimizer", &start.optimizer,
                   "let the optimizer go on with the moments of the bundle's run, which its training_state has");
}

void describe_updates(Settings& settings, TrainingOptions& training) {
  settings.real("training.learning_rate", &training.learning_rate, {1e-12, 100}, "learning rate at the start");
  settings.integer("training.batch_sentences", &training.batch_sentences, {1, 65536}, "sentences in a batch");
  settings.integer(
      "training.batch_tokens", &training.batch_tokens, {0, 1e7},
      "if not 0, instead of batch_sentences: most tokens that are computed in a batch, of both sides, EOS included");
  settings.integer(
      "training.accumulate", &training.accumulate, {1, 1024},
      "gradient accumulation steps for each batch: less memory, the same update (but for dropout, drawn in "
      "each step)");
  settings.integer("training.epochs", &training.epochs, {1, 100000}, "passes over the training data");
  settings.real("training.max_minutes", &training.max_minutes, {0, kMost},
                "if not 0: save and stop after this time, summed over resumes; goes by the clock, so the end is not "
                "reproducible");
  settings.real("training.clip_norm", &training.clip_norm, {0, kMost}, "largest norm of the gradient; 0: no limit");
  settings.real("training.clip_value", &training.clip_value, {0, kMost},
                "largest number of the gradient, others are cut; beside clip_norm: 0");
}

void describe_objectives(Settings& settings, TrainingOptions& training) {
  settings.real_or_auto(
      "training.label_smoothing", &training.label_smoothing, {0, 0.9},
      "share of the target distribution that is spread over the vocabulary; auto: 0.1, or 0 with hard-exact outputs");
  settings.real("training.coverage_loss", &training.coverage_loss, {0, 1e6},
                "factor of the coverage loss, which punishes attending to the same position again");
  settings.checked_text(
      "training.coverage_start", &training.coverage_start, kIntervals,
      [](const std::string& text) { (void)parse_interval(text); }, "when the coverage loss begins to count");
  describe_scheduled_sampling(settings, training.scheduled_sampling);
  settings.real("training.guided_alignment.weight", &training.guided_alignment, {0, 1e6},
                "factor of the loss of attending elsewhere than to the links of data.train.alignment");
  settings.alias("training.guided_alignment", {"training.guided_alignment.weight"});
  describe_risk(settings, training.risk);
  describe_distill(settings, training.distill);
}

void describe_linear_end(Settings& settings, TrainingOptions& training) {
  settings.integer("training.decay_after_epochs", &training.decay_after_epochs, {0, 100000},
                   "if not 0: from then on the learning rate falls linearly, to final_rate of it at the last epoch");
  settings.real("training.decay_after_minutes", &training.decay_after_minutes, {0, kMost},
                "the same by the clock, until max_minutes, so runs are not reproducible");
  settings.real("training.final_rate", &training.final_rate, {0, 1},
                "share of the learning rate at the end, with decay_after_epochs or decay_after_minutes");
}

void describe_selection(Settings& settings, TrainingOptions& training) {
  settings.integer("training.early_stop", &training.early_stop, {0, 1000},
                   "if not 0: stop after this many validations without a better best_by");
  settings.choices("training.metrics", &training.metrics, validation_names({kAuto, kPerplexity}),
                   "what validation computes beside best_by and the schedule's metric; auto: perplexity, bleu, "
                   "accuracy; without a metric of translations nothing is translated");
  settings.choice("training.best_by", &training.best_by, validation_names({kAuto, kPerplexity}),
                  "criterion of the bundle that is kept (ties by perplexity); auto: bleu, or accuracy if validation "
                  "targets have fewer than four tokens on average or tokens are the letters or sounds of a word");
}

void describe_reproduction(Settings& settings, TrainingOptions& training) {
  settings.integer("training.seed", &training.seed, {0, 2147483647}, "seed of every random choice");
  settings.choice(
      "training.precision", &training.precision, {"float32", "bfloat16", kAuto},
      "precision of the matrix products; auto: bfloat16 where it is faster (AMX, AMD with AVX-512 BF16), float32 "
      "elsewhere; a resumed run keeps it");
  settings.integer_or_auto(
      "training.threads", &training.threads, {1, 256},
      "threads of each process; auto: one for each processor of this process; a resumed run keeps it");
  settings.integer_or_auto(
      "training.workers", &training.workers, {1, 65536},
      "workers that a batch is split among, on which weights depend; auto: one for each thread of all processes");
  settings.integer_or_auto("training.groups", &training.groups, {1, 65536},
                           "groups of workers whose gradients are summed by themselves first, on which the last bits "
                           "of weights depend; auto: "
                           "one for each process");
  settings.choice(
      "training.mpi.wire", &training.wire, {"float32", "bfloat16"},
      "precision in which the gradients of several groups go, half the bytes in bfloat16; sums are float32");
  settings.boolean_or_auto(
      "training.mpi.sharded", &training.sharded,
      "each process updates a part of the weights alone, and has its moments alone: less time and memory, but what has "
      "not been saved is lost with a process; auto: where training.mpi.wire is float32");
  settings.integer("training.mpi.patience", &training.patience, {1, 1e6},
                   "seconds that a process of mpirun waits for another one before all end");
}

void describe_intervals(Settings& settings, TrainingOptions& training) {
  const auto interval = [](const std::string& text) { (void)parse_interval(text); };
  settings.checked_text("training.validate_every", &training.validate_every, kIntervals, interval,
                        "how often the model is validated; at the end of a training always");
  settings.checked_text("training.checkpoint_every", &training.checkpoint_every, kIntervals, interval,
                        "how often the state for resuming is saved, apart from validation; 0 minutes: never");
}

void describe_skipping(Settings& settings, TrainingOptions& training) {
  settings.integer("training.max_skipped", &training.max_skipped, {0, 1000000},
                   "updates in a row that are left out because they are not finite or spikes; one more ends the run");
  settings.real("training.spike_factor", &training.spike_factor, {0, 1e6},
                "if not 0: a gradient whose norm is this many times the mean of the last hundred is a spike");
}

void describe_kept_models(Settings& settings, TrainingOptions& training) {
  settings.integer("training.keep_last", &training.keep_last, {0, 1000},
                   "newest validations whose models are kept as bundles, in OUTPUT/checkpoints/UPDATE");
  settings.integer("training.keep_best", &training.keep_best, {0, 1000},
                   "best validations whose models are kept there, beside the best of all in OUTPUT");
  settings.real(
      "training.average_decay", &training.average_decay, {0, 0.999999},
      "if not 0: an exponential moving average of the weights, which keeps this much of itself at each update, "
      "is validated and kept in the bundle");
}

void describe_validation(Settings& settings, TrainingOptions& training) {
  settings.integer("training.validation_sentences", &training.validation_sentences, {0, 1e9},
                   "if not 0: metrics on this many sentences only");
  settings.integer("training.validation_beam", &training.validation_beam, {1, 1000},
                   "hypotheses that validation's search keeps; 1: greedy");
  std::vector<std::string> tokenizers = {kAuto};
  tokenizers.insert(tokenizers.end(), bleu_tokenizers().begin(), bleu_tokenizers().end());
  settings.choice("training.validation_tokenize", &training.validation_tokenize, tokenizers,
                  "how validation's BLEU cuts text; auto: 13a, or none with the tokenizer spaces");
  settings.texts(
      "training.validation_ensemble", &training.validation_ensemble,
      "bundles that translate with the model in validation, as an ensemble: its metrics are theirs together");
  settings.integer(
      "training.validation_samples", &training.validation_samples, {0, 100},
      "validation sentences whose translation and attention are kept at each validation, for `heed report`");
}

}  // namespace

// `heed list settings` prints the keys in this order.
void describe_training(Settings& settings, TrainingOptions& training) {
  describe_optimizer(settings, training.optimizer);
  describe_updates(settings, training);
  describe_objectives(settings, training);
  settings.texts("training.freeze", &training.freeze,
                 "names of arrays that stay as they are, with * for any text: [source.embedding, encoder.*]");
  describe_schedule(settings, training.schedule);
  describe_linear_end(settings, training);
  describe_selection(settings, training);
  describe_reproduction(settings, training);
  describe_intervals(settings, training);
  describe_start(settings, training.start_from);
  describe_skipping(settings, training);
  describe_kept_models(settings, training);
  describe_validation(settings, training);
  settings.text("training.tensorboard", &training.tensorboard,
                "true: event files for TensorBoard in OUTPUT/tensorboard; or a folder for them; false: none");
}

}  // namespace heed
