#pragma once
#include <memory>
#include <string>
#include <vector>

#include "heed/base/export.h"
#include "heed/model/encoder.h"

namespace HEED_ENGINE_API heed {

/// How a layer of the decoder starts. A row of the result depends on its own sentence only.
class Bridge : public Module {
 public:
  /// `last`: the final state of the encoder's layer of the same number, or of its last one. [B, Hd]
  virtual RnnState start(Tape& tape, const EncodedBatch& encoded, const RnnState& last) const = 0;
};

/// One line of the table of bridges, for config, `heed list bridges` and tests.
struct BridgeKind {
  std::string name;
  std::string description;
  std::string paper;
  std::unique_ptr<Bridge> (*make)(const std::string& name, const ModelOptions& options);
  bool reads_source = true;
  bool equal_widths = false;  ///< true: of the encoder's and the decoder's states
};
const std::vector<BridgeKind>& bridge_kinds();
std::vector<std::string> bridge_names();
/// Throws UsageError with the nearest name.
const BridgeKind& find_bridge(const std::string& name);
/// `name` is what its parameters' names begin with.
std::unique_ptr<Bridge> make_bridge(const std::string& name, const ModelOptions& options);
/// Throws UsageError for widths that do not go together.
void check_bridge(const ModelOptions& options);

}  // namespace heed
