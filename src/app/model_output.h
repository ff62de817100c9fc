#pragma once
#include <span>
#include <string>

#include "heed/base/atomic_file.h"
#include "heed/base/directory_lock.h"
#include "heed/model/bundle.h"

namespace heed::app {

/// The directory that a command makes a model in from others. A model without a training that stands there is replaced
/// as a whole, and what people put beside it stays.
class ModelOutput {
 public:
  /// Before the work. Throws UsageError for one of the models that are read, and for a training; Error for anything
  /// else that is no model, and where nothing can be written.
  ModelOutput(const std::string& directory, std::span<const std::string> models);
  void write(const Bundle& bundle, Precision stored);

 private:
  DirectoryLock lock_;
  AtomicDirectory directory_;
};

}  // namespace heed::app
