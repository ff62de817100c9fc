#pragma once
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "heed/search/search.h"
#include "problem.h"

namespace heed::toy {

/// What is compared with the enumeration of all targets: every normalisation, reward and coverage score, and the rules
/// of stopping that are exact.
const std::vector<Ranking>& rankings();

/// A beam that holds all targets of a problem, of which the few best are asked for.
SearchOptions whole_beam(const Problem& problem, const Ranking& ranking);

/// Rules of a problem: one kind, or all of them. Something is left under them.
SearchRules draw_rules(const Problem& problem);

/// [targets] log-probabilities; of those that must not be found -infinity.
std::vector<double> log_probabilities(const Problem& problem);
/// Those under rules. Written from the definitions in search.h.
std::vector<double> log_probabilities(const Problem& problem, const SearchRules& rules);
/// Takes those away that `keeps(tokens)` does not take.
template <typename Keeps>
void keep(const Problem& problem, std::vector<double>& log_probabilities, const Keeps& keeps);

/// What is wrong with targets that a search found: each must be one of the problem, found once, best first, with its
/// own scores and, if kept, its own attention. Empty: nothing. Tests ask that once for a search.
std::string unreal(const Problem& problem, std::span<const double> log_probabilities, const SearchOptions& options,
                   const std::vector<Hypothesis>& found);
/// And they must be the best `nbest`, or all if there are fewer.
std::string not_best(const Problem& problem, std::span<const double> log_probabilities, const SearchOptions& options,
                     const std::vector<Hypothesis>& found);
/// Searches and says what is wrong with what it finds.
std::string not_best(const Problem& problem, std::span<const double> log_probabilities, const SearchOptions& options,
                     const Constraints& constraints = {});

std::vector<Hypothesis> search(const Problem& problem, const SearchOptions& options,
                               const Constraints& constraints = {});

template <typename Keeps>
void keep(const Problem& problem, std::vector<double>& log_probabilities, const Keeps& keeps) {
  for (std::size_t t = 0; t < log_probabilities.size(); ++t) {
    if (!keeps(problem.tokens(static_cast<int>(t)))) log_probabilities[t] = -std::numeric_limits<double>::infinity();
  }
}

}  // namespace heed::toy
