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

/// Best first, of equals the lower token.
void sort(std::span<Continuation> row) {
  std::ranges::stable_sort(row, [](const Continuation& a, const Continuation& b) {
    return std::make_tuple(-a.log_probability, a.token) < std::make_tuple(-b.log_probability, b.token);
  });
}

}  // namespace

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
  if (any) sort(row);
}

void append_best(StepScorer& scorer, int row, int best, std::span<const LoweredToken> lowered,
                 std::vector<Continuation>& out) {
  const std::size_t first = out.size();
  const int asked = std::min(best + static_cast<int>(lowered.size()), scorer.vocabulary_size());
  out.resize(first + static_cast<std::size_t>(asked));
  const std::span<Continuation> found = std::span(out).subspan(first);
  scorer.best(row, found);
  check_continuations(found);
  lower(lowered, found);
  const auto allowed = std::ranges::find_if(found, is_forbidden) - found.begin();
  out.resize(first + std::min(static_cast<std::size_t>(allowed), static_cast<std::size_t>(best)));
}

void append_by(StepScorer& scorer, int row, std::span<const int> tokens, std::span<const LoweredToken> lowered,
               std::vector<Continuation>& out) {
  const std::size_t first = out.size();
  out.resize(first + tokens.size());
  const std::span<Continuation> found = std::span(out).subspan(first);
  scorer.by(row, tokens, found);
  check_continuations(found);
  lower(lowered, found);
  sort(found);
  const auto allowed = std::ranges::find_if(found, is_forbidden) - found.begin();
  out.resize(first + static_cast<std::size_t>(allowed));
}

}  // namespace heed
