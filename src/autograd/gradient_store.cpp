#include "heed/autograd/gradient_store.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

#include "fair_share.h"
#include "heed/autograd/checks.h"
#include "heed/kernels/elementwise.h"

namespace heed {
namespace {

constexpr ArgumentCheck kCheck("collect");

void clear(const Tensor& x) { std::memset(x.data, 0, static_cast<std::size_t>(x.size()) * sizeof(float)); }

// What the tapes have of a parameter as a whole. It holds until the next call.
std::span<const float* const> sums_of(const Parameter& parameter, std::span<const Tape* const> tapes) {
  thread_local std::vector<const float*> out;
  out.clear();
  for (const Tape* tape : tapes) {
    for (const Tensor& sum : tape->collected(parameter).sums) {
      kCheck.gradient(parameter, sum.rows, sum.columns);
      out.push_back(sum.data);
    }
  }
  return out;
}

// y = or += the sum of all x, some numbers at a time, which stay near. Returns the sum of squares of y.
double add_all(std::span<const float* const> x, Accumulate accumulate, const Tensor& y) {
  constexpr std::int64_t kNumbersNear = 2048;
  double squares = 0;
  for (std::int64_t first = 0; first < y.size(); first += kNumbersNear) {
    const std::int64_t count = std::min(kNumbersNear, y.size() - first);
    float* to = y.data + first;
    if (accumulate == Accumulate::kNo) std::fill_n(to, count, 0.0F);
    for (const float* each : x) add_scaled(each + first, 1.0F, to, count);
    squares += sum_of_squares(to, count);
  }
  return squares;
}

}  // namespace

GradientStore::GradientStore(const ParameterList& parameters)
    : parameters_(parameters),
      flat_(1, parameters.total()),
      squares_(parameters.all().size()),
      touched_(parameters.all().size()) {}

Tensor GradientStore::of(const Parameter& parameter) const {
  ArgumentCheck("GradientStore::of").listed(&parameter, parameters_.all());
  return {flat_.view().data + parameters_.offset(parameter.index), parameter.rows(), parameter.columns()};
}

void GradientStore::collect(std::span<const Tape* const> tapes, int part, int parts, Accumulate accumulate) {
  kCheck.share(part, parts);
  for (const int index : share(tapes, part, parts)) {
    const Parameter& parameter = *parameters_.all()[static_cast<std::size_t>(index)];
    if (parameter.frozen) continue;  // its part of flat_ stays zero
    if (parameter.role == ParameterRole::kEmbedding) {
      collect_rows(parameter, tapes, accumulate);
    } else if (parameter.role == ParameterRole::kVector) {
      collect_vector(parameter, tapes, accumulate);
    } else {
      collect_weight(parameter, tapes, accumulate);
    }
  }
}

double GradientStore::norm() const { return std::sqrt(std::accumulate(squares_.begin(), squares_.end(), 0.0)); }

// The parameters of a share: each, the most work first, goes to the share that has least.
std::span<const int> GradientStore::share(std::span<const Tape* const> tapes, int part, int parts) const {
  constexpr double kReadAndWrite = 16;  // what memory costs, in rows of a product
  thread_local std::vector<double> cost;
  const std::size_t count = parameters_.all().size();
  cost.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    const Parameter& parameter = *parameters_.all()[i];
    double rows = kReadAndWrite;
    for (const Tape* tape : tapes) {
      const Tape::Collected& collected = tape->collected(parameter);
      for (const GradientRows& product : collected.products) rows += static_cast<double>(product.x.rows);
      rows += kReadAndWrite * static_cast<double>(collected.sums.size());
    }
    const bool cheap = parameter.frozen || (parameter.role == ParameterRole::kEmbedding && !parameter.tied);
    cost[i] = cheap ? 0 : rows * static_cast<double>(parameter.size());
  }
  return fair_share(cost, part, parts);
}

