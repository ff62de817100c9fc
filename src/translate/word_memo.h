#pragma once
#include <span>
#include <vector>

#include "heed/autograd/tape.h"
#include "heed/tensor/buffer.h"

namespace heed {

/// Rows that depend on nothing but a word and the weights, kept from the first time the word is met.
class WordMemo {
 public:
  /// A vocabulary so large that its tables would be beyond this is not kept: the products cost less than the memory.
  static constexpr std::int64_t kMostBytes = std::int64_t{4} << 20;

  /// Forgets all, and keeps from now on the rows of tables [vocabulary, columns].
  void restart(int vocabulary, std::span<const std::int64_t> columns);
  /// Not if restart() found it too large, or was not called.
  bool keeps() const { return !tables_.empty(); }
  /// The words that are not kept, each once; what is outside the vocabulary is left out. Good until the next call.
  std::span<const int> missing(std::span<const int> words);
  /// Keeps their rows of each table.
  void add(std::span<const Variable> rows);
  /// A table; the rows of the words that are kept are right.
  const Variable& table(std::size_t i) const { return variables_[i]; }

 private:
  Arena arena_;
  std::vector<Buffer> tables_;
  std::vector<Variable> variables_;
  std::vector<bool> kept_;
  std::vector<int> missing_;
};

}  // namespace heed
