#include <algorithm>
#include <cstring>

#include "heed/autograd/checks.h"
#include "heed/kernels/softmax.h"
#include "loss_limits.h"
#include "output_gradient.h"

namespace heed {
namespace {

/// The mean of the teachers' probabilities for rows [first, first + soft.rows).
void mean_of_teachers(std::span<const TeacherOutput> teachers, std::int64_t first, const Tensor& logits,
                      const Tensor& soft) {
  std::memset(soft.data, 0, static_cast<std::size_t>(soft.size()) * sizeof(float));
  for (const TeacherOutput& teacher : teachers) {
    matmul(teacher.hidden.slice(first, soft.rows), teacher.weight->forward, logits, Accumulate::kNo);
    add_softmax(logits, teacher.bias->value.view().data, 1.0F / static_cast<float>(teachers.size()), soft);
  }
}

void check_options(const ArgumentCheck& check, const CrossEntropyOptions& options, std::int64_t rows,
                   std::int64_t vocabulary) {
  check.that(options.weights.empty() || std::ssize(options.weights) == rows, "the weights are not one for each row");
  for (const TeacherOutput& teacher : options.teachers) {
    check.values(teacher.weight);
    check.values(teacher.bias);
    check.shape("a teacher's hidden", teacher.hidden, rows, teacher.weight->in());
    check.that(teacher.weight->out() == vocabulary, "a teacher has another vocabulary");
  }
}

}  // namespace

Loss cross_entropy(Tape& tape, const Variable& hidden, const OutputLayer& output, std::span<const int> labels,
                   const CrossEntropyOptions& options) {
  const ArgumentCheck check("cross_entropy");
  check.output(tape, "hidden", hidden, output);
  check.ids("labels", labels, hidden.rows(), output.weight->out());
  const std::int64_t vocabulary = output.weight->out();
  check_options(check, options, hidden.rows(), vocabulary);
  const bool distils = !options.teachers.empty() && options.distillation > 0;
  const Tensor soft_block = distils ? tape.arena().tensor(std::min(hidden.rows(), kBlockRows), vocabulary) : Tensor{};
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
    const Tensor soft = distils ? soft_block.slice(0, count) : Tensor{};
    if (distils) mean_of_teachers(options.teachers, first, logits, soft);
    matmul(x, output.weight->forward, logits, Accumulate::kNo);
    CrossEntropy work;
    work.labels = labels.subspan(at, labelled);
    work.bias = output.bias->value.view().data;
    work.smoothing = static_cast<float>(options.smoothing);
    work.scale = static_cast<float>(options.scale);
    work.bias_gradient = d_bias.data;
    work.log_probability = log_probability.subspan(at, labelled);
    if (!options.weights.empty()) work.weights = options.weights.subspan(at, labelled);
    work.soft = soft;
    work.soft_share = static_cast<float>(options.distillation);
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
