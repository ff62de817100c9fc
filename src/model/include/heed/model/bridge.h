#pragma once
#include <memory>
#include <string>
#include <vector>

#include "heed/base/export.h"
#include "heed/model/encoder.h"

namespace HEED_ENGINE_API heed {

/// Makes a decoder layer's first state. A row depends on its own sentence only.
class Bridge : public Module {
 public:
  /// `last`: the final state of the encoder layer of the same number, or of its last layer. [B, Hd]
  virtual RnnState start(Tape& tape, const EncodedBatch& encoded, const RnnState& last) const = 0;
};

/// A line of the table of bridges, from which config, `heed list bridges` and tests follow.
struct BridgeKind {
  std::string name;
  std::string description;
  std::string paper;
  std::unique_ptr<Bridge> (*make)(const std::string& name, const ModelOptions& options);
  bool reads_source = true;
  bool reads_memory = false;  ///< true: all states that attention reads, and not only the last
  bool equal_widths = false;  ///< true: needs equal widths of encoder and decoder states
};
const std::vector<BridgeKind>& bridge_kinds();
std::vector<std::string> bridge_names();
/// Throws UsageError with the nearest name.
const BridgeKind& find_bridge(const std::string& name);
/// `name` is the prefix of its parameters' names.
std::unique_ptr<Bridge> make_bridge(const std::string& name, const ModelOptions& options);
/// Throws UsageError for widths that do not fit.
void check_bridge(const ModelOptions& options);

}  // namespace heed
