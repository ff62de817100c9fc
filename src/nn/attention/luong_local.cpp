// Attention that looks at a window of the source: its step costs the same for any length. Luong et al. 2015,
// section 3.2.
#include <algorithm>
#include <cmath>

#include "attention/additive_energy.h"
#include "attention/bilinear_score.h"
#include "heed/autograd/checks.h"
#include "heed/nn/attention.h"

namespace heed {
namespace {

/// score(q, k) = q . (k W) / d of positions s with |s - p| <= D, where p is the centre of the row. What lies
/// outside has weight 0.
class Local : public Attention {
 public:
  Local(const std::string& name, const AttentionSizes& sizes, const AttentionOptions& options)
      : context_columns_(sizes.encoded),
        window_(static_cast<float>(options.window)),
        normalizer_(options),
        score_(name, sizes, options) {}

  AttentionMemory prepare(Tape& tape, const Encoded& encoded) const override {
    return {source_matrix(tape, score_.keys(tape, encoded), encoded.sentences),
            source_matrix(tape, encoded.states, encoded.sentences)};
  }

  std::int64_t context_columns() const override { return context_columns_; }
  void visit(const ParameterVisitor& visitor) override { score_.visit(visitor); }

 protected:
  float width() const { return window_; }

  static void check(const AttentionStep& step) {
    ArgumentCheck("attend").query(step.query, step.memory.keys, step.sentence);
    ArgumentCheck("attend").pairing({step.memory.keys.sentences, step.sentence}, ArgumentCheck::kAny);
  }

  static float length(const AttentionStep& step, std::int64_t row) {
    return static_cast<float>(step.memory.keys.sentences.lengths[step.sentence[static_cast<std::size_t>(row)]]);
  }

  /// Around centres [n, 1] from 0 to the sentence's length: at least one position is in each.
  std::span<const Window> windows(Tape& tape, const AttentionStep& step, const Variable& centre) const {
    const std::span<Window> out = tape.arena().array<Window>(static_cast<std::size_t>(centre.rows()));
    for (std::int64_t r = 0; r < centre.rows(); ++r) {
      const float at = centre.value().row(r)[0];
      out[static_cast<std::size_t>(r)] = {static_cast<int>(std::max(0.0F, std::ceil(at - window_))),
                                          static_cast<int>(std::min(length(step, r), std::floor(at + window_) + 1))};
    }
    return out;
  }

  Variable score(Tape& tape, const AttentionStep& step, std::span<const Window> in) const {
    return score_(tape, step, in);
  }

  Attended sum(Tape& tape, const AttentionStep& step, const Variable& scores, std::span<const Window> in) const {
    Attended out;
    out.trace.weights = normalizer_(tape, scores, step.memory.keys.sentences, step.sentence, in);
    out.context = weighted_sum(tape, out.trace.weights, step.memory.values, step.sentence, in);
    return out;
  }

 private:
  std::int64_t context_columns_;
  float window_;
  Normalizer normalizer_;
  BilinearScore score_;
};

/// local-m: p = t, source and target keeping step. A target that is longer than its source stays at the last position,
/// p = min(t, S - 1), so that the window is never empty. Carries t.
class LocalMonotonic : public Local {
 public:
  using Local::Local;

  Attended attend(Tape& tape, const AttentionStep& step) const override {
    check(step);
    const Variable before = carried_rows(tape, step);
    const Variable time = tape.variable(step.query.rows(), 1);
    const Variable centre = tape.variable(step.query.rows(), 1);
    for (std::int64_t r = 0; r < time.rows(); ++r) {
      const float now = before.empty() ? 0 : before.value().row(r)[0] + 1;
      time.value().row(r)[0] = now;
      centre.value().row(r)[0] = std::min(now, length(step, r) - 1);
    }
    const std::span<const Window> in = windows(tape, step, centre);
    Attended out = sum(tape, step, score(tape, step, in), in);
    out.trace.carried = tape.list({time});
    return out;
  }
};

/// local-p: p = S sigmoid(v . tanh(q W)), equation 9, positions counting from 0. The paper multiplies
/// the weights by exp(-(s - p)^2 / (2 sigma^2)), sigma = D / 2 (equation 10), and they no longer sum to 1; here its
/// logarithm is added to the scores, which is the same but for a factor of each row, and they do.
class Predictive : public Local {
 public:
  Predictive(const std::string& name, const AttentionSizes& sizes, const AttentionOptions& options)
      : Local(name, sizes, options),
        position_(make_weight(name + ".position", sizes.query, sizes.query)),
        v_(make_weight(name + ".v", sizes.query, 1)) {}

  Attended attend(Tape& tape, const AttentionStep& step) const override {
    check(step);
    const Variable hidden = tanh_linear(tape, {{step.query, &position_}}, nullptr);
    const Variable share = sigmoid(tape, linear(tape, {{hidden, &v_}}));
    const Variable lengths = tape.variable(share.rows(), 1);
    for (std::int64_t r = 0; r < lengths.rows(); ++r) lengths.value().row(r)[0] = length(step, r);
    const Variable centre = multiply(tape, share, lengths);
    const std::span<const Window> in = windows(tape, step, centre);
    return sum(tape, step, add_log_gaussian(tape, score(tape, step, in), centre, width() / 2, in), in);
  }

  void visit(const ParameterVisitor& visitor) override {
    Local::visit(visitor);
    visitor(position_);
    visitor(v_);
  }

 private:
  Parameter position_;  // [Hd, Hd]
  Parameter v_;         // [Hd, 1]
};

}  // namespace

std::unique_ptr<Attention> make_luong_local_m(const std::string& name, const AttentionSizes& sizes,
                                              const AttentionOptions& options) {
  return std::make_unique<LocalMonotonic>(name, sizes, options);
}

std::unique_ptr<Attention> make_luong_local_p(const std::string& name, const AttentionSizes& sizes,
                                              const AttentionOptions& options) {
  return std::make_unique<Predictive>(name, sizes, options);
}

}  // namespace heed
