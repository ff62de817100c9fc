#include "heed/model/combination.h"

#include <algorithm>

#include "few_terms.h"
#include "heed/base/error.h"

namespace heed {

/// A line of the table of model.decoder.context_gate.
struct ContextGate {
  std::string name;
  /// The sum under the tanh, of z, s and t (combination.h); nullptr: no gate.
  Variable (*weigh)(Tape& tape, const Variable& gate, const Variable& source, const Variable& target);
};

namespace {

const std::vector<ContextGate>& gates() {
  static const std::vector<ContextGate> all = {
      {"none", nullptr},
      {"source", [](Tape& tape, const Variable& gate, const Variable& source,
                    const Variable& target) { return add(tape, multiply(tape, gate, source), target); }},
      {"target", [](Tape& tape, const Variable& gate, const Variable& source,
                    const Variable& target) { return add(tape, source, multiply(tape, gate, target)); }},
      {"both",
       [](Tape& tape, const Variable& gate, const Variable& source, const Variable& target) {
         return add(tape, target, multiply(tape, gate, add(tape, source, scale(tape, target, -1.0F))));
       }},
  };
  return all;
}

const ContextGate& find_gate(const std::string& name) {
  const auto found =
      std::find_if(gates().begin(), gates().end(), [&](const ContextGate& gate) { return gate.name == name; });
  if (found == gates().end()) throw UsageError("unknown context gate '" + name + "'");
  return *found;
}

}  // namespace

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
    : gate_kind_(find_gate(gate)), sum_(name, widths) {
  if (gate_kind_.weigh != nullptr && widths.context > 0) gate_.emplace(name + ".gate", widths);
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
  return gate_kind_.weigh(tape, gate, source, target);
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

std::vector<std::string> context_gates() {
  std::vector<std::string> names;
  for (const ContextGate& gate : gates()) names.push_back(gate.name);
  return names;
}

}  // namespace heed
