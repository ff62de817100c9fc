#include "heed/products/matmul.h"

#include <algorithm>
#include <string>

#include "heed/base/error.h"
#include "heed/tensor/work_clock.h"
#include "ways.h"

namespace heed {
namespace {

// Whether all terms are multiplied in one way, and have all rows: then some ways add them in one pass over y.
bool go_together(std::span<const ProductTerm> terms, std::int64_t rows) {
  return terms.size() > 1 && terms.size() <= kMostTerms && std::ranges::all_of(terms, [&](const ProductTerm& term) {
           return term.x.rows == rows && term.weights->impl().way == terms.front().weights->impl().way;
         });
}

std::int64_t inputs_of(std::span<const ProductTerm> terms) {
  std::int64_t inputs = 0;
  for (const ProductTerm& term : terms) inputs += term.x.columns;
  return inputs;
}

std::int64_t rows_of(std::span<const GradientRows> parts) {
  std::int64_t rows = 0;
  for (const GradientRows& part : parts) rows += part.x.rows;
  return rows;
}

}  // namespace

void matmul(const Tensor& x, const PackedWeights& weights, const Tensor& y, Accumulate accumulate) {
  const WorkScope scope({WorkKind::kProduct, kProductWork, x.rows, x.columns, y.columns});
  weights.impl().way->multiply(x, weights, y, accumulate);
}

void matmul(const Tensor& x, const PackedWeights& weights, const Tensor& y, const OutputParts& parts) {
  const ProductWay& way = *weights.impl().way;
  const WorkScope scope({WorkKind::kProduct, kProductWork, x.rows, x.columns, y.columns});
  if (way.multiply_in_parts != nullptr) return way.multiply_in_parts(x, weights, y, parts);
  way.multiply(x, weights, y, Accumulate::kNo);
  if (y.columns > 0) parts.done(0, y.columns);
}

void matmul(std::span<const ProductTerm> terms, const Tensor& y, Accumulate accumulate) {
  if (go_together(terms, y.rows)) {
    const ProductWay& way = *terms.front().weights->impl().way;
    if (way.multiply_terms != nullptr) {
      const WorkScope scope({WorkKind::kProduct, kProductWork, y.rows, inputs_of(terms), y.columns});
      return way.multiply_terms(terms, y, accumulate);
    }
  }
  for (const ProductTerm& term : terms) {
    matmul(term.x, *term.weights, y.slice(0, term.x.rows), accumulate);
    accumulate = Accumulate::kYes;
  }
}

void matmul_gradient(std::span<const GradientRows> parts, const Tensor& dw, Accumulate accumulate,
                     Precision precision) {
  matmul_gradient(parts, dw, accumulate, best_way(precision));
}

void matmul_gradient(std::span<const GradientRows> parts, const Tensor& dw, Accumulate accumulate,
                     const ProductWay& way) {
  const std::int64_t rows = rows_of(parts);
  const WorkScope scope({WorkKind::kProduct, kGradientWork, rows, dw.rows, dw.columns});
  if (way.gradient == nullptr) throw Error(ErrorKind::kArgument, std::string(way.name) + " has no gradients");
  if (rows > 0) {
    way.gradient(parts, dw, accumulate);
  } else if (accumulate == Accumulate::kNo) {
    std::fill_n(dw.data, dw.size(), 0.0F);
  }
}

}  // namespace heed
