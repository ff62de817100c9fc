// What is set and has no effect is a mistake of the configuration: it is said what would read it.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "heed/base/error.h"
#include "heed/metrics/registry.h"
#include "heed/model/bridge.h"
#include "heed/model/config.h"
#include "heed/model/context_entry.h"
#include "heed/model/output.h"
#include "heed/model/schedule.h"
#include "heed/nn/attention.h"
#include "heed/nn/cell.h"
#include "heed/nn/initializers.h"
#include "heed/optim/optimizer.h"
#include "refusal.h"
#include "text_checks.h"

namespace heed {
namespace {

void check_initial(const ModelOptions& model) {
  const InitialOptions usual;
  const std::string& weights = model.initial.weights;
  refuse(model.initial.scale != usual.scale && !find_initializer(weights).reads_scale, "model.initial.scale",
         fmt::format("with model.initial.weights '{}', which go by the widths of a weight", weights));
  refuse(model.initial.forget_bias != usual.forget_bias && !find_cell(model.encoder_cell).forgets &&
             !find_cell(model.decoder_cell).forgets,
         "model.initial.forget_bias", "without a cell that has a forget gate (lstm, layernorm-lstm)");
  refuse(model.ties_both() && !model.pretrained_source.empty(), "model.pretrained.source",
         "with model.tied 'all', where the target's embeddings serve both sides: set model.pretrained.target");
}

void check_model(const ModelOptions& model) {
  if (!has_attention(model.attention)) {
    const char* none = "without attention (model.attention.kind: none)";
    refuse(model.attends_to_all_layers(), "model.attention.source", none);
    refuse(model.attends_in_each_layer(), "model.attention.layers", none);
    refuse(model.attention.dropout > 0, "model.dropout.attention", none);
    refuse(model.gates_context(), "model.decoder.context_gate", none);
    refuse(model.dropout.memory > 0 && !find_bridge(model.bridge).reads_memory, "model.dropout.memory", none);
  }
  refuse(
      model.attention.dropout > 0 && output_kind(model).sums_positions && !feeds_attentional(model) &&
          context_entry(model).asks == Asks::kAfterLastLayer,
      "model.dropout.attention",
      fmt::format("with model.output '{}', which sums over positions and reads no context", output_kind(model).name));
  refuse(model.attends_to_all_layers() && model.encoder_layers == 1, "model.attention.source",
         "as 'all' with 1 layer: set model.encoder.layers to 2 or more");
  refuse(model.attends_in_each_layer() && model.decoder_layers == 1, "model.attention.layers",
         "as 'each' with 1 layer: set model.decoder.layers to 2 or more");
  refuse(model.encoder_residual && model.encoder_layers == 1, "model.encoder.residual",
         "with 1 layer: set model.encoder.layers to 2 or more");
  refuse(model.encoder_residual && model.encoder_pyramid == model.encoder_layers - 1, "model.encoder.residual",
         "where every layer from the second on joins states (model.encoder.pyramid): set model.encoder.layers to more");
  refuse(model.decoder_residual && model.decoder_layers == 1, "model.decoder.residual",
         "with 1 layer: set model.decoder.layers to 2 or more");
  check_effect(model.attention);
  check_initial(model);
}

void check_validation(const TrainingOptions& training) {
  if (training.best_by == kAuto) return;  // which may be of translations
  const std::vector<std::string> metrics = validation_metrics(training);
  const char* why = "where validation translates nothing: add a metric to training.metrics";
  refuse(training.validation_sentences != 0 && metrics.empty(), "training.validation_sentences", why);
  refuse(training.validation_beam != 1 && metrics.empty() && training.validation_samples == 0,
         "training.validation_beam", why);
  refuse(!training.validation_ensemble.empty() && metrics.empty(), "training.validation_ensemble", why);
  const bool tokenizes = std::any_of(metrics.begin(), metrics.end(), [](const std::string& metric) {
    const std::vector<std::string>& reads = find_metric(metric).reads;
    return std::find(reads.begin(), reads.end(), "tokenize") != reads.end();
  });
  refuse(training.validation_tokenize != kAuto && !tokenizes, "training.validation_tokenize",
         "where validation computes no BLEU: add bleu to training.metrics");
}

void check_objective(const TrainingOptions& training) {
  const TrainingOptions usual;
  refuse(training.coverage_loss == 0 && training.coverage_start != usual.coverage_start, "training.coverage_start",
         "without training.coverage_loss, whose beginning it is");
  refuse(!training.distill.teacher.empty() && training.distill.weight == 0, "training.distill.teacher",
         "with training.distill.weight 0");
  const RiskOptions& risk = training.risk;
  const char* no_risk = "with training.risk.weight 0";
  refuse(risk.weight == 0 && risk.metric != usual.risk.metric, "training.risk.metric", no_risk);
  refuse(risk.weight == 0 && risk.candidates != usual.risk.candidates, "training.risk.candidates", no_risk);
  refuse(risk.weight == 0 && risk.sampled != usual.risk.sampled, "training.risk.sampled", no_risk);
  refuse(risk.weight == 0 && risk.sharpness != usual.risk.sharpness, "training.risk.sharpness", no_risk);
  const ScheduledSamplingOptions& sampling = training.scheduled_sampling;
  if (sampling.samples()) return;
  const char* why = "with training.scheduled_sampling.kind none";
  refuse(sampling.start != usual.scheduled_sampling.start, "training.scheduled_sampling.start", why);
  refuse(sampling.end != usual.scheduled_sampling.end, "training.scheduled_sampling.end", why);
  refuse(sampling.updates != usual.scheduled_sampling.updates, "training.scheduled_sampling.updates", why);
}

/// Of a range with a hole.
void check_numbers(const TrainingOptions& training) {
  const double epsilon = training.optimizer.epsilon;
  if (epsilon > 0 && epsilon < static_cast<double>(std::numeric_limits<float>::min())) {
    throw UsageError(fmt::format("training.optimizer.epsilon: {} is 0 in float32; expected: 0, the optimizer's own, or "
                                 "at least {:.3g}",
                                 epsilon, std::numeric_limits<float>::min()),
                     {.key = "training.optimizer.epsilon"});
  }
  if (training.spike_factor > 0 && training.spike_factor < 1) {
    throw UsageError(fmt::format("training.spike_factor: {} makes spikes of usual gradients; expected: 0, none, or at "
                                 "least 1",
                                 training.spike_factor),
                     {.key = "training.spike_factor"});
  }
}

void check_training(const TrainingOptions& training) {
  const TrainingOptions usual;
  check_objective(training);
  check_effect(training.optimizer);
  const ScheduleOptions schedule = settled_schedule(training);
  check_effect(schedule);
  const StartOptions& start = training.start_from;
  refuse(start.bundle.empty() && !start.keeps_vocabulary(), "training.start_from.vocabulary",
         "without training.start_from.bundle, whose vocabulary it is about");
  refuse(start.optimizer && start.bundle.empty(), "training.start_from.optimizer",
         "without training.start_from.bundle, whose run has the moments");
  refuse(start.optimizer && !find_optimizer(training.optimizer.kind).has_moments, "training.start_from.optimizer",
         fmt::format("with the optimizer {}, which has no moments", training.optimizer.kind));
  check_numbers(training);
  refuse(training.spike_factor > 0 && training.max_skipped == 0, "training.spike_factor",
         "with training.max_skipped 0, which lets no update be left out");
  check_validation(training);
  const bool falls = find_schedule(schedule.kind).factor != nullptr;
  const std::string beside =
      fmt::format("beside training.schedule.kind '{}', which falls by itself: set one of them", schedule.kind);
  refuse(falls && training.decay_after_epochs > 0, "training.decay_after_epochs", beside);
  refuse(falls && training.decay_after_minutes > 0, "training.decay_after_minutes", beside);
  refuse(
      training.final_rate != usual.final_rate && training.decay_after_epochs == 0 && training.decay_after_minutes == 0,
      "training.final_rate", "without training.decay_after_epochs, from which on the rate falls to it");
  refuse(training.decay_after_epochs > 0 && training.decay_after_epochs >= training.epochs,
         "training.decay_after_epochs",
         fmt::format("with training.epochs {}, after which nothing is left: set a smaller number", training.epochs));
  refuse(training.decay_after_minutes > 0 && training.decay_after_epochs > 0, "training.decay_after_minutes",
         "beside training.decay_after_epochs: set one of them");
  refuse(training.batch_sentences != usual.batch_sentences && training.batch_tokens > 0, "training.batch_sentences",
         "beside training.batch_tokens, which says how large a batch is: set one of them");
}

void check_columns(const CorpusFiles& files, const std::string& key) {
  refuse(files.tsv.empty() && files.columns != CorpusFiles{}.columns, key + ".columns",
         fmt::format("without {}.tsv, whose columns they are", key));
}

void check_data(const DataOptions& data) {
  for (const CorpusFiles& files : data.corpora()) check_columns(files, "data.train");
  check_columns(data.validation, "data.validation");
  check_columns(data.test, "data.test");
  refuse(data.more_train.empty() && data.train.weight > 0, "data.train.weight",
         "with one corpus: data.train has to be a list of several");
  refuse(!data.validation.empty() && data.held_out != DataOptions{}.held_out, "data.held_out",
         "beside data.validation, in the place of which a share is held out: set one of them");
}

}  // namespace

void Config::check_effect() const {
  check_data(data);
  check_model(model);
  check_training(training);
  check_text_effect(*this);
  refuse(data.has_links() && training.guided_alignment == 0, "data.train.alignment",
         "with training.guided_alignment.weight 0");
}

}  // namespace heed
