#include "heed/model/combination.h"

#include "few_terms.h"

namespace heed {

Combination::Sum::Sum(const std::string& name, const Widths& widths)
    : hidden(make_weight(name + ".hidden", widths.hidden, widths.out)), bias(make_vector(name + ".bias", widths.out)) {
  if (widths.context > 0) context = make_weight(name + ".context", widths.context, widths.out);
  if (widths.embedding > 0) embedding = make_weight(name + ".embedding", widths.embedding, widths.out);
}

void Combination::Sum::add_terms(FewTerms& terms, const Inputs& inputs, bool with_context) const {
  if (with_context) terms.add(inputs.context, context);
  terms.add(inputs.hidden, &hidden);
  terms.add(inputs.embedded, embedding);
}

void Combination::Sum::visit(const ParameterVisitor& visitor) {
  if (context) visitor(*context);
  visitor(hidden);
  if (embedding) visitor(*embedding);
  visitor(bias);
}

Combination::Combination(const std::string& name, const Widths& widths, const std::string& gate)
    : kind_(gate), sum_(name, widths) {
  if (gate != "none" && widths.context > 0) gate_.emplace(name + ".gate", widths);
}

Variable Combination::combine(Tape& tape, const Inputs& inputs, const Variable& out) const {
  if (gate_) return tanh(tape, weigh(tape, inputs), out);
  FewTerms terms;
  sum_.add_terms(terms, inputs);
  return tanh_linear(tape, terms, &sum_.bias, out);
}

Variable Combination::weigh(Tape& tape, const Inputs& inputs) const {
  FewTerms terms;
  gate_->add_terms(terms, inputs);
  const Variable gate = sigmoid(tape, linear(tape, terms, &gate_->bias));
  const Variable source = context_part(tape, inputs.context);
  const Variable target = without_context(tape, inputs);
  if (kind_ == "source") return add(tape, multiply(tape, gate, source), target);
  if (kind_ == "target") return add(tape, source, multiply(tape, gate, target));
  return add(tape, target, multiply(tape, gate, add(tape, source, scale(tape, target, -1.0F))));
}

Variable Combination::context_part(Tape& tape, const Variable& contexts) const {
  return linear(tape, {{contexts, &*sum_.context}});
}

Variable Combination::without_context(Tape& tape, const Inputs& inputs) const {
  FewTerms terms;
  sum_.add_terms(terms, inputs, false);
  return linear(tape, terms, &sum_.bias);
}

void Combination::visit(const ParameterVisitor& visitor) {
  sum_.visit(visitor);
  if (gate_) gate_->visit(visitor);
}

std::vector<std::string> context_gates() { return {"none", "source", "target", "both"}; }

}  // namespace heed
