#include "continuations.h"

#include <limits>
#include <vector>

#include "heed/kernels/softmax.h"
#include "heed/text/vocabulary.h"

namespace heed {

void best_continuations(std::span<float> logits, float log_sum, std::span<Continuation> out) {
  thread_local std::vector<int> indices;
  thread_local std::vector<float> values;
  indices.resize(out.size());
  values.resize(out.size());
  logits[Vocabulary::kBegin] = -std::numeric_limits<float>::infinity();
  top_k(logits, {indices, values});
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = {indices[i], values[i] - log_sum, false};
}

}  // namespace heed
