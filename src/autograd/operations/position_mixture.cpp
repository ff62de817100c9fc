// The exact marginal over hard choices of one source position (Wu, Shapiro and Cotterell 2018).
#include <algorithm>
#include <cmath>
#include <vector>

#include "heed/autograd/checks.h"
#include "heed/kernels/elementwise.h"
#include "heed/kernels/log_space.h"
#include "heed/kernels/softmax.h"
#include "loss_limits.h"
#include "output_gradient.h"

namespace heed {
namespace {

// Pairs of a row and a position whose logits exist together.
constexpr std::int64_t kBlockPairs = 256;

/// A row, a position of its sentence, and where that position's row lies.
struct Pair {
  std::int64_t row;
  std::int64_t position;
  std::int64_t packed;
};

std::span<const Pair> pairs_of(Arena& arena, const PositionStates& states) {
  std::size_t count = 0;
  for (const int sentence : states.sentence) count += static_cast<std::size_t>(states.sources.lengths[sentence]);
  const std::span<Pair> out = arena.array<Pair>(count);
  std::size_t at = 0;
  for (std::size_t r = 0; r < states.sentence.size(); ++r) {
    const auto sentence = static_cast<std::size_t>(states.sentence[r]);
    for (int s = 0; s < states.sources.lengths[sentence]; ++s) {
      out[at++] = {static_cast<std::int64_t>(r), s, states.sources.offsets[sentence] + s};
    }
  }
  return out;
}

/// x = tanh(row + position), dropped out by the row's mask; `active` [pairs, Hd] is that without the mask, if asked
/// for.
void states_of(const PositionStates& states, std::span<const Pair> pairs, const Tensor& x, const Tensor& active) {
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const auto r = static_cast<std::int64_t>(i);
    std::copy_n(states.rows.value().row(pairs[i].row), x.columns, x.row(r));
    add_scaled(states.positions.value().row(pairs[i].packed), 1.0F, x.row(r), x.columns);
  }
  tanh_forward(x.data, x.data, x.size());
  if (!active.empty()) std::copy_n(x.data, x.size(), active.data);
  if (states.mask.empty()) return;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const auto r = static_cast<std::int64_t>(i);
    multiply(x.row(r), states.mask.row(pairs[i].row), x.row(r), x.columns);
  }
}

/// The blocks of a batch, forward and backward.
class Emissions {
 public:
  Emissions(Tape& tape, const PositionStates& states, const OutputLayer& output, std::span<const int> labels,
            const Variable& out)
      : tape_(&tape),
        states_(states),
        output_(output),
        labels_(tape.arena().copy(labels)),
        pairs_(pairs_of(tape.arena(), states_)),
        out_(out) {}

  void forward() const {
    Block block(*this);
    each_block([&](std::span<const Pair> pairs) {
      const Tensor logits = block.compute(*this, pairs, {});
      for (std::size_t i = 0; i < pairs.size(); ++i) {
        const int label = labels_[static_cast<std::size_t>(pairs[i].row)];
        out_.value().row(pairs[i].row)[pairs[i].position] =
            logits.row(static_cast<std::int64_t>(i))[label] - block.log_sum[i];
      }
    });
  }

  /// Computes the logits again, instead of keeping [rows, longest, V] numbers.
  void backward() const {
    Arena& arena = tape_->arena();
    const std::int64_t hidden = states_.rows.columns();
    const Tensor d_weight = tape_->shared_gradient(*output_.weight);
    const Tensor d_bias = tape_->shared_gradient(*output_.bias);
    Block block(*this);
    const Tensor active = arena.tensor(block.x.rows, hidden);
    const Tensor dx = arena.tensor(block.x.rows, hidden);
    each_block([&](std::span<const Pair> pairs) {
      const auto count = static_cast<std::int64_t>(pairs.size());
      const Tensor logits = block.compute(*this, pairs, active.slice(0, count));
      for (std::size_t i = 0; i < pairs.size(); ++i) {
        block.labels[i] = labels_[static_cast<std::size_t>(pairs[i].row)];
        block.at_label[i] = -out_.gradient().row(pairs[i].row)[pairs[i].position];
        block.uniform[i] = 0;
      }
      softmax_gradient(logits, {block.labels, block.log_sum, block.at_label, block.uniform, d_bias.data});
      output_gradient(*output_.weight, {block.x.slice(0, count), logits}, d_weight, Accumulate::kYes);
      matmul(logits, output_.weight->backward, dx.slice(0, count), Accumulate::kNo);
      hand_on(pairs, active, dx);
    });
  }

 private:
  struct Block {
    Tensor x;
    Tensor logits;
    std::span<float> log_sum;
    std::span<int> labels;
    std::span<float> at_label;
    std::span<float> uniform;

