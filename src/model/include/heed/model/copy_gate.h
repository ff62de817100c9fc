#pragma once
#include "heed/autograd/operations.h"
#include "heed/base/export.h"
#include "heed/model/config.h"
#include "heed/nn/module.h"

namespace HEED_ENGINE_API heed {

/// The switch of a pointer-generator between generating and copying (See et al. 2017, equation 8):
///   p_gen = sigmoid(c w_c + h w_h + E y w_y + b)
/// c the context, h the decoder's state, y the token before.
class CopyGate : public Module {
 public:
  CopyGate(const ModelOptions& options, std::int64_t context_columns);

  struct Inputs {
    Variable context;   ///< [n, context]
    Variable hidden;    ///< [n, Hd]
    Variable embedded;  ///< [n, E]
  };
  /// [n, 1]: p_gen before its sigmoid.
  Variable gate(Tape& tape, const Inputs& inputs) const;
  /// Of a row.
  double multiply_adds() const { return static_cast<double>(context_.size() + hidden_.size() + embedding_.size()); }
  void visit(const ParameterVisitor& visitor) override;

 private:
  Parameter context_;    // [context, 1]
  Parameter hidden_;     // [Hd, 1]
  Parameter embedding_;  // [E, 1]
  Parameter bias_;       // [1, 1]
};

}  // namespace heed
