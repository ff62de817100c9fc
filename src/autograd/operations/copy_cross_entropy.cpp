// The mixture of generating and copying (See et al. 2017, equations 8 and 9), in log space.
#include <algorithm>
#include <cmath>

#include "heed/autograd/checks.h"
#include "heed/kernels/log_space.h"
#include "heed/kernels/softmax.h"
#include "loss_limits.h"
#include "output_gradient.h"

namespace heed {
namespace {

/// One row's mixture.
struct Mixture {
  float log_probability;  // log P(label)
  float generated;        // the share of it that the output layer has
  float weight_gradient;  // d log P / d attention weight, of each position that copies the label; 0 without any
};

Mixture mix(float gate, float log_generated, float weight, bool copied) {
  Mixture out{};
  const float generated = log_sigmoid(gate) + log_generated;
  const float copies = copied ? log_copy_probability(gate, weight) : kLogZero;
  out.log_probability = log_add_exp(generated, copies);
  out.generated = std::exp(generated - out.log_probability);
  if (copied && weight > kLeastWeight) {
    out.weight_gradient = std::min(std::exp(log_sigmoid(-gate) - out.log_probability), kLargestGradient);
  }
  return out;
}

/// The positions of a row's sentence that copy an id.
class Positions {
 public:
  Positions(const Copying& copying, std::size_t row)
      : first_(copying.sources.offsets[static_cast<std::size_t>(copying.sentence[row])]),
        count_(copying.sources.lengths[static_cast<std::size_t>(copying.sentence[row])]),
        ids_(copying.ids) {}
  template <typename Visit>
  void of(int id, Visit visit) const {
    const auto ids = ids_.subspan(static_cast<std::size_t>(first_), static_cast<std::size_t>(count_));
    for (int s = 0; s < count_; ++s) {
      if (ids[static_cast<std::size_t>(s)] == id) visit(s);
    }
  }

 private:
  int first_;
  int count_;
  std::span<const int> ids_;
};

/// A block of rows: what the gradient of its logits is made of.
struct Block {
  std::span<int> labels;  // those of the output layer, or -1
  std::span<float> log_sum;
  std::span<float> at_label;
  std::span<float> uniform;
  std::span<float> sums;  // of the logits, for smoothing

  Block(Arena& arena, std::size_t rows)
      : labels(arena.array<int>(rows)),
        log_sum(arena.array<float>(rows)),
        at_label(arena.array<float>(rows)),
        uniform(arena.array<float>(rows)),
        sums(arena.array<float>(rows)) {}
};

class CopyLoss {
 public:
  CopyLoss(const Copying& copying, std::span<const int> labels, const CrossEntropyOptions& options, bool recording)
      : copying_(copying),
        labels_(labels),
        smoothing_(static_cast<float>(options.smoothing)),
        scale_(static_cast<float>(options.scale)),
        recording_(recording) {}

  /// The loss of the rows from `first` on; fills the block, and adds the gradients of gate and weights.
  double add_rows(std::size_t first, const Tensor& logits, Block& block, std::span<float> log_probability,
                  std::span<float> generated) const {
    double loss = 0;
    for (std::size_t r = 0; r < static_cast<std::size_t>(logits.rows); ++r) {
      const float* row = logits.row(static_cast<std::int64_t>(r));
      const int label = labels_[first + r];
      block.labels[r] = label < logits.columns ? label : -1;
      const Mixture mixture = mix_row(first + r, block.labels[r] < 0 ? kLogZero : row[label] - block.log_sum[r]);
      log_probability[first + r] = mixture.log_probability;
      generated[first + r] = mixture.generated;
      loss -= static_cast<double>((1 - smoothing_) * mixture.log_probability);
      if (smoothing_ > 0) {
        loss +=
            static_cast<double>(smoothing_ * (block.log_sum[r] - block.sums[r] / static_cast<float>(logits.columns)));
      }
      block.at_label[r] = scale_ * (1 - smoothing_) * mixture.generated;
      block.uniform[r] = scale_ * smoothing_;
      if (recording_) add_gradients(first + r, mixture);
    }
    return loss;
  }

