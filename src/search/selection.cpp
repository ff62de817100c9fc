#include "selection.h"

#include <algorithm>
#include <functional>
#include <map>
#include <tuple>

namespace heed {
namespace {

bool better(const Candidate& a, const Candidate& b) {
  return std::make_tuple(-a.rank, a.row, a.next.token) < std::make_tuple(-b.rank, b.row, b.next.token);
}

/// Those with equally many tokens of phrases.
struct Bank {
  std::size_t size = 0;
  std::size_t room = 0;
  double least = 0;  // rank of those that are not pruned
};

using Banks = std::map<int, Bank, std::greater<>>;

/// `sorted`: best first. Room goes round, to those with more tokens first.
Banks allocate(std::span<const Candidate> sorted, std::size_t room, double prune) {
  Banks out;
  for (const Candidate& one : sorted) {
    Bank& bank = out[one.tokens_met];
    if (bank.size == 0) bank.least = one.rank - prune;
    if (prune == 0 || one.rank >= bank.least) ++bank.size;
  }
  for (bool any = true; any;) {
    any = false;
    for (auto& [tokens, bank] : out) {
      if (room == 0 || bank.room == bank.size) continue;
      ++bank.room;
      --room;
      any = true;
    }
  }
  return out;
}

}  // namespace

std::size_t choose(std::span<Candidate> candidates, std::size_t room, std::size_t shown, double prune) {
  if (candidates.empty()) return 0;
  const auto has_others = [&](const Candidate& one) { return one.tokens_met != candidates.front().tokens_met; };
  if (std::ranges::none_of(candidates, has_others)) {
    const auto kept = std::min(room, candidates.size());
    const auto sorted = static_cast<std::ptrdiff_t>(std::min(kept + shown, candidates.size()));
    std::partial_sort(candidates.begin(), candidates.begin() + sorted, candidates.end(), better);
    const auto is_near = [&](const Candidate& one) {
      return prune == 0 || candidates.front().rank - one.rank <= prune;
    };
    return static_cast<std::size_t>(std::ranges::count_if(candidates.first(kept), is_near));
  }
  std::ranges::sort(candidates, better);
  Banks banks = allocate(candidates, room, prune);
  const auto chosen = [&](const Candidate& one) {
    Bank& bank = banks[one.tokens_met];
    return bank.room > 0 && bank.room-- > 0;
  };
  const auto others = std::stable_partition(candidates.begin(), candidates.end(), chosen);
  return static_cast<std::size_t>(others - candidates.begin());
}

}  // namespace heed
