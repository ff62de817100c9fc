#include "beam_search.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "history.h"
#include "scores.h"
#include "token_rules.h"
#include "tracer.h"

namespace heed {

namespace {

/// A live hypothesis: a row of the scorer's next advance.
struct Row {
  int sentence;
  int parent;  // row of the last advance
  int token;   // its last token
  int leaf;    // and that token's node in the history
  int traced;  // and its place in the trace
  double log_probability;
};

/// A row and one token more.
struct Candidate {
  double log_probability;
  int row;
  int token;
  bool copied;
};

bool better(const Candidate& a, const Candidate& b) {
  return std::make_tuple(-a.log_probability, a.row, a.token) < std::make_tuple(-b.log_probability, b.row, b.token);
}

class BeamSearch {
 public:
  BeamSearch(StepScorer& scorer, const std::vector<int>& source_lengths, const SearchOptions& options,
             std::vector<SearchTrace>* traces)
      : scorer_(scorer),
        options_(options),
        rules_(options),
        finished_(source_lengths.size()),
        tracer_(traces, source_lengths.size()) {
    for (const int length : source_lengths) {
      limits_.push_back(max_target_length(length, options));
      least_.push_back(min_target_length(length, options));
    }
  }

  std::vector<std::vector<Hypothesis>> run() {
    for (int s = 0; s < static_cast<int>(limits_.size()); ++s) {
      rows_.push_back({s, s, options_.begin_token, History::kRoot, Tracer::kRoot, 0.0});
    }
    for (int length = 1; !rows_.empty(); ++length) step(length);
    for (std::size_t s = 0; s < finished_.size(); ++s) {
      if (finished_[s].empty()) throw_no_continuation(static_cast<int>(s));
      if (finished_[s].size() > static_cast<std::size_t>(options_.nbest)) finished_[s].resize(options_.nbest);
    }
    return std::move(finished_);
  }

 private:
  /// Advances all rows of all sentences by their `length`-th token.
  void step(int length) {
    std::vector<int> parents, tokens;
    for (const Row& row : rows_) {
      parents.push_back(row.parent);
      tokens.push_back(row.token);
    }
    scorer_.advance(parents, tokens);

    const std::vector<Row> previous = std::exchange(rows_, {});
    const int count = static_cast<int>(previous.size());
    const int attention = options_.keep_attention ? history_.add_attention(scorer_, count) : History::kNoAttention;
    for (int first = 0, last = 0; first < count; first = last) {  // the rows of a sentence lie together
      while (last < count && previous[last].sentence == previous[first].sentence) ++last;
      collect_candidates(previous, first, last, length);
      const std::size_t live = rows_.size();
      for (const Candidate& c : candidates_) extend(previous[c.row], c, length, attention);
      for (const Candidate& c : pruned_) trace(previous[c.row], c, length, Fate::kPruned);
      if (rows_.size() > live && is_settled(rows_[live], length)) rows_.resize(live);
    }
  }

  /// The best continuations of the rows [first, last) of one sentence, as many as there is room for, best first.
  void collect_candidates(const std::vector<Row>& rows, int first, int last, int length) {
    candidates_.clear();
    for (int row = first; row < last; ++row) {
      if (rules_.reads_history()) history_.tokens(rows[row].leaf, tokens_);
      const bool may_end = options_.forced_length == 0 && length >= least_[rows[row].sentence];
      continuations_.clear();
      append_best(scorer_, row, options_.beam, rules_.lowered(tokens_, may_end), continuations_);
      for (const Continuation& c : continuations_) {
        candidates_.push_back({rows[row].log_probability + c.log_probability, row, c.token, c.copied});
      }
    }
    const std::size_t room = options_.beam - finished_[rows[first].sentence].size();
    const std::size_t kept = std::min(room, candidates_.size());
    const std::size_t shown = tracer_.on() ? std::min(kept + options_.beam, candidates_.size()) : kept;
    std::partial_sort(candidates_.begin(), candidates_.begin() + static_cast<std::ptrdiff_t>(shown), candidates_.end(),
                      better);
    pruned_.assign(candidates_.begin() + static_cast<std::ptrdiff_t>(kept),
                   candidates_.begin() + static_cast<std::ptrdiff_t>(shown));
    candidates_.resize(kept);
  }

  int trace(const Row& from, const Candidate& candidate, int length, Fate fate) {
    const double score = ranked_score(candidate.log_probability, length, options_.ranking);
    return tracer_.add(from.sentence, {from.traced, candidate.token, candidate.log_probability, score, fate}, scorer_,
                       candidate.row);
  }

  /// Takes a candidate: it is finished or becomes a row.
  void extend(const Row& from, const Candidate& candidate, int length, int attention) {
    const int weights = options_.keep_attention ? attention + candidate.row : History::kNoAttention;
    const int leaf = history_.add(from.leaf, candidate.token, candidate.copied, weights);
    const bool goes_on = candidate.token != options_.end_token && length < limits_[from.sentence];
    const bool cut = !goes_on && candidate.token != options_.end_token && options_.forced_length == 0;
    const int traced = trace(from, candidate, length, goes_on ? Fate::kKept : cut ? Fate::kCut : Fate::kFinished);
    if (goes_on) {
      rows_.push_back({from.sentence, candidate.row, candidate.token, leaf, traced, candidate.log_probability});
      return;
    }
    Hypothesis hypothesis;
    history_.trace(leaf, hypothesis);
    hypothesis.log_probability = candidate.log_probability;
    hypothesis.score = ranked_score(candidate.log_probability, length, options_.ranking);
    hypothesis.cut = cut;
    // Best first, of equals the one found first. What the limit cut has its place among them: it is said to be cut, and
    // a poor answer that happens to end is no better for that.
    auto& finished = finished_[from.sentence];
    const auto worse = [](double score, const Hypothesis& other) { return score > other.score; };
    finished.insert(std::upper_bound(finished.begin(), finished.end(), hypothesis.score, worse), std::move(hypothesis));
  }

  /// Whether the n-best list of a sentence is final: `best` is its best row, of `length` tokens.
  bool is_settled(const Row& best, int length) const {
    const auto& finished = finished_[best.sentence];
    const StopRule stop = options_.ranking.stop;
    if (stop == StopRule::kAll || finished.size() < static_cast<std::size_t>(options_.nbest)) return false;
    return stop == StopRule::kFirst || best_reachable_score(best.log_probability, length, limits_[best.sentence],
                                                            options_.ranking) <= finished[options_.nbest - 1].score;
  }

  StepScorer& scorer_;
  const SearchOptions& options_;
  TokenRules rules_;
  std::vector<int> limits_;  // tokens of the longest target, by sentence
  std::vector<int> least_;   // and of the shortest
  std::vector<std::vector<Hypothesis>> finished_;
  std::vector<Row> rows_;
  History history_;
  std::vector<int> tokens_;                  // of a row, if the rules read them
  std::vector<Continuation> continuations_;  // of a row
  std::vector<Candidate> candidates_;
  std::vector<Candidate> pruned_;  // the best that fell out, if the search is traced
  Tracer tracer_;
};

}  // namespace

std::vector<std::vector<Hypothesis>> beam_search(StepScorer& scorer, const std::vector<int>& source_lengths,
                                                 const SearchOptions& options, std::vector<SearchTrace>* traces) {
  return BeamSearch(scorer, source_lengths, options, traces).run();
}

}  // namespace heed
