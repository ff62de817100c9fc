#include "model_output.h"

#include <fmt/format.h>

#include <filesystem>

#include "heed/base/error.h"
#include "heed/model/file_names.h"
#include "output.h"

namespace heed::app {
namespace {

namespace fs = std::filesystem;

// Before the lock: whoever has that would be blamed for it.
const std::string& not_read(const std::string& directory, std::span<const std::string> models) {
  refuse_input_as_output(directory, models, "directory");
  return directory;
}

const std::string& checked(const std::string& directory, const FolderKind& kind) {
  std::error_code ignored;
  if (!fs::exists(directory, ignored)) return directory;
  if (fs::exists(fs::path(directory) / kTrainingState, ignored)) {
    throw UsageError(
        fmt::format("--output: '{}' holds a training, which would be lost; name another directory", directory));
  }
  const bool is_free = fs::is_directory(directory, ignored) && fs::is_empty(directory, ignored);
  if (!is_free && !kind.is_one(directory))
    throw Error(fmt::format("'{}' exists and is not {}; it is not replaced", directory, kind.what));
  return directory;
}

}  // namespace

FolderOutput::FolderOutput(const std::string& directory, std::span<const std::string> models, const FolderKind& kind)
    : lock_(not_read(directory, models)), directory_(checked(directory, kind), kind.has_file) {}

ModelOutput::ModelOutput(const std::string& directory, std::span<const std::string> models)
    : folder_(directory, models, {"a model", is_bundle, is_bundle_file}) {}

void ModelOutput::write(const Bundle& bundle, Precision stored) {
  write_bundle(folder_.path(), bundle.config, bundle.source, bundle.target, *bundle.model, stored);
  folder_.commit();
}

}  // namespace heed::app
