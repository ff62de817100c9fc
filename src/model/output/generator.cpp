#include "output/generator.h"

#include <algorithm>

#include "heed/kernels/softmax.h"
#include "heed/model/array_names.h"

namespace heed {
namespace {

constexpr std::int64_t kLogitRows = 32;  // of a block

}  // namespace

Generator::Generator(const ModelOptions& options, const Decoder& decoder)
    : bias_(make_vector(kGeneratorBias, decoder.vocabulary())), layer_{&decoder.table(), &bias_} {
  if (layer_.weight->tied) return;
  // Not hoisted: cross_entropy() multiplies blocks of 256 rows, too few to pack the weight for each.
  weight_ = make_weight(kGeneratorWeight, options.decoder_hidden, decoder.vocabulary());
  layer_.weight = &*weight_;
}

void Generator::visit(const ParameterVisitor& visitor) {
  if (weight_) visitor(*weight_);
  visitor(bias_);
}

void GeneratorLogits::take(const Tensor& states) {
  states_ = states;
  sums_.clear();
  const std::int64_t rows = std::min(states.rows, kLogitRows);
  if (logits_.view().rows >= rows) return;
  const std::int64_t outputs = layer_.weight->out();
  logits_ = Buffer(rows, outputs);
  largest_ = Buffer(rows, (outputs + kTopKGroup - 1) / kTopKGroup);
}

void GeneratorLogits::multiply(std::int64_t first) {
  first_ = first;
  const std::int64_t rows = std::min(kLogitRows, states_.rows - first);
  const Tensor logits = logits_.view().slice(0, rows);
  sums_.assign(static_cast<std::size_t>(rows), {});
  const float* const bias = layer_.bias->value.view().data;
  const auto add = [&](std::int64_t begin, std::int64_t count) {
    add_logits({logits, bias, begin, count}, sums_, largest_.view());
  };
  matmul(states_.slice(first, rows), layer_.weight->forward, logits, {.size = kTopKGroup, .done = add});
}

RowScores GeneratorLogits::row(std::int64_t r) {
  if (r < first_ || r >= first_ + std::ssize(sums_)) multiply(r - r % kLogitRows);
  const auto row_of = [&](const Buffer& values) {
    const Tensor& all = values.view();
    return std::span(all.row(r - first_), static_cast<std::size_t>(all.columns));
  };
  return {.logits = row_of(logits_),
          .log_sum = sums_[static_cast<std::size_t>(r - first_)].log_sum(),
          .largest = row_of(largest_)};
}

}  // namespace heed
