#include "heed/model/combination.h"

#include "few_terms.h"

namespace heed {

Combination::Combination(const std::string& name, const Widths& widths)
    : hidden_(make_weight(name + ".hidden", widths.hidden, widths.out)),
      bias_(make_vector(name + ".bias", widths.out)) {
  if (widths.context > 0) context_ = make_weight(name + ".context", widths.context, widths.out);
  if (widths.embedding > 0) embedding_ = make_weight(name + ".embedding", widths.embedding, widths.out);
}

Variable Combination::combine(Tape& tape, const Inputs& inputs, const Variable& out) const {
  FewTerms terms;
  terms.add(inputs.context, context_);
  terms.add(inputs.hidden, &hidden_);
  terms.add(inputs.embedded, embedding_);
  return tanh_linear(tape, terms, &bias_, out);
}

Variable Combination::context_part(Tape& tape, const Variable& contexts) const {
  return linear(tape, {{contexts, &*context_}});
}

Variable Combination::without_context(Tape& tape, const Inputs& inputs) const {
  FewTerms terms;
  terms.add(inputs.hidden, &hidden_);
  terms.add(inputs.embedded, embedding_);
  return linear(tape, terms, &bias_);
}

void Combination::visit(const ParameterVisitor& visitor) {
  if (context_) visitor(*context_);
  visitor(hidden_);
  if (embedding_) visitor(*embedding_);
  visitor(bias_);
}

}  // namespace heed
