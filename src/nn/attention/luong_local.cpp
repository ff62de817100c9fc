// Attention to a window of the source: its step costs the same for any length. Luong et al. 2015,
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
class Local : public ScoreAttention {
 public:
  Local(const std::string& name, const AttentionSizes& sizes, const AttentionOptions& options)
      : ScoreAttention(sizes, options), window_(static_cast<float>(options.window)), score_(name, sizes, options) {}

  Variable keys(Tape& tape, const Encoded& encoded, AttentionMemory&) const override {
    return score_.keys(tape, encoded);
  }
  /// Around centres from 0 to the sentence's length: at least one position is in each.
  Focus focus(Tape& tape, const AttentionStep& step) const override {
    ArgumentCheck("attend").query(step.query, step.memory.keys, step.sentence);
    ArgumentCheck("attend").pairing({step.memory.keys.sentences, step.sentence}, ArgumentCheck::kAny);
    const Variable centre = this->centre(tape, step);
    const std::span<PositionWindow> windows =
        tape.arena().array<PositionWindow>(static_cast<std::size_t>(centre.rows()));
    for (std::int64_t r = 0; r < centre.rows(); ++r) {
      const float at = centre.value().row(r)[0];
      windows[r] = {static_cast<int>(std::max(0.0F, std::ceil(at - window_))),
                    static_cast<int>(std::min(length(step, r), std::floor(at + window_) + 1))};
    }
    return {windows, centre};
  }
  Variable score(Tape& tape, const AttentionStep& step) const override { return score_(tape, step); }
  void visit(const ParameterVisitor& visitor) override { score_.visit(visitor); }

 protected:
  /// p [n, 1]
  virtual Variable centre(Tape& tape, const AttentionStep& step) const = 0;
  float width() const { return window_; }
  static float length(const AttentionStep& step, std::int64_t row) {
    return static_cast<float>(step.memory.keys.sentences.lengths[step.sentence[row]]);
  }

 private:
  float window_;
  BilinearScore score_;
};

/// local-m: p = t, source and target keeping step. A target that is longer than its source stays at the last position,
/// p = min(t, S - 1), so that the window is never empty. Carries t.
class LocalMonotonic : public Local {
 public:
  using Local::Local;

  void carry(Tape& tape, const AttentionStep& step, AttentionTrace& now) const override {
    now.carried = tape.list({time(tape, step)});
  }

 protected:
  Variable centre(Tape& tape, const AttentionStep& step) const override {
    const Variable out = time(tape, step);
    for (std::int64_t r = 0; r < out.rows(); ++r) {
      float& at = out.value().row(r)[0];
      at = std::min(at, length(step, r) - 1);
    }
    return out;
  }

 private:
  /// t [n, 1]
  static Variable time(Tape& tape, const AttentionStep& step) {
    const Variable before = carried_rows(tape, step, 1);
    const Variable out = tape.variable(step.query.rows(), 1);
    for (std::int64_t r = 0; r < out.rows(); ++r) {
      out.value().row(r)[0] = before.empty() ? 0 : before.value().row(r)[0] + 1;
    }
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

  Variable score(Tape& tape, const AttentionStep& step) const override {
    return add_log_gaussian(tape, Local::score(tape, step), step.focus.centre, width() / 2, step.focus.windows);
  }

  void visit(const ParameterVisitor& visitor) override {
    Local::visit(visitor);
    visitor(position_);
    visitor(v_);
  }

 protected:
  Variable centre(Tape& tape, const AttentionStep& step) const override {
    const Variable hidden = tanh_linear(tape, {{step.query, &position_}}, nullptr);
    const Variable share = sigmoid(tape, linear(tape, {{hidden, &v_}}));
    const Variable lengths = tape.variable(share.rows(), 1);
    for (std::int64_t r = 0; r < lengths.rows(); ++r) lengths.value().row(r)[0] = length(step, r);
    return multiply(tape, share, lengths);
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
