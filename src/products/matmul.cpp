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

}  // namespace

void matmul(const Tensor& x, const PackedWeights& weights, const Tensor& y, Accumulate accumulate) {
  const WorkScope scope(WorkKind::kProduct);
  weights.impl().way->multiply(x, weights, y, accumulate);
}

void matmul(std::span<const ProductTerm> terms, const Tensor& y, Accumulate accumulate) {
  const WorkScope scope(WorkKind::kProduct);
  if (go_together(terms, y.rows)) {
    const ProductWay& way = *terms.front().weights->impl().way;
    if (way.multiply_terms != nullptr) return way.multiply_terms(terms, y, accumulate);
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
  const WorkScope scope(WorkKind::kProduct);
  if (way.gradient == nullptr) throw Error(ErrorKind::kArgument, std::string(way.name) + " has no gradients");
  if (std::ranges::any_of(parts, [](const GradientRows& part) { return part.x.rows > 0; })) {
    way.gradient(parts, dw, accumulate);
  } else if (accumulate == Accumulate::kNo) {
    std::fill_n(dw.data, dw.size(), 0.0F);
  }
}

}  // namespace heed
