#include "token_rules.h"

#include <algorithm>
#include <limits>
#include <tuple>

#include "scores.h"

namespace heed {
namespace {

constexpr double kForbidden = std::numeric_limits<double>::infinity();

/// Tokens that would end an n-gram that the tokens have already.
void add_repeating(std::span<const int> tokens, int n, std::vector<LoweredToken>& out) {
  const auto length = static_cast<std::size_t>(n) - 1;  // of what an n-gram begins with
  if (tokens.size() < length) return;
  const std::span<const int> last = tokens.last(length);
  for (std::size_t first = 0; first + length < tokens.size(); ++first) {
    if (std::ranges::equal(tokens.subspan(first, length), last)) out.push_back({tokens[first + length], kForbidden});
  }
}

}  // namespace

int TokenRules::advance(StepScorer& scorer, const StepTokens& step, int best, const History& history,
                        std::vector<Continuation>& out) {
  rows_.clear();
  std::size_t most = 0;
  for (std::size_t row = 0; row < step.tokens.size(); ++row) {
    const bool may_end = history(row, reads_history() ? &tokens_ : nullptr);
    rows_.push_back(lowered(tokens_, may_end));
    most = std::max(most, rows_.back().size());
  }
  const int k = std::min(best + static_cast<int>(most), scorer.vocabulary_size());
  scorer.advance(step.parents, step.tokens, k, out);
  check_continuations(out, rows_.size(), k);
  for (std::size_t row = 0; row < rows_.size(); ++row) lower(rows_[row], std::span(out).subspan(row * k, k));
  return k;
}

std::vector<LoweredToken> TokenRules::lowered(std::span<const int> tokens, bool may_end) const {
  std::vector<LoweredToken> out;
  if (!may_end) out.push_back({end_token_, kForbidden});
  for (const int token : rules_.forbidden) out.push_back({token, kForbidden});
  if (rules_.no_repeat_ngram > 0) add_repeating(tokens, rules_.no_repeat_ngram, out);
  if (rules_.repetition_penalty != 1) {
    for (const int token : tokens) out.push_back({token, rules_.repetition_penalty});
  }
  // What is forbidden stands before what is only lowered.
  std::ranges::sort(out, [](const LoweredToken& a, const LoweredToken& b) {
    return std::make_tuple(a.token, -a.factor) < std::make_tuple(b.token, -b.factor);
  });
  const auto same = [](const LoweredToken& a, const LoweredToken& b) { return a.token == b.token; };
  out.erase(std::unique(out.begin(), out.end(), same), out.end());
  return out;
}

void lower(std::span<const LoweredToken> lowered, std::span<Continuation> row) {
  bool any = false;
  for (Continuation& continuation : row) {
    const auto found = std::ranges::lower_bound(lowered, continuation.token, {}, &LoweredToken::token);
    if (found == lowered.end() || found->token != continuation.token) continue;
    any = true;
    continuation.log_probability = found->factor == kForbidden
                                       ? -std::numeric_limits<float>::infinity()
                                       : static_cast<float>(continuation.log_probability * found->factor);
  }
  if (!any) return;
  std::ranges::stable_sort(row, [](const Continuation& a, const Continuation& b) {
    return std::make_tuple(-a.log_probability, a.token) < std::make_tuple(-b.log_probability, b.token);
  });
}

}  // namespace heed
