#pragma once
#include <vector>

#include "heed/base/export.h"
#include "heed/record/translation.h"

namespace HEED_ENGINE_API heed {

/// The rows as one matrix, row after row.
inline std::vector<float> flat(const AttentionWeights& rows) {
  std::vector<float> out;
  out.reserve(rows.empty() ? 0 : rows.size() * rows.front().size());
  for (const std::vector<float>& row : rows) out.insert(out.end(), row.begin(), row.end());
  return out;
}

}  // namespace heed
