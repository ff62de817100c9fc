#pragma once
#include <string>

namespace heed::app {

/// `heed export --format page`: a model and the program that answers by it (heed.wasm, which scripts/wasm builds) in
/// one HTML file.
struct PageExport {
  std::string model;
  std::string output;
  std::string program;  ///< file; empty: where it is installed, or was built

  /// Throws Error for a model that the program has not all for.
  void run() const;
};

}  // namespace heed::app
