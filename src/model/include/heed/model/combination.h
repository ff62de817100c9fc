#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "heed/autograd/operations.h"
#include "heed/base/export.h"
#include "heed/nn/module.h"

namespace HEED_ENGINE_API heed {

/// The attentional vector of a decoder layer (Luong et al. 2015, equation 5; with E y: Pascanu et al. 2014):
///   h~ = tanh(c W_c + h W_h + E y W_e + b)
/// c the context, h the layer's state, y the previous token.
class Combination : public Module {
 public:
  struct Widths {
    std::int64_t hidden = 0;
    std::int64_t out = 0;        ///< of h~
    std::int64_t context = 0;    ///< 0: without attention
    std::int64_t embedding = 0;  ///< 0: without deep output
  };
  Combination(const std::string& name, const Widths& widths);

  struct Inputs {
    Variable context;   ///< [n, context]
    Variable hidden;    ///< [n, Hd]
    Variable embedded;  ///< [n, E]
  };
  /// h~ [n, out], written to `out` unless it is empty.
  Variable combine(Tape& tape, const Inputs& inputs, const Variable& out) const;
  /// The sum under the tanh in two parts, c W_c and the rest, for combinations with a context.
  Variable context_part(Tape& tape, const Variable& contexts) const;
  Variable without_context(Tape& tape, const Inputs& inputs) const;
  std::int64_t columns() const { return bias_.columns(); }
  void visit(const ParameterVisitor& visitor) override;

 private:
  std::optional<Parameter> context_;    // [context, out]
  Parameter hidden_;                    // [Hd, out]
  std::optional<Parameter> embedding_;  // [E, out]
  Parameter bias_;                      // [1, out]
};

}  // namespace heed
