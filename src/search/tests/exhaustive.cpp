#include "exhaustive.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "toy_scorer.h"

namespace heed::toy {
namespace {

constexpr double kNever = -std::numeric_limits<double>::infinity();
constexpr double kNear = 1e-12;

/// What a target is ranked by, from the definitions in ranking.h.
double divisor(int length, const Ranking& by) {
  const double a = by.length_penalty;
  return by.normalization == Normalization::kNone      ? 1
         : by.normalization == Normalization::kAverage ? length
         : by.normalization == Normalization::kGnmt    ? std::pow(5 + length, a) / std::pow(6, a)
                                                       : std::pow(length, a);
}

double coverage_score(std::span<const double> coverage, const Ranking& by) {
  if (by.coverage_penalty == 0) return 0;
  double sum = 0;
  for (const double attended : coverage.first(coverage.size() - 1)) {  // EOS aside
    sum += by.coverage == CoverageScore::kGnmt ? std::log(std::min(attended, 1.0)) : -std::max(attended - 1, 0.0);
  }
  return by.coverage_penalty * sum;
}

/// [targets]
std::vector<double> scores(const Problem& problem, std::span<const double> log_probabilities, const Ranking& by) {
  std::vector<double> divisors = {1};
  for (int length = 1; length <= problem.limit; ++length) divisors.push_back(divisor(length, by));
  std::vector<double> out(log_probabilities.size(), kNever);
  for (std::size_t t = 0; t < out.size(); ++t) {
    if (log_probabilities[t] == kNever) continue;
    const Problem::Target& target = problem.targets[t];
    out[t] = log_probabilities[t] / divisors[target.length] + by.word_reward * target.length +
             coverage_score(problem.coverage(target.prefix), by);
  }
  return out;
}

bool has_its_attention(const Problem& problem, int target, const Hypothesis& found) {
  if (found.attention.size() != found.tokens.size()) return false;
  int prefix = problem.targets[target].prefix;
  for (auto row = found.attention.rbegin(); row != found.attention.rend(); ++row, prefix = problem.previous(prefix)) {
    if (*row != problem.attention(prefix)) return false;
  }
  return true;
}

bool repeats(std::span<const int> tokens, std::size_t n) {
  for (std::size_t i = 0; i + n <= tokens.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (std::ranges::equal(tokens.subspan(i, n), tokens.subspan(j, n))) return true;
    }
  }
  return false;
}

double ruled(const Problem& problem, int target, const SearchRules& rules) {
  const std::span<const int> tokens = problem.tokens(target);
  if (rules.no_repeat_ngram > 0 && repeats(tokens, static_cast<std::size_t>(rules.no_repeat_ngram))) return kNever;
  double sum = 0;
  for (std::size_t i = tokens.size(), prefix = problem.targets[target].prefix; i-- > 0;
       prefix = static_cast<std::size_t>(problem.previous(static_cast<int>(prefix)))) {
    if (std::ranges::count(rules.forbidden, tokens[i]) > 0) return kNever;
    const float one = problem.by_token(static_cast<int>(prefix))[tokens[i]].log_probability;
    const bool is_there = std::ranges::count(tokens.first(i), tokens[i]) > 0;
    sum += is_there ? static_cast<float>(one * rules.repetition_penalty) : one;
  }
  return sum;
}

std::string list(std::span<const int> tokens) { return testing::PrintToString(Tokens(tokens.begin(), tokens.end())); }

/// `scores`: [targets], of those that must not be found -infinity.
std::string unreal(const Problem& problem, std::span<const double> log_probabilities, std::span<const double> scores,
                   const SearchOptions& options, const std::vector<Hypothesis>& found) {
  std::vector<int> seen;
  for (const Hypothesis& one : found) {
    const int target = problem.find(one.tokens);
    const auto fault = [&] {
      if (target == Problem::kNone || scores[target] == kNever) return "must not be found";
      if (std::ranges::count(seen, target) > 0) return "is found twice";
      if (std::abs(one.log_probability - log_probabilities[target]) > kNear) return "has another log-probability";
      if (std::abs(one.score - scores[target]) > kNear) return "has another score";
      if (!seen.empty() && scores[target] > scores[seen.back()] + kNear) return "stands behind a worse one";
      if (options.keep_attention && !has_its_attention(problem, target, one)) return "has another attention";
      return "";
    }();
    if (*fault != 0) return list(one.tokens) + " " + fault + ", of " + problem.text();
    seen.push_back(target);
  }
  return "";
}

}  // namespace

