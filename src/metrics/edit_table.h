#pragma once
#include <vector>

namespace heed {

/// Levenshtein distances of hypotheses to one reference, as Tercom computes them: only cells near the diagonal are
/// filled, and kept, so that time and memory grow with the words and not with their square; of equally cheap steps a
/// match or substitution comes before a deletion before an insertion.
class EditTable {
 public:
  enum class Step : char { none, match, substitute, remove, insert };

  explicit EditTable(std::vector<int> reference);

  /// The distance from `hypothesis` to the reference. Rows of a beginning that it has in common with the last one are
  /// not computed again.
  int distance(const std::vector<int>& hypothesis);

  /// The steps that turn the last hypothesis into the reference, in order.
  std::vector<Step> path() const;

 private:
  struct Cell {
    int cost;
    Step step;
  };

  struct Row {
    std::size_t first = 0;  // reference words before its first cell
    std::vector<Cell> cells;
  };

  void fill_row(std::size_t i);
  Cell cheapest(std::size_t i, std::size_t j) const;
  Cell at(std::size_t i, std::size_t j) const;

  std::vector<int> reference_;
  std::vector<int> hypothesis_;
  std::vector<Row> rows_;  // [hypothesis words + 1]
};

}  // namespace heed
