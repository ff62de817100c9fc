#pragma once
#include <filesystem>
#include <span>
#include <string>

#include "heed/base/atomic_file.h"
#include "heed/base/directory_lock.h"
#include "heed/model/bundle.h"

namespace heed::app {

/// What a command makes of models in a directory of its own.
struct FolderKind {
  const char* what;  ///< "a model"
  bool (*is_one)(const std::filesystem::path& directory);
  bool (*has_file)(const std::string& name);
};

/// That directory. One of its kind, without a training, that stands there is replaced as a whole, and what people put
/// beside it stays.
class FolderOutput {
 public:
  /// Before the work. Throws UsageError for one of the models that are read, and for a training; Error for anything
  /// else that is no such folder, and where nothing can be written.
  FolderOutput(const std::string& directory, std::span<const std::string> models, const FolderKind& kind);
  const std::filesystem::path& path() const { return directory_.path(); }
  void commit() { directory_.commit(); }

 private:
  DirectoryLock lock_;
  AtomicDirectory directory_;
};

/// A directory that a command makes a model in from others.
class ModelOutput {
 public:
  ModelOutput(const std::string& directory, std::span<const std::string> models);
  void write(const Bundle& bundle, Precision stored);

 private:
  FolderOutput folder_;
};

}  // namespace heed::app