const std::vector<Ranking>& rankings() {
  static const std::vector<Ranking> all = {
      {},
      {.length_penalty = 0},
      {.length_penalty = 0.6},
      {.length_penalty = 2.5},
      {.normalization = Normalization::kNone},
      {.normalization = Normalization::kAverage, .length_penalty = 3},
      {.normalization = Normalization::kGnmt, .length_penalty = 0.6},
      {.normalization = Normalization::kGnmt, .length_penalty = 2},
      {.word_reward = 0.7},
      {.word_reward = -0.7},
      {.normalization = Normalization::kNone, .word_reward = 1.5},
      {.normalization = Normalization::kGnmt, .word_reward = -2},
      {.coverage_penalty = 0.3},
      {.normalization = Normalization::kGnmt, .coverage = CoverageScore::kSummary, .coverage_penalty = 1.5},
      {.normalization = Normalization::kNone, .word_reward = 0.5, .coverage_penalty = 2},
      {.stop = StopRule::kAll},
  };
  return all;
}

SearchOptions whole_beam(const Problem& problem, const Ranking& ranking) {
  const auto count = static_cast<int>(problem.targets.size());
  SearchOptions options{.beam = count, .nbest = std::min(1 + problem.number % 7, count), .ranking = ranking};
  options.max_length_factor = 0.5;
  options.max_length_extra = problem.limit - problem.source_length / 2;
  return options;
}

SearchRules draw_rules(const Problem& problem) {
  Rng rng = Rng::stream(2, static_cast<std::uint64_t>(problem.number));
  SearchRules out;
  const int kind = problem.number % 4;
  for (int token = 0; token < problem.vocabulary; ++token) {
    const bool is_forbidden = rng.uniform() < 0.3;
    if (is_forbidden && token != kEnd && (kind == 0 || kind == 3)) out.forbidden.push_back(token);
  }
  if (kind == 0 && out.forbidden.empty()) out.forbidden = {kEnd};
  if (kind == 1 || kind == 3) out.no_repeat_ngram = 1 + static_cast<int>(rng.below(3));
  if (kind == 2 || kind == 3) out.repetition_penalty = 1.1 + rng.uniform();
  return out;
}

std::vector<double> log_probabilities(const Problem& problem) {
  std::vector<double> out;
  for (const Problem::Target& target : problem.targets) out.push_back(target.log_probability);
  return out;
}

std::vector<double> log_probabilities(const Problem& problem, const SearchRules& rules) {
  std::vector<double> out;
  for (int t = 0; t < static_cast<int>(problem.targets.size()); ++t) out.push_back(ruled(problem, t, rules));
  return out;
}

std::string unreal(const Problem& problem, std::span<const double> log_probabilities, const SearchOptions& options,
                   const std::vector<Hypothesis>& found) {
  return unreal(problem, log_probabilities, scores(problem, log_probabilities, options.ranking), options, found);
}

std::string not_best(const Problem& problem, std::span<const double> log_probabilities, const SearchOptions& options,
                     const std::vector<Hypothesis>& found) {
  const std::vector<double> all = scores(problem, log_probabilities, options.ranking);
  std::string fault = unreal(problem, log_probabilities, all, options, found);
  if (!fault.empty()) return fault;
  const auto count = all.size() - static_cast<std::size_t>(std::ranges::count(all, kNever));
  if (found.size() != std::min(count, static_cast<std::size_t>(options.nbest)))
    return std::to_string(found.size()) + " targets are found, of " + problem.text();
  if (found.empty()) return "";
  const double least = found.back().score + kNear;  // of equals any may be found
  const auto is_better = [&](double score) { return score > least; };
  if (std::ranges::count_if(found, is_better, &Hypothesis::score) == std::ranges::count_if(all, is_better)) return "";
  return "there are better ones than " + list(found.back().tokens) + ", of " + problem.text();
}

std::vector<Hypothesis> search(const Problem& problem, const SearchOptions& options, const Constraints& constraints) {
  ProblemScorer scorer(problem);
  const SearchSentence sentence{.source_length = problem.source_length, .constraints = constraints};
  return run_search(scorer, std::span(&sentence, 1), options).front();
}

std::string not_best(const Problem& problem, std::span<const double> log_probabilities, const SearchOptions& options,
                     const Constraints& constraints) {
  return not_best(problem, log_probabilities, options, search(problem, options, constraints));
}

}  // namespace heed::toy
