#include "edit_table.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace heed {

namespace {

constexpr int kUnreached = std::numeric_limits<int>::max() / 2;
constexpr double kBeamWidth = 25;  // cells on each side of the diagonal, as Tercom has it

}  // namespace

EditTable::EditTable(std::vector<int> reference) : reference_(std::move(reference)), rows_(1) {
  for (std::size_t j = 0; j <= reference_.size(); ++j) rows_[0].cells.push_back({static_cast<int>(j), Step::insert});
}

int EditTable::distance(const std::vector<int>& hypothesis) {
  std::size_t known = 0;
  if (hypothesis.size() == hypothesis_.size()) {  // the diagonal depends on the length
    const auto first_difference = std::mismatch(hypothesis.begin(), hypothesis.end(), hypothesis_.begin());
    known = static_cast<std::size_t>(first_difference.first - hypothesis.begin());
  }
  hypothesis_ = hypothesis;
  rows_.resize(hypothesis.size() + 1);
  for (std::size_t i = known + 1; i <= hypothesis.size(); ++i) fill_row(i);
  return at(hypothesis_.size(), reference_.size()).cost;
}

void EditTable::fill_row(std::size_t i) {
  const double ratio = static_cast<double>(reference_.size()) / static_cast<double>(hypothesis_.size());
  // Where a word of the hypothesis stands for very many of the reference, rows would not meet: widen.
  const double width = kBeamWidth < ratio / 2 ? std::ceil(ratio / 2 + kBeamWidth) : kBeamWidth;
  const double diagonal = std::floor(static_cast<double>(i) * ratio);
  const std::size_t all = reference_.size() + 1;
  const bool is_last = i == hypothesis_.size();
  const auto first = static_cast<std::size_t>(std::max(0.0, diagonal - width));
  const auto last = is_last ? all : std::min(all, static_cast<std::size_t>(diagonal + width));
  rows_[i].first = first;
  rows_[i].cells.clear();
  for (std::size_t j = first; j < last; ++j) rows_[i].cells.push_back(cheapest(i, j));
}

/// Beyond the filled ones lies what no path reaches.
EditTable::Cell EditTable::at(std::size_t i, std::size_t j) const {
  const Row& row = rows_[i];
  return j < row.first || j - row.first >= row.cells.size() ? Cell{kUnreached, Step::none} : row.cells[j - row.first];
}

EditTable::Cell EditTable::cheapest(std::size_t i, std::size_t j) const {
  const Cell removed = {at(i - 1, j).cost + 1, Step::remove};
  if (j == 0) return removed;
  const bool equal = hypothesis_[i - 1] == reference_[j - 1];
  Cell best = {at(i - 1, j - 1).cost + (equal ? 0 : 1), equal ? Step::match : Step::substitute};
  if (removed.cost < best.cost) best = removed;
  if (at(i, j - 1).cost + 1 < best.cost) best = {at(i, j - 1).cost + 1, Step::insert};
  return best;
}

std::vector<EditTable::Step> EditTable::path() const {
  std::vector<Step> steps;
  std::size_t i = hypothesis_.size();
  std::size_t j = reference_.size();
  while (i > 0 || j > 0) {
    const Step step = at(i, j).step;
    steps.push_back(step);
    if (step != Step::insert) --i;
    if (step != Step::remove) --j;
  }
  std::reverse(steps.begin(), steps.end());
  return steps;
}

}  // namespace heed
