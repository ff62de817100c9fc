#include "finite.h"

#include "heed/base/atomic_file.h"
#include "heed/kernels/elementwise.h"
#include "heed/model/file_names.h"

namespace heed {
namespace {

bool is_finite(const Tensor& x) { return all_finite(x.data, x.size()); }

}  // namespace

std::string array_not_finite(const Seq2Seq& model, Updater& updater) {
  for (const Parameter* parameter : model.parameters().all()) {
    if (!is_finite(parameter->value.view())) return parameter->name;
  }
  for (const auto& [name, values] : updater.state()) {
    if (!is_finite(values)) return name;
  }
  return "";
}

bool mark_not_finite(const std::filesystem::path& run) {
  const std::filesystem::path state = run / kTrainingState;
  if (!std::filesystem::exists(state / kPositionFile)) return false;
  write_file_atomically(state / kNotFiniteMark, "");
  return true;
}

bool is_marked_not_finite(const std::filesystem::path& run) {
  return std::filesystem::exists(run / kTrainingState / kNotFiniteMark);
}

}  // namespace heed
