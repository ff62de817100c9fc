#include "token_cache.h"

#include <algorithm>
#include <numeric>

namespace heed {

void TokenCache::restart(int vocabulary, std::span<const std::int64_t> columns, std::int64_t most_bytes) {
  tables_.clear();
  const std::int64_t width = std::accumulate(columns.begin(), columns.end(), std::int64_t{0});
  if (vocabulary * width * static_cast<std::int64_t>(sizeof(float)) > most_bytes) return;
  kept_.assign(static_cast<std::size_t>(vocabulary), false);
  std::vector<Buffer> tables;
  for (const std::int64_t one : columns) tables.emplace_back(vocabulary, one);
  tables_ = std::move(tables);
}

std::span<const int> TokenCache::missing(std::span<const int> tokens) {
  missing_.clear();
  for (const int token : tokens) {
    const auto at = static_cast<std::size_t>(token);  // a negative one is beyond all
    if (at < kept_.size() && !kept_[at]) missing_.push_back(token);
  }
  std::sort(missing_.begin(), missing_.end());
  missing_.erase(std::unique(missing_.begin(), missing_.end()), missing_.end());
  return missing_;
}

void TokenCache::add(std::span<const Variable> rows) {
  for (std::size_t t = 0; t < rows.size(); ++t) {
    for (std::size_t i = 0; i < missing_.size(); ++i) {
      std::copy_n(rows[t].value().row(static_cast<std::int64_t>(i)), rows[t].columns(),
                  tables_[t].view().row(missing_[i]));
    }
  }
  for (const int token : missing_) kept_[static_cast<std::size_t>(token)] = true;
}

}  // namespace heed
