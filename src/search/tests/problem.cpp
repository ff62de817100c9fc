#include "problem.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "toy_scorer.h"

namespace heed::toy {
namespace {

constexpr int kProblems = 500;
constexpr int kSmall = 64;  // targets
constexpr int kLarge = 400;

/// Targets of at most `limit` tokens, where all tokens but EOS go on.
int count_targets(int vocabulary, int limit) {
  int open = 1, ended = 0;
  for (int length = 1; length <= limit; ++length) {
    ended += open;
    open *= vocabulary - 1;
  }
  return ended + open;
}

}  // namespace

Problem::Problem(int drawn, bool large) : number(drawn) {
  Rng rng = Rng::stream(1, static_cast<std::uint64_t>(number));
  const auto draw = [&](int least, int most) {
    return least + static_cast<int>(rng.below(static_cast<std::uint64_t>(most - least + 1)));
  };
  int count = 0;
  do {
    vocabulary = draw(3, 6);
    limit = draw(2, 5);
    count = count_targets(vocabulary, limit);
  } while (large ? count <= kSmall || count > kLarge : count > kSmall);
  source_length = draw(2, 4);
  const double sharpness = 0.5 + 3 * rng.uniform();
  for (int length = 0, level = 1; length < limit; ++length, level *= vocabulary - 1) open_ += level;
  for (int prefix = 0; prefix < open_; ++prefix) {
    previous_.push_back(prefix == 0 ? kNone : (prefix - 1) / (vocabulary - 1));
    draw_row(rng, sharpness);
    draw_attention(rng, prefix);
  }
  best_ = by_token_;
  for (auto first = best_.begin(); first != best_.end(); first += vocabulary) {
    std::stable_sort(first, first + vocabulary, [](const Continuation& a, const Continuation& b) {
      return a.log_probability > b.log_probability;
    });
  }
  enumerate();
}

void Problem::draw_row(Rng& rng, double sharpness) {
  const std::vector<float> row = draw_log_probabilities(rng, vocabulary, sharpness);
  for (int token = 0; token < vocabulary; ++token) by_token_.push_back({token, row[token]});
}

void Problem::draw_attention(Rng& rng, int prefix) {
  std::vector<double> weights;
  double sum = 0;
  for (int s = 0; s < source_length; ++s) {
    weights.push_back(std::pow(rng.uniform(), 3));
    sum += weights.back();
  }
  AttentionRow& row = attention_.emplace_back();
  for (int s = 0; s < source_length; ++s) {
    row.mean.push_back(static_cast<float>(weights[s] / sum));
    const double before = prefix == 0 ? 0 : coverage(previous_[prefix])[s];
    coverage_.push_back(before + static_cast<double>(row.mean.back()));
  }
}

int Problem::after(int prefix, int token) const {
  const int next = prefix * (vocabulary - 1) + 1 + (token < kEnd ? token : token - 1);
  return token == kEnd || next >= open_ ? kNone : next;
}

/// Written from the definition of a target, level by level: each prefix is extended once.
void Problem::enumerate() {
  target_.assign(by_token_.size(), kNone);
  std::vector<double> log_probability(open_);
  std::vector<int> length(open_);
  for (int prefix = 0; prefix < open_; ++prefix) {
    for (const Continuation& next : by_token(prefix)) {
      const double sum = log_probability[prefix] + static_cast<double>(next.log_probability);
      const int longer = after(prefix, next.token);
      if (longer == kNone) {
        add_target(prefix, next.token, length[prefix] + 1, sum);
      } else {
        log_probability[longer] = sum;
        length[longer] = length[prefix] + 1;
      }
    }
  }
}

void Problem::add_target(int prefix, int token, int length, double log_probability) {
  target_[prefix * vocabulary + token] = static_cast<int>(targets.size());
  targets.push_back({prefix, length, log_probability});
  tokens_.resize(tokens_.size() + limit);
  const auto first = tokens_.end() - limit;
  first[length - 1] = token;
  for (int at = length - 2; at >= 0; --at, prefix = previous_[prefix]) {
    const int choice = (prefix - 1) % (vocabulary - 1);
    first[at] = choice < kEnd ? choice : choice + 1;
  }
}

int Problem::find(std::span<const int> tokens) const {
  if (tokens.empty() || std::ranges::any_of(tokens, [&](int token) { return token < 0 || token >= vocabulary; }))
    return kNone;
  int prefix = 0;
  for (const int token : tokens.first(tokens.size() - 1)) {
    prefix = after(prefix, token);
    if (prefix == kNone) return kNone;
  }
  return target_[prefix * vocabulary + tokens.back()];
}

std::string Problem::text() const {
  return "problem " + std::to_string(number) + " (vocabulary " + std::to_string(vocabulary) + ", limit " +
         std::to_string(limit) + ", source length " + std::to_string(source_length) + ")";
}

const std::vector<Problem>& problems() {
  static const std::vector<Problem> all = [] {
    std::vector<Problem> out;
    for (int number = 0; number < kProblems; ++number) out.emplace_back(number, number % 25 == 24);
    return out;
  }();
  return all;
}

void ProblemScorer::advance(std::span<const int> parents, std::span<const int> tokens) {
  std::vector<int> next;
  for (std::size_t i = 0; i < parents.size(); ++i) {
    if (steps_ == 0) {
      if (parents[i] != 0 || tokens[i] != kBegin) throw std::logic_error("search does not begin with BOS");
      next.push_back(0);
      continue;
    }
    next.push_back(problem_.after(rows_.at(parents[i]), tokens[i]));
    if (next.back() == Problem::kNone) throw std::logic_error("search goes on behind the end of a target");
  }
  rows_ = std::move(next);
  ++steps_;
}

void ProblemScorer::best(int row, std::span<Continuation> out) {
  const auto all = problem_.best(rows_.at(row));
  if (out.empty() || out.size() > all.size()) throw std::logic_error("search asks for none, or more than there are");
  std::copy_n(all.begin(), out.size(), out.begin());
}

void ProblemScorer::by(int row, std::span<const int> tokens, std::span<Continuation> out) {
  const auto all = problem_.by_token(rows_.at(row));
  std::ranges::transform(tokens, out.begin(), [&](int token) { return all[token]; });
}

}  // namespace heed::toy
