#include "training_talk.h"

#include <fmt/format.h>

#include <cmath>

#include "figures.h"
#include "heed/base/memory_use.h"
#include "heed/base/shell_text.h"
#include "heed/metrics/registry.h"
#include "heed/model/config.h"
#include "heed/model/interval.h"
#include "messages.h"

namespace heed::app {
namespace {

std::string whole_megabytes(std::int64_t bytes) { return fmt::format("{:.0f} MB", static_cast<double>(bytes) * 1e-6); }

std::string progress_text(const TrainingProgress& p) {
  return fmt::format("epoch {}/{}  {:.0f} %  update {}  loss {:.3f}  {:.0f} words/s  {}  {} left  lr {:.2g}", p.epoch,
                     p.epochs, 100.0 * p.batch / p.batches, p.update, p.loss, p.target_tokens_per_second,
                     whole_megabytes(resident_bytes()), clock_time(p.seconds_left), p.learning_rate);
}

std::string work_text(const TrainingReport& report) {
  std::string out = fmt::format("{}: {} updates, {:.4g} epochs, {}", report.ended_by, grouped(report.updates),
                                report.epochs, clock_time(report.seconds));
  if (report.target_tokens_per_second > 0) out += fmt::format(", {:.0f} words/s", report.target_tokens_per_second);
  out += fmt::format(", {} at most", whole_megabytes(peak_resident_bytes()));
  return report.skipped > 0 ? out + fmt::format(", {} updates skipped", grouped(report.skipped)) : out;
}

bool is_whole_epochs(const std::string& text) {
  const Interval interval = parse_interval(text);
  return interval.unit == &TrainingExtent::epochs && interval.count == std::floor(interval.count);
}

/// Within an epoch the update tells validations apart.
std::string place_of(const ValidationResult& v, bool names_update) {
  return names_update ? fmt::format("epoch {}, update {}", v.epoch, v.update) : fmt::format("epoch {}", v.epoch);
}

}  // namespace

TrainingTalk::TrainingTalk(bool quiet, const std::string& validate_every)
    : quiet_(quiet), names_updates_(!is_whole_epochs(validate_every)) {}

void TrainingTalk::show(const TrainingProgress& p) {
  if (!quiet_) lines_.show(p.seconds, p.batch >= p.batches, [&p] { return progress_text(p); });
}

void TrainingTalk::line(const std::string& text) {
  if (!quiet_) lines_.line(text);
}

void TrainingTalk::warning(const std::string& text) { lines_.line("warning: " + one_line(text)); }

void TrainingTalk::summary(const TrainingReport& report, const Config& config) {
  const ValidationResult& best = report.best;
  const std::string model = fmt::format("{} holds the model of {}, the best by {}{}: {}", config.output,
                                        place_of(best, names_updates_), title_of(report.best_by),
                                        ensemble_text(config.training), figures_text(best.perplexity, best.metrics));
  if (report.was_finished) {
    return line(fmt::format("nothing to do: {}, and {}; a larger one goes on", report.ended_by, model));
  }
  line(work_text(report));
  if (report.doubt.empty()) {
    line("done: " + model);
  } else {
    warning(fmt::format("{}, but {}", model, report.doubt));
  }
  std::vector<std::string> next = {"heed", "translate", "--model", config.output, "--input", "FILE"};
  if (!config.data.source.features().empty()) next.insert(next.end(), {"--input-format", "tsv"});
  line(fmt::format("translate with `{}`", shell_text(next)));
}

std::string TrainingTalk::validation_text(const ValidationResult& v) const {
  std::string out =
      fmt::format("{}{}  loss {:.3f}  validation {}", place_of(v, names_updates_), v.cut ? " (at the end)" : "",
                  v.train_loss, figures_text(v.perplexity, v.metrics, "  "));
  if (v.attention_maximum > 0) {
    // Small ones are the worrying ones.
    out += fmt::format("  attention {:.{}f} of {:.1f} bits", v.attention_entropy, v.attention_entropy < 1 ? 2 : 1,
                       v.attention_maximum);
  }
  return out + fmt::format("  {}{}", clock_time(v.seconds), v.best ? "  (best so far, kept)" : "");
}

}  // namespace heed::app
