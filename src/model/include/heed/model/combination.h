#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "heed/autograd/operations.h"
#include "heed/base/export.h"
#include "heed/nn/module.h"

namespace HEED_ENGINE_API heed {

class FewTerms;
struct ContextGate;

/// The attentional vector of a decoder layer (Luong et al. 2015, equation 5; with E y: Pascanu et al. 2014):
///   h~ = tanh(c W_c + h W_h + E y W_e + b)
/// c the context, h the layer's state, y the previous token. A context gate (Tu et al. 2017, section 3) weighs its two
/// parts s = c W_c and t = h W_h + E y W_e + b by z = sigmoid(c Z_c + h Z_h + E y Z_e + z_b):
///   source: h~ = tanh(z s + t)    target: h~ = tanh(s + z t)    both: h~ = tanh(z s + (1 - z) t)
class Combination : public Module {
 public:
  struct Widths {
    std::int64_t hidden = 0;
    std::int64_t out = 0;        ///< of h~
    std::int64_t context = 0;    ///< 0: without attention
    std::int64_t embedding = 0;  ///< 0: without deep output
  };
  /// `gate`: a name of context_gates().
  Combination(const std::string& name, const Widths& widths, const std::string& gate = "none");

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
  std::int64_t columns() const { return sum_.bias.columns(); }
  void visit(const ParameterVisitor& visitor) override;

 private:
  /// The weights of a sum of all inputs.
  struct Sum {
    Sum(const std::string& name, const Widths& widths);
    /// Their products with the inputs; without the context's on request.
    void add_terms(FewTerms& terms, const Inputs& inputs, bool with_context = true) const;
    void visit(const ParameterVisitor& visitor);
    std::optional<Parameter> context;    // [context, out]
    Parameter hidden;                    // [Hd, out]
    std::optional<Parameter> embedding;  // [E, out]
    Parameter bias;                      // [1, out]
  };
  Variable weigh(Tape& tape, const Inputs& inputs) const;

  const ContextGate& gate_kind_;
  Sum sum_;
  std::optional<Sum> gate_;
};

/// none | source | target | both
std::vector<std::string> context_gates();

}  // namespace heed