    explicit Block(const Emissions& of) {
      Arena& arena = of.tape_->arena();
      const std::size_t count = std::min(static_cast<std::size_t>(kBlockPairs), of.pairs_.size());
      const auto rows = static_cast<std::int64_t>(count);
      x = arena.tensor(rows, of.states_.rows.columns());
      logits = arena.tensor(rows, of.output_.weight->out());
      log_sum = arena.array<float>(count);
      labels = arena.array<int>(count);
      at_label = arena.array<float>(count);
      uniform = arena.array<float>(count);
    }
    Tensor compute(const Emissions& of, std::span<const Pair> pairs, const Tensor& active) const {
      const auto count = static_cast<std::int64_t>(pairs.size());
      const Tensor out = logits.slice(0, count);
      states_of(of.states_, pairs, x.slice(0, count), active);
      matmul(x.slice(0, count), of.output_.weight->forward, out, Accumulate::kNo);
      log_sum_exp(out, of.output_.bias->value.view().data, log_sum.first(pairs.size()));
      return out;
    }
  };

  template <typename Visit>
  void each_block(Visit visit) const {
    constexpr auto kCount = static_cast<std::size_t>(kBlockPairs);
    for (std::size_t first = 0; first < pairs_.size(); first += kCount) {
      visit(pairs_.subspan(first, std::min(kCount, pairs_.size() - first)));
    }
  }

  void hand_on(std::span<const Pair> pairs, const Tensor& active, const Tensor& dx) const {
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      const auto r = static_cast<std::int64_t>(i);
      if (!states_.mask.empty()) multiply(dx.row(r), states_.mask.row(pairs[i].row), dx.row(r), dx.columns);
      tanh_backward(active.row(r), dx.row(r), states_.rows.gradient().row(pairs[i].row), dx.columns);
      tanh_backward(active.row(r), dx.row(r), states_.positions.gradient().row(pairs[i].packed), dx.columns);
    }
  }

  Tape* tape_;
  PositionStates states_;
  OutputLayer output_;
  std::span<const int> labels_;
  std::span<const Pair> pairs_;
  Variable out_;
};

}  // namespace

Variable position_log_probability(Tape& tape, const PositionStates& states, const OutputLayer& output,
                                  std::span<const int> labels) {
  const ArgumentCheck check("position_log_probability");
  check.output(tape, "rows", states.rows, output);
  check.same_columns("rows", states.rows, "positions", states.positions);
  if (!states.mask.empty()) check.shape("mask", states.mask, states.rows.rows(), states.rows.columns());
  check.shape("rows", states.rows, static_cast<std::int64_t>(states.sentence.size()), ArgumentCheck::kAny);
  check.pairing({states.sources, states.sentence}, states.positions.rows());
  check.ids("labels", labels, states.rows.rows(), output.weight->out());
  const Variable out = tape.variable(tape.arena().zeros(states.rows.rows(), states.sources.longest));
  PositionStates kept = states;
  kept.sentence = tape.arena().copy(states.sentence);
  const Emissions emissions(tape, kept, output, labels, out);
  emissions.forward();
  tape.record([emissions, out] {
    if (out.has_gradient()) emissions.backward();
  });
  return out;
}

Loss marginal_loss(Tape& tape, const Variable& weights, const Variable& log_probability, const Pairing& pairing,
                   double scale) {
  const ArgumentCheck check("marginal_loss");
  check.pairing(pairing, ArgumentCheck::kAny);
  check.scores("weights", weights, pairing);
  check.scores("log_probability", log_probability, pairing);
  const std::span<float> of_label = tape.arena().array<float>(pairing.sentence.size());
  Loss loss{0, of_label};
  for (std::size_t row = 0; row < pairing.sentence.size(); ++row) {
    const auto r = static_cast<std::int64_t>(row);
    const int length = pairing.source.lengths[static_cast<std::size_t>(pairing.sentence[row])];
    const float* alpha = weights.value().row(r);
    const float* emission = log_probability.value().row(r);
    float total = kLogZero;
    for (int s = 0; s < length; ++s) {
      total = log_add_exp(total, std::log(std::max(alpha[s], kLeastWeight)) + emission[s]);
    }
    of_label[row] = total;
    loss.total -= static_cast<double>(total);
    if (!tape.recording()) continue;
    const auto factor = static_cast<float>(scale);
    for (int s = 0; s < length; ++s) {
      const float share = std::exp(std::log(std::max(alpha[s], kLeastWeight)) + emission[s] - total);
      log_probability.gradient().row(r)[s] -= factor * share;
      if (alpha[s] <= kLeastWeight) continue;
      weights.gradient().row(r)[s] -= factor * std::min(std::exp(emission[s] - total), kLargestGradient);
    }
  }
  return loss;
}

void marginal_log_probability(std::span<const float> weights, const Tensor& logits, std::span<const float> log_sum,
                              std::span<float> out) {
  const ArgumentCheck check("marginal_log_probability");
  check.shape("logits", logits, static_cast<std::int64_t>(weights.size()), static_cast<std::int64_t>(out.size()));
  check.that(log_sum.size() == weights.size(), "log_sum has another size than weights");
  thread_local std::vector<float> offset;
  offset.resize(weights.size());
  for (std::size_t s = 0; s < weights.size(); ++s) {
    offset[s] = std::log(std::max(weights[s], kLeastWeight)) - log_sum[s];
  }
  log_sum_exp_of_rows(logits, offset, out);
}

}  // namespace heed