 private:
  Mixture mix_row(std::size_t row, float log_generated) const {
    const auto r = static_cast<std::int64_t>(row);
    const float* weights = copying_.weights.value().row(r);
    float weight = 0;
    bool copied = false;
    Positions(copying_, row).of(labels_[row], [&](int s) {
      weight += weights[s];
      copied = true;
    });
    return mix(copying_.gate.value().row(r)[0], log_generated, weight, copied);
  }

  void add_gradients(std::size_t row, const Mixture& mixture) const {
    const auto r = static_cast<std::int64_t>(row);
    const float share = scale_ * (1 - smoothing_);
    const float gate = std::exp(log_sigmoid(copying_.gate.value().row(r)[0]));
    copying_.gate.gradient().row(r)[0] += share * (gate - mixture.generated);
    float* d_weights = copying_.weights.gradient().row(r);
    Positions(copying_, row).of(labels_[row], [&](int s) { d_weights[s] -= share * mixture.weight_gradient; });
  }

  const Copying& copying_;
  std::span<const int> labels_;
  float smoothing_;
  float scale_;
  bool recording_;
};

}  // namespace

float log_copy_probability(float gate, float weight) {
  return log_sigmoid(-gate) + std::log(std::max(weight, kLeastWeight));
}

Loss copy_cross_entropy(Tape& tape, const Variable& hidden, const OutputLayer& output, const Copying& copying,
                        std::span<const int> labels, const CrossEntropyOptions& options) {
  const ArgumentCheck check("copy_cross_entropy");
  const Pairing pairing{copying.sources, copying.sentence};
  check.output(tape, "hidden", hidden, output);
  check.ids("labels", labels, hidden.rows(), ArgumentCheck::kAny);
  check.shape("gate", copying.gate, hidden.rows(), 1);
  check.shape("weights", copying.weights, hidden.rows(), copying.sources.longest);
  check.scores("weights", copying.weights, pairing);
  check.pairing(pairing, static_cast<std::int64_t>(copying.ids.size()));
  const std::int64_t vocabulary = output.weight->out();
  Arena& arena = tape.arena();
  const Tensor logits_of_block = arena.tensor(std::min(hidden.rows(), kBlockRows), vocabulary);
  Block block(arena, static_cast<std::size_t>(logits_of_block.rows));
  const std::span<float> log_probability = arena.array<float>(labels.size());
  const std::span<float> generated = arena.array<float>(labels.size());
  Loss loss{0, log_probability, generated};
  Tensor d_weight;
  Tensor d_bias;
  if (tape.recording()) {
    d_weight = arena.tensor(output.weight->rows(), output.weight->columns());
    d_bias = arena.zeros(1, vocabulary);
    tape.add_gradient(*output.weight, d_weight);
    tape.add_gradient(*output.bias, d_bias);
  }
  const CopyLoss rows(copying, labels, options, tape.recording());
  for (std::int64_t first = 0; first < hidden.rows(); first += kBlockRows) {
    const std::int64_t count = std::min(kBlockRows, hidden.rows() - first);
    const Tensor x = hidden.value().slice(first, count);
    const Tensor logits = logits_of_block.slice(0, count);
    matmul(x, output.weight->forward, logits, Accumulate::kNo);
    log_sum_exp(logits, output.bias->value.view().data, block.log_sum.first(static_cast<std::size_t>(count)));
    if (options.smoothing > 0) sum_rows(logits, block.sums);
    loss.total += rows.add_rows(static_cast<std::size_t>(first), logits, block, log_probability, generated);
    if (!tape.recording()) continue;
    softmax_gradient(logits, {block.labels, block.log_sum, block.at_label, block.uniform, d_bias.data});
    matmul(logits, output.weight->backward, hidden.gradient().slice(first, count), Accumulate::kYes);
    output_gradient(*output.weight, {x, logits}, d_weight, first == 0 ? Accumulate::kNo : Accumulate::kYes);
  }
  return loss;
}

}  // namespace heed
