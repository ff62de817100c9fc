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
  log_sums_.clear();
  const std::int64_t rows = std::min(states.rows, kLogitRows);
  if (logits_.view().rows < rows) logits_ = Buffer(rows, layer_.weight->out());
}

RowScores GeneratorLogits::row(std::int64_t r) {
  const Tensor& logits = logits_.view();
  if (r < first_ || r >= first_ + static_cast<std::int64_t>(log_sums_.size())) {
    first_ = r - r % kLogitRows;
    const std::int64_t rows = std::min(kLogitRows, states_.rows - first_);
    log_sums_.assign(static_cast<std::size_t>(rows), std::nullopt);
    matmul(states_.slice(first_, rows), layer_.weight->forward, logits.slice(0, rows), Accumulate::kNo);
  }
  const Tensor one = logits.slice(r - first_, 1);
  std::optional<float>& log_sum = log_sums_[static_cast<std::size_t>(r - first_)];
  if (!log_sum) log_sum_exp(one, layer_.bias->value.view().data, {&log_sum.emplace(), 1});
  return {{one.data, static_cast<std::size_t>(one.columns)}, *log_sum};
}

}  // namespace heed
