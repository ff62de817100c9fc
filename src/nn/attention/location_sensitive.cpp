#include "attention/additive_energy.h"
#include "fmt/format.h"
#include "heed/base/error.h"
#include "heed/nn/attention.h"

namespace heed {
namespace {

/// score(q, h_j) = v . tanh(q W + h_j V + f_j U + b), f = F * w', w' the weights of the previous step. Chorowski et al.
/// 2015, equations 8 and 9. Before the first step w' is 0, and so is f.
class LocationSensitive : public ScoreAttention {
 public:
  LocationSensitive(const std::string& name, const AttentionSizes& sizes, const AttentionOptions& options)
      : ScoreAttention(sizes, options),
        energy_(name, sizes),
        filters_(make_matrix(name + ".filters", options.filter_width, options.filters)),
        location_(make_matrix(name + ".location", options.filters, sizes.query)) {}

  Variable keys(Tape& tape, const Encoded& encoded, AttentionMemory& memory) const override {
    memory.keep(tape, Once{energy_.v(tape), value_of(tape, filters_), value_of(tape, location_)});
    return energy_.keys(tape, encoded);
  }

  Variable score(Tape& tape, const AttentionStep& step) const override {
    const Once& once = step.memory.own<Once>();
    const SourceMatrix& keys = step.memory.keys;
    PairTerm seen;
    if (!step.previous.weights.empty()) {
      ArgumentCheck("attend").first_rows("previous.weights", step.previous.weights, step.query.rows(),
                                         keys.sentences.longest);
      const Variable before = tape.view(step.previous.weights, 0, step.query.rows());
      seen = {location_features(tape, before, once.filters, keys.sentences, step.sentence), once.location};
    }
    return additive_pair_scores(tape, energy_.pair(tape, step.query, keys, once.v), seen, step.sentence);
  }

  void visit(const ParameterVisitor& visitor) override {
    energy_.visit(visitor);
    visitor(filters_);
    visitor(location_);
  }

 private:
  struct Once {
    Variable v, filters, location;
  };
  AdditiveEnergy energy_;
  Parameter filters_;   // [filter_width, filters] F
  Parameter location_;  // [filters, A] U
};

}  // namespace

std::unique_ptr<Attention> make_location_sensitive(const std::string& name, const AttentionSizes& sizes,
                                                   const AttentionOptions& options) {
  if (options.filter_width % 2 == 0) {
    throw UsageError(fmt::format("model.attention.filter_width is {}, but a filter has as many positions on each side: "
                                 "take an odd number",
                                 options.filter_width),
                     {.key = "model.attention.filter_width"});
  }
  return std::make_unique<LocationSensitive>(name, sizes, options);
}

}  // namespace heed
