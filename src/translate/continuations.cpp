#include "continuations.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "heed/kernels/softmax.h"
#include "heed/text/vocabulary.h"

namespace heed {
namespace {

constexpr float kForbidden = -std::numeric_limits<float>::infinity();

/// Tokens that are not in the sorted list, as forbidden continuations.
void fill_up(std::span<const int> tokens, std::span<Continuation> out) {
  int token = 0;
  auto listed = tokens.begin();
  for (Continuation& continuation : out) {
    for (; listed != tokens.end() && *listed == token; ++listed) ++token;
    continuation = {token++, kForbidden};
  }
}

void mark_copied(const RowScores& scores, std::span<Continuation> out) {
  const float half = std::log(2.0F);
  for (Continuation& continuation : out) {
    const auto found = std::lower_bound(scores.copied.begin(), scores.copied.end(), continuation.token);
    if (found == scores.copied.end() || *found != continuation.token) continue;
    continuation.copied = scores.copying[found - scores.copied.begin()] > continuation.log_probability - half;
  }
}

}  // namespace

void best_continuations(const RowScores& scores, std::span<Continuation> out) {
  thread_local std::vector<int> indices;
  thread_local std::vector<float> values;
  const std::size_t found = std::min(out.size(), scores.logits.size());
  indices.resize(found);
  values.resize(found);
  scores.logits[Vocabulary::kBegin] = kForbidden;
  top_k(scores.logits, {indices, values});
  for (std::size_t i = 0; i < found; ++i) {
    const int token = scores.tokens.empty() ? indices[i] : scores.tokens[indices[i]];
    out[i] = {token, values[i] - scores.log_sum, false};
  }
  fill_up(scores.tokens, out.subspan(found));
  mark_copied(scores, out);
}

void continuations_by(const RowScores& scores, std::span<const int> tokens, std::span<Continuation> out) {
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    auto place = static_cast<std::size_t>(tokens[i]);
    if (!scores.tokens.empty()) {
      const auto listed = std::lower_bound(scores.tokens.begin(), scores.tokens.end(), tokens[i]);
      const bool found = listed != scores.tokens.end() && *listed == tokens[i];
      place = found ? static_cast<std::size_t>(listed - scores.tokens.begin()) : scores.logits.size();
    }
    const bool taken = tokens[i] != Vocabulary::kBegin && place < scores.logits.size();
    out[i] = {tokens[i], taken ? scores.logits[place] - scores.log_sum : kForbidden, false};
  }
  mark_copied(scores, out);
}

}  // namespace heed
