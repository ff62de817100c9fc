#include "continuations.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
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

// Beyond, the kernel for the few of a beam is slower than sorting.
constexpr std::size_t kMostByVectors = 24;

/// The largest values of a row with their places, of equals the lower place first; what is no number before all, so
/// that it is seen.
void sort_best(std::span<const float> row, std::span<int> places, std::span<float> values) {
  thread_local std::vector<std::pair<float, int>> all;
  all.clear();
  for (std::size_t i = 0; i < row.size(); ++i) {
    all.emplace_back(std::isnan(row[i]) ? kForbidden : -row[i], static_cast<int>(i));
  }
  const auto end = all.begin() + static_cast<std::ptrdiff_t>(places.size());
  if (end != all.end()) std::nth_element(all.begin(), end, all.end());
  std::sort(all.begin(), end);
  for (std::size_t i = 0; i < places.size(); ++i) {
    places[i] = all[i].second;
    values[i] = row[static_cast<std::size_t>(places[i])];
  }
}

void forbid_begin(const RowScores& scores) {
  float& begin = scores.logits[Vocabulary::kBegin];
  const bool is_largest = !scores.largest.empty() && begin == scores.largest.front();
  begin = kForbidden;
  if (!is_largest) return;
  scores.largest.front() = largest_of(scores.logits.first(std::min<std::size_t>(kTopKGroup, scores.logits.size())));
}

}  // namespace

void best_continuations(const RowScores& scores, std::span<Continuation> out) {
  thread_local std::vector<int> indices;
  thread_local std::vector<float> values;
  const std::size_t found = std::min(out.size(), scores.logits.size());
  indices.resize(found);
  values.resize(found);
  forbid_begin(scores);
  if (found > kMostByVectors) {
    sort_best(scores.logits, indices, values);
  } else if (scores.largest.empty()) {
    top_k(scores.logits, {indices, values});
  } else {
    top_k(scores.logits, scores.largest, {indices, values});
  }
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
