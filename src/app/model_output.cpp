#include "model_output.h"

#include <fmt/format.h>

#include <filesystem>

#include "heed/base/error.h"

namespace heed::app {
namespace {

namespace fs = std::filesystem;

const std::string& checked(const std::string& directory, std::span<const std::string> models) {
  std::error_code ignored;
  if (!fs::exists(directory, ignored)) return directory;
  for (const std::string& model : models) {
    // By device and inode: links lead there too.
    if (fs::equivalent(directory, model, ignored)) {
      throw UsageError(fmt::format("--output: '{}' is '{}', which is read; name another directory", directory, model));
    }
  }
  if (fs::exists(fs::path(directory) / kTrainingState, ignored)) {
    throw UsageError(
        fmt::format("--output: '{}' holds a training, which would be lost; name another directory", directory));
  }
  const bool is_free = fs::is_directory(directory, ignored) && fs::is_empty(directory, ignored);
  if (!is_free && !is_bundle(directory))
    throw Error(fmt::format("'{}' exists and is no model; it is not replaced", directory));
  return directory;
}

}  // namespace

ModelOutput::ModelOutput(const std::string& directory, std::span<const std::string> models)
    : lock_(directory), directory_(checked(directory, models), is_bundle_file) {}

void ModelOutput::write(const Bundle& bundle, Precision stored) {
  write_bundle(directory_.path(), bundle.config, bundle.source, bundle.target, *bundle.model, stored);
  directory_.commit();
}

}  // namespace heed::app
