#include "heed/autograd/gradient_store.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

#include "heed/autograd/checks.h"
#include "heed/kernels/elementwise.h"

namespace heed {
namespace {

constexpr ArgumentCheck kCheck("collect");

void clear(const Tensor& x) { std::memset(x.data, 0, static_cast<std::size_t>(x.size()) * sizeof(float)); }

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
  thread_local std::vector<int> order;
  thread_local std::vector<double> load;
  thread_local std::vector<int> out;
  const std::size_t count = parameters_.all().size();
  cost.resize(count);
  order.resize(count);
  std::iota(order.begin(), order.end(), 0);
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
  std::sort(order.begin(), order.end(), [&](int a, int b) { return cost[a] != cost[b] ? cost[a] > cost[b] : a < b; });
  load.assign(static_cast<std::size_t>(parts), 0.0);
  out.clear();
  for (const int index : order) {
    const auto least = std::min_element(load.begin(), load.end());
    *least += cost[static_cast<std::size_t>(index)];
    if (least - load.begin() == part) out.push_back(index);
  }
  return out;
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
  bool empty = products.empty() && accumulate == Accumulate::kNo;
  // An operation of somebody's own may have used the weight without packing it.
  const Precision precision = weight.forward.empty() ? Precision::kFloat32 : weight.forward.precision();
  if (!products.empty()) matmul_gradient(products, gradient, accumulate, precision);
  for (const Tape* tape : tapes) {
    for (const Tensor& sum : tape->collected(weight).sums) {
      kCheck.gradient(weight, sum.rows, sum.columns);
      if (empty) {
        std::copy_n(sum.data, sum.size(), gradient.data);
      } else {
        add_scaled(sum.data, 1.0F, gradient.data, sum.size());
      }
      empty = false;
    }
  }
  if (empty) clear(gradient);
  squares_[static_cast<std::size_t>(weight.index)] = sum_of_squares(gradient.data, gradient.size());
}

void GradientStore::collect_vector(const Parameter& vector, std::span<const Tape* const> tapes, Accumulate accumulate) {
  const Tensor gradient = of(vector);
  if (accumulate == Accumulate::kNo) clear(gradient);
  for (const Tape* tape : tapes) {
    const Tape::Collected& collected = tape->collected(vector);
    for (const GradientRows& rows : collected.products) {
      kCheck.gradient(vector, 1, rows.dy.columns);
      add_column_sums(rows.dy, gradient.data);
    }
    for (const Tensor& sum : collected.sums) {
      kCheck.gradient(vector, sum.rows, sum.columns);
      add_scaled(sum.data, 1.0F, gradient.data, sum.size());
    }
  }
  squares_[static_cast<std::size_t>(vector.index)] = sum_of_squares(gradient.data, gradient.size());
}

void GradientStore::collect_rows(const Parameter& table, std::span<const Tape* const> tapes, Accumulate accumulate) {
  const Tensor gradient = of(table);
  std::vector<int>& touched = touched_[static_cast<std::size_t>(table.index)];
  if (accumulate == Accumulate::kNo) {
    for (const int row : touched) clear(gradient.slice(row, 1));
    touched.clear();
  }
  for (const Tape* tape : tapes) {
    for (const Tensor& sum : tape->collected(table).sums) {  // of the output layer that is tied to it
      kCheck.gradient(table, sum.rows, sum.columns);
      add_scaled(sum.data, 1.0F, gradient.data, sum.size());
      touched.resize(static_cast<std::size_t>(table.rows()));
      std::iota(touched.begin(), touched.end(), 0);
    }
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
  std::sort(touched.begin(), touched.end());
  touched.erase(std::unique(touched.begin(), touched.end()), touched.end());
  double squares = 0;
  for (const int row : touched) squares += sum_of_squares(gradient.row(row), gradient.columns);
  squares_[static_cast<std::size_t>(table.index)] = squares;
}

}  // namespace heed
