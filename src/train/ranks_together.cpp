#include "ranks_together.h"

#include <algorithm>
#include <sstream>
#include <vector>

#include "fmt/format.h"
#include "heed/base/checksums.h"
#include "heed/base/host_and_time.h"
#include "heed/base/processors.h"
#include "heed/base/settings.h"
#include "heed/base/version.h"
#include "heed/kernels/instruction_set.h"
#include "heed/model/file_names.h"
#include "heed/products/precision.h"

namespace heed {
namespace {

std::string instruction_sets() {
  constexpr std::pair<Instructions, const char*> kSets[] = {
      {Instructions::kAvx2, "AVX2"},           {Instructions::kAvx512, "AVX-512"}, {Instructions::kAvx512Vnni, "VNNI"},
      {Instructions::kAvx512Bfloat16, "BF16"}, {Instructions::kAmx, "AMX"},        {Instructions::kDotProduct, "SDOT"}};
  std::string out;
  for (const auto& [set, name] : kSets) {
    if (has_instructions(set)) out += (out.empty() ? "" : " ") + std::string(name);
  }
  return out.empty() ? "none" : out;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) out.push_back(line);
  return out;
}

// The first key that differs is told by its name.
void check_same_config(Ranks& ranks, Config config) {
  const Settings settings = config.settings();
  const std::vector<std::string> keys = settings.keys();
  std::string own;
  for (const std::string& key : keys) {
    std::string value = settings.value(key);
    std::replace(value.begin(), value.end(), '\n', ' ');
    own += value + "\n";
  }
  std::vector<std::vector<std::string>> all;
  for (const std::string& text : ranks.gather(own)) all.push_back(lines_of(text));
  for (std::size_t k = 0; k < keys.size(); ++k) {
    const auto value_of = [&](const auto& lines) { return k < lines.size() ? lines[k] : std::string(); };
    const bool same = std::ranges::all_of(all, [&](const auto& lines) { return value_of(lines) == value_of(all[0]); });
    if (!same) ranks.check_same(keys[k], value_of(all[static_cast<std::size_t>(ranks.rank())]));
  }
}

}  // namespace

void check_alike(Ranks& ranks, const Config& config, TrainingMode mode) {
  ranks.check_same("the version", kVersion);
  ranks.check_same("the program file", file_checksum("/proc/self/exe"));
  ranks.check_same("the instruction set", instruction_sets());
  ranks.check_same("what becomes of an earlier run", mode == TrainingMode::kNew      ? "none is there"
                                                     : mode == TrainingMode::kResume ? "it goes on"
                                                                                     : "it is replaced");
  check_same_config(ranks, config);
}

void check_alike(Ranks& ranks, const DataFingerprint& data, const Seq2Seq& model) {
  ranks.check_same("what data.train holds", fmt::format("{} {}", data.training_pairs, data.training));
  ranks.check_same("what data.validation holds", fmt::format("{} {}", data.validation_pairs, data.validation));
  ranks.check_same("what training.validation_ensemble holds", data.ensemble);
  std::string sums;
  for (const Parameter* parameter : model.parameters().all()) {
    const Tensor& value = parameter->value.view();
    sums +=
        checksum({reinterpret_cast<const char*>(value.data), static_cast<std::size_t>(value.size()) * sizeof(float)});
  }
  ranks.check_same("the model at the start", checksum(sums));
}

void share_weights(Ranks& ranks, Seq2Seq& model) {
  for (Parameter* parameter : model.parameters().all()) {
    const Tensor& value = parameter->value.view();
    ranks.from_leader(std::as_writable_bytes(std::span(value.data, static_cast<std::size_t>(value.size()))));
  }
}

int threads_of_each(Ranks& ranks, int usable) {
  const std::vector<std::string> all = ranks.gather(host_name() + processors_text());
  const auto sharing = std::count(all.begin(), all.end(), all[static_cast<std::size_t>(ranks.rank())]);
  const int own = std::max(1, usable / static_cast<int>(sharing));
  return std::stoi(ranks.from_leader(std::to_string(own)));
}

std::string settle_workers(TrainingOptions& training, const TrainingOptions* before, int ranks) {
  const int earlier_workers = before == nullptr ? 0 : before->workers > 0 ? before->workers : before->threads;
  const int earlier_groups = before == nullptr ? 0 : std::max(1, before->groups);
  if (training.groups == 0) training.groups = std::max(earlier_groups, ranks);
  if (training.workers == 0)
    training.workers = earlier_workers >= training.groups ? earlier_workers : training.threads * ranks;
  if (training.groups < ranks) {
    throw UsageError(fmt::format("training.groups: {} for {} processes: each needs one; leave it out, or start fewer",
                                 training.groups, ranks),
                     {.key = "training.groups"});
  }
  if (training.workers < training.groups) {
    throw UsageError(fmt::format("training.workers: {} for {} groups (training.groups): each needs one at least",
                                 training.workers, training.groups),
                     {.key = "training.workers"});
  }
  if (training.groups == 1 && find_precision(training.wire) != Precision::kFloat32) {
    throw UsageError("training.mpi.wire has no effect in one process, and one group of workers (training.groups)",
                     {.key = "training.mpi.wire"});
  }
  if (training.batch_tokens == 0 && training.batch_sentences < ranks) {
    throw Error(ErrorKind::kData,
                fmt::format("training.batch_sentences: {} for {} processes: a batch needs a sentence for each; start "
                            "fewer, or make it larger",
                            training.batch_sentences, ranks),
                {.key = "training.batch_sentences"});
  }
  if (before == nullptr || (training.groups == earlier_groups && training.workers == earlier_workers)) return "";
  return fmt::format(
      "the run began with training.workers {} in training.groups {}, and {} processes go on with {} in {}: "
      "from here on its weights are not to the bit those that it would have had",
      earlier_workers, earlier_groups, ranks, training.workers, training.groups);
}

}  // namespace heed
