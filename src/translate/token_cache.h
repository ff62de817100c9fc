#pragma once
#include <span>
#include <vector>

#include "heed/autograd/tape.h"
#include "heed/tensor/buffer.h"

namespace heed {

/// Rows that depend on nothing but a token and the parameters, kept from the first time the token is met.
class TokenCache {
 public:
  /// Forgets all. From now on the rows of tables [vocabulary, columns] are kept, if all of them are no larger than
  /// `most_bytes`.
  void restart(int vocabulary, std::span<const std::int64_t> columns, std::int64_t most_bytes);
  /// Not if they would be larger, or before the first restart().
  bool keeps() const { return !tables_.empty(); }
  /// The tokens that are not kept, each once; what is outside the vocabulary is left out. Good until the next call.
  std::span<const int> missing(std::span<const int> tokens);
  /// Keeps their rows of each table.
  void add(std::span<const Variable> rows);
  /// Right in the rows of the tokens that are kept.
  std::span<const Buffer> tables() const { return tables_; }

 private:
  std::vector<Buffer> tables_;
  std::vector<bool> kept_;
  std::vector<int> missing_;
};

}  // namespace heed
