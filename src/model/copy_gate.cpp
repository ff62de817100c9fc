#include "heed/model/copy_gate.h"

namespace heed {

CopyGate::CopyGate(const ModelOptions& options, std::int64_t context_columns)
    : context_(make_hoisted_weight("copy.context", context_columns, 1)),
      hidden_(make_hoisted_weight("copy.hidden", options.decoder_hidden, 1)),
      embedding_(make_hoisted_weight("copy.embedding", options.embedding, 1)),
      bias_(make_vector("copy.bias", 1)) {}

Variable CopyGate::gate(Tape& tape, const Inputs& inputs) const {
  return linear(tape, {{inputs.context, &context_}, {inputs.hidden, &hidden_}, {inputs.embedded, &embedding_}}, &bias_);
}

void CopyGate::visit(const ParameterVisitor& visitor) {
  visitor(context_);
  visitor(hidden_);
  visitor(embedding_);
  visitor(bias_);
}

}  // namespace heed
