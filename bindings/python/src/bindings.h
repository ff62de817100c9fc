#pragma once
#include <filesystem>
#include <memory>
#include <optional>

#include "heed/model/bundle.h"
#include "heed/model/safetensors.h"
#include "values.h"

namespace heed::python {

/// heed.Bundle. Immutable.
struct LoadedBundle {
  std::string path;
  Bundle bundle;
  /// Of weights that memory has only in the blocks that products read: what the file has of them.
  std::unique_ptr<const SafetensorsReader> stored = nullptr;
};

void bind_errors(nb::module_& module);
void bind_bundle(nb::module_& module);
void bind_translator(nb::module_& module);
void bind_training(nb::module_& module);
void bind_metrics(nb::module_& module);

}  // namespace heed::python