void GradientStore::collect_weight(const Parameter& weight, std::span<const Tape* const> tapes, Accumulate accumulate) {
  const Tensor gradient = of(weight);
  thread_local std::vector<GradientRows> products;
  products.clear();
  for (const Tape* tape : tapes) {
    const auto& more = tape->collected(weight).products;
    for (const GradientRows& rows : more) kCheck.gradient(weight, rows.x.columns, rows.dy.columns);
    products.insert(products.end(), more.begin(), more.end());
  }
  // An operation of somebody's own may have used the weight without packing it.
  const Precision precision = weight.forward.empty() ? Precision::kFloat32 : weight.forward.precision();
  if (!products.empty()) matmul_gradient(products, gradient, accumulate, precision);
  const Accumulate rest = products.empty() ? accumulate : Accumulate::kYes;
  squares_[static_cast<std::size_t>(weight.index)] = add_all(sums_of(weight, tapes), rest, gradient);
}

void GradientStore::collect_vector(const Parameter& vector, std::span<const Tape* const> tapes, Accumulate accumulate) {
  const Tensor gradient = of(vector);
  if (accumulate == Accumulate::kNo) clear(gradient);
  for (const Tape* tape : tapes) {
    for (const GradientRows& rows : tape->collected(vector).products) {
      kCheck.gradient(vector, 1, rows.dy.columns);
      add_column_sums(rows.dy, gradient.data);
    }
  }
  squares_[static_cast<std::size_t>(vector.index)] = add_all(sums_of(vector, tapes), Accumulate::kYes, gradient);
}

void GradientStore::collect_rows(const Parameter& table, std::span<const Tape* const> tapes, Accumulate accumulate) {
  const Tensor gradient = of(table);
  std::vector<int>& touched = touched_[static_cast<std::size_t>(table.index)];
  const std::span<const float* const> sums = sums_of(table, tapes);  // of the output layer that is tied to it
  if (accumulate == Accumulate::kNo) {
    if (sums.empty() && table.tied) {
      clear(gradient);  // of whatever a sum of several stores left there
    } else if (sums.empty()) {
      for (const int row : touched) clear(gradient.slice(row, 1));
    }
    touched.clear();
  }
  if (!sums.empty()) {
    add_all(sums, accumulate, gradient);
    touched.resize(static_cast<std::size_t>(table.rows()));
    std::iota(touched.begin(), touched.end(), 0);
  }
  const bool all = std::ssize(touched) == table.rows();
  for (const Tape* tape : tapes) {
    for (const Tape::Collected::Rows& rows : tape->collected(table).rows) {
      kCheck.gradient(table, table.rows(), rows.dy.columns);
      kCheck.ids("ids", rows.ids, rows.dy.rows, table.rows());
      for (std::size_t i = 0; i < rows.ids.size(); ++i) {
        add_scaled(rows.dy.row(static_cast<std::int64_t>(i)), 1.0F, gradient.row(rows.ids[i]), gradient.columns);
      }
      if (!all) touched.insert(touched.end(), rows.ids.begin(), rows.ids.end());
    }
  }
  square_rows(table);
}

void GradientStore::square_rows(const Parameter& table) {
  const Tensor gradient = of(table);
  std::vector<int>& touched = touched_[static_cast<std::size_t>(table.index)];
  std::sort(touched.begin(), touched.end());
  touched.erase(std::unique(touched.begin(), touched.end()), touched.end());
  double squares = 0;
  for (const int row : touched) squares += sum_of_squares(gradient.row(row), gradient.columns);
  set_squares(table, squares);
}

std::span<const int> GradientStore::rows_of(const Parameter& table) const {
  return touched_[static_cast<std::size_t>(table.index)];
}

void GradientStore::set_squares(const Parameter& parameter, double squares) {
  squares_[static_cast<std::size_t>(parameter.index)] = squares;
}

void GradientStore::sum_rows(const Parameter& table, std::span<const Rows> several) {
  const Tensor gradient = of(table);
  std::vector<int>& touched = touched_[static_cast<std::size_t>(table.index)];
  for (const int row : touched) clear(gradient.slice(row, 1));
  touched.clear();
  for (const Rows& rows : several) {
    kCheck.ids("ids", rows.ids, std::ssize(rows.ids), table.rows());
    const float* from = rows.values;
    for (const int id : rows.ids) {
      add_scaled(from, 1.0F, gradient.row(id), gradient.columns);
      from += gradient.columns;
    }
    touched.insert(touched.end(), rows.ids.begin(), rows.ids.end());
  }
  square_rows(table);
}

}  // namespace heed
