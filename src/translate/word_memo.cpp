#include "word_memo.h"

#include <algorithm>

namespace heed {

void WordMemo::restart(int vocabulary, std::span<const std::int64_t> columns) {
  arena_.reset();
  variables_.clear();
  tables_.clear();
  for (const std::int64_t width : columns) {
    if (vocabulary * width * static_cast<std::int64_t>(sizeof(float)) > kMostBytes) return;
  }
  kept_.assign(static_cast<std::size_t>(vocabulary), false);
  Tape tape(arena_);
  for (const std::int64_t width : columns) {
    tables_.emplace_back(vocabulary, width);
    variables_.push_back(tape.variable(tables_.back().view()));
  }
}

std::span<const int> WordMemo::missing(std::span<const int> words) {
  missing_.clear();
  for (const int word : words) {
    const auto at = static_cast<std::size_t>(word);  // a negative one is beyond all
    if (at < kept_.size() && !kept_[at]) missing_.push_back(word);
  }
  std::sort(missing_.begin(), missing_.end());
  missing_.erase(std::unique(missing_.begin(), missing_.end()), missing_.end());
  return missing_;
}

void WordMemo::add(std::span<const Variable> rows) {
  for (std::size_t t = 0; t < rows.size(); ++t) {
    for (std::size_t i = 0; i < missing_.size(); ++i) {
      std::copy_n(rows[t].value().row(static_cast<std::int64_t>(i)), rows[t].columns(),
                  tables_[t].view().row(missing_[i]));
    }
  }
  for (const int word : missing_) kept_[static_cast<std::size_t>(word)] = true;
}

}  // namespace heed
