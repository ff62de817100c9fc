#include "rehearsal_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "figures.h"
#include "heed/base/message.h"

namespace heed::app {
namespace {

std::string parameters_text(const std::vector<RehearsedModule>& modules) {
  std::size_t width = 5;
  std::int64_t total = 0;
  for (const RehearsedModule& module : modules) {
    width = std::max(width, module.name.size());
    total += module.parameters;
  }
  std::string out = "parameters\n";
  for (const RehearsedModule& module : modules) {
    out += fmt::format("  {:<{}}  {:>13}  {:>5.1f} %  {}\n", module.name, width, grouped(module.parameters),
                       100 * static_cast<double>(module.parameters) / static_cast<double>(total),
                       fmt::join(module.arrays, ", "));
  }
  return out + fmt::format("  {:<{}}  {:>13}\n", "total", width, grouped(total));
}

std::string side_text(const RehearsedSide& side) {
  return fmt::format("  {:>14}  {:>6.1f}  {:>6}  {:>7}", grouped(side.tokens), side.mean, side.most_of_95,
                     side.longest);
}

std::string data_text(const std::vector<RehearsedText>& texts) {
  constexpr const char* kSide = "tokens    mean    95 %  longest";
  std::size_t width = 10;
  for (const RehearsedText& text : texts) width = std::max(width, text.name.size());
  std::string out = fmt::format("{:<{}}  {:>11}  {:>10}  source {:>30}  target {:>30}\n", "data", width + 2, "pairs",
                                "kept", kSide, kSide);
  for (const RehearsedText& text : texts) {
    out += fmt::format("  {:<{}}  {:>11}  {:>10}{}{}\n", text.name, width, grouped(text.pairs), grouped(text.kept),
                       side_text(text.source), side_text(text.target));
  }
  return out;
}

std::string memory_text(const Rehearsal& rehearsal) {
  const RehearsedMemory& memory = rehearsal.memory;
  std::string out = "memory\n";
  const auto line = [&](const char* name, std::int64_t bytes, const std::string& more = "") {
    out += fmt::format("  {:<13}  {:>12}{}\n", name, megabytes(bytes), more);
  };
  line("parameters", memory.parameters);
  line("packed", memory.packed, "  their copies for products");
  line("gradients", memory.gradients);
  line("optimizer", memory.optimizer);
  line("activations", memory.activations,
       fmt::format("  of the largest batch: {} sentences, {} source and {} target tokens", rehearsal.sentences,
                   grouped(rehearsal.source_tokens), grouped(rehearsal.target_tokens)));
  line("data", memory.data);
  line("a save", memory.save, "  at times, beside the rest");
  line("peak", memory.peak, "  of this process, measured, without a save");
  return out;
}

std::string duration(double seconds) { return seconds < 60 ? fmt::format("{:.3g} s", seconds) : clock_time(seconds); }

std::string time_text(const RehearsedTime& time) {
  const double validations = time.epochs > 0 ? time.validations / time.epochs : 0;  // of an epoch
  const double epoch = static_cast<double>(time.updates) * time.update;
  std::string out = "time\n";
  const auto line = [&](const char* name, const std::string& value) {
    out += fmt::format("  {:<13}  {}\n", name, value);
  };
  line("an update", fmt::format("{:.3g} s in the mean, {:.3g} s the slowest ({} measured)", time.update, time.largest,
                                time.measured));
  line("an epoch", fmt::format("{} of {}; with validation {}", duration(epoch), count_of(time.updates, "update"),
                               duration(epoch + validations * time.validation)));
  line("a validation", duration(time.validation));
  line("the whole", fmt::format("{} at most: {:.4g} epochs and {:.0f} validations to come{}", duration(time.whole),
                                time.epochs, time.validations, time.cut ? "; training.max_minutes ends it" : ""));
  return out;
}

}  // namespace

std::string to_text(const Rehearsal& rehearsal) {
  if (!rehearsal.finished.empty()) return fmt::format("nothing to do: {}\n", rehearsal.finished);
  return parameters_text(rehearsal.modules) + "\n" + data_text(rehearsal.texts) + "\n" + memory_text(rehearsal) + "\n" +
         time_text(rehearsal.time);
}

}  // namespace heed::app
