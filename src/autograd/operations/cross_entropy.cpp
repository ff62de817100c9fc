#include <algorithm>
#include <cstring>

#include "heed/autograd/checks.h"
#include "heed/kernels/softmax.h"
#include "loss_limits.h"
#include "output_gradient.h"

namespace heed {
Loss cross_entropy(Tape& tape, const Variable& hidden, const OutputLayer& output, std::span<const int> labels,
                   const CrossEntropyOptions& options) {
  const ArgumentCheck check("cross_entropy");
  check.output(tape, "hidden", hidden, output);
  check.ids("labels", labels, hidden.rows(), output.weight->out());
  const std::int64_t vocabulary = output.weight->out();
  const Tensor block = tape.arena().tensor(std::min(hidden.rows(), kBlockRows), vocabulary);
  const std::span<float> log_probability = tape.arena().array<float>(labels.size());
  Loss loss{0, log_probability};
  Tensor d_weight;
  Tensor d_bias;
  if (tape.recording()) {
    d_weight = tape.arena().tensor(output.weight->rows(), output.weight->columns());
    d_bias = tape.arena().zeros(1, vocabulary);
    tape.add_gradient(*output.weight, d_weight);
    tape.add_gradient(*output.bias, d_bias);
  }
  for (std::int64_t first = 0; first < hidden.rows(); first += kBlockRows) {
    const std::int64_t count = std::min(kBlockRows, hidden.rows() - first);
    const auto at = static_cast<std::size_t>(first);
    const auto labelled = static_cast<std::size_t>(count);
    const Tensor x = hidden.value().slice(first, count);
    const Tensor logits = block.slice(0, count);
    matmul(x, output.weight->forward, logits, Accumulate::kNo);
    CrossEntropy work;
    work.labels = labels.subspan(at, labelled);
    work.bias = output.bias->value.view().data;
    work.smoothing = static_cast<float>(options.smoothing);
    work.scale = static_cast<float>(options.scale);
    work.bias_gradient = d_bias.data;
    work.log_probability = log_probability.subspan(at, labelled);
    softmax_cross_entropy(logits, work);
    loss.total += work.loss;
    if (!tape.recording()) continue;
    const Tensor& d_logits = logits;  // overwritten in place
    matmul(d_logits, output.weight->backward, hidden.gradient().slice(first, count), Accumulate::kYes);
    output_gradient(*output.weight, {x, d_logits}, d_weight, first == 0 ? Accumulate::kNo : Accumulate::kYes);
  }
  return loss;
}

}  // namespace heed
