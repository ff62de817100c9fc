#include "beam_search.h"

#include <algorithm>
#include <utility>

#include "continuations.h"
#include "finished.h"
#include "heed/base/stop.h"
#include "history.h"
#include "scores.h"
#include "selection.h"
#include "tracer.h"

namespace heed {
namespace {

/// A live hypothesis: a row of the scorer's next advance.
struct Row {
  int beam;    // of all groups of all sentences
  int parent;  // row of the last advance
  int token;   // its last token
  Path path;
  int leaf = History::kRoot;   // that token's node in the history
  int traced = Tracer::kRoot;  // and its place in the trace
  double log_probability = 0;
};

class BeamSearch {
 public:
  BeamSearch(StepScorer& scorer, std::span<const SearchSentence> sentences, const SearchOptions& options,
             std::vector<SearchTrace>* traces)
      : scorer_(scorer),
        options_(options),
        continuations_(scorer, sentences, options),
        finished_(sentences.size() * options.groups, Finished(options)),
        tracer_(traces, sentences.size()) {}

  std::vector<std::vector<Hypothesis>> run() {
    for (int b = 0; b < static_cast<int>(finished_.size()); ++b) {
      const int sentence = b / options_.groups;
      rows_.push_back({b, sentence, options_.begin_token, continuations_.start(sentence)});
    }
    for (int length = 1; !rows_.empty(); ++length) step(length);
    std::vector<std::vector<Hypothesis>> out;
    const auto groups = static_cast<std::size_t>(options_.groups);
    for (std::size_t first = 0; first < finished_.size(); first += groups)
      out.push_back(merged(std::span(finished_).subspan(first, groups)));
    return out;
  }

 private:
  /// Advances all rows of all sentences by their `length`-th token.
  void step(int length) {
    check_stop(options_.stop);
    std::vector<int> parents, tokens;
    for (const Row& row : rows_) {
      parents.push_back(row.parent);
      tokens.push_back(row.token);
    }
    scorer_.advance(parents, tokens);
    const std::vector<Row> previous = std::exchange(rows_, {});
    const auto count = static_cast<int>(previous.size());
    attention_ = keeps_attention(options_) ? history_.add_attention(scorer_, count) : History::kNoAttention;
    for (int first = 0, last = 0; first < count; first = last) {  // the rows of a beam lie together
      while (last < count && previous[last].beam == previous[first].beam) ++last;
      const int beam = previous[first].beam;
      if (first == 0 || previous[first - 1].path.sentence != previous[first].path.sentence) taken_.clear();
      collect_candidates(previous, first, last, length);
      const std::size_t shown = tracer_.on() ? static_cast<std::size_t>(options_.beam) : 0;
      const std::size_t chosen = choose(candidates_, finished_[beam].room(), shown, options_.prune);
      const std::size_t live = rows_.size();
      for (std::size_t i = 0; i < chosen; ++i) extend(previous[candidates_[i].row], candidates_[i], length);
      for (std::size_t i = chosen; i < std::min(chosen + shown, candidates_.size()); ++i)
        trace(previous[candidates_[i].row], candidates_[i], length, Fate::kPruned);
      if (rows_.size() > live) settle(live, length);
    }
  }

  /// What the rows [first, last) of a beam may become.
  void collect_candidates(const std::vector<Row>& rows, int first, int last, int length) {
    candidates_.clear();
    const int best = options_.beam / options_.groups + static_cast<int>(taken_.size());
    for (int r = first; r < last; ++r) {
      const Row& row = rows[r];
      if (continuations_.reads_tokens()) history_.tokens(row.leaf, tokens_);
      const Keeper& keeper = continuations_.keeper(row.path);
      for (const Continuation& next : continuations_.collect(r, row.path, tokens_, length, best)) {
        Candidate& one = candidates_.emplace_back(Candidate{row.log_probability + next.log_probability, r, next});
        if (keeper.counts()) one.tokens_met = keeper.tokens_met(keeper.after(row.path.progress, next.token));
        const auto taken = static_cast<double>(std::ranges::count(taken_, next.token));
        one.rank = one.log_probability - options_.diversity * taken;
      }
    }
  }

  int trace(const Row& from, const Candidate& candidate, int length, Fate fate) {
    const double score = ranked_score(candidate.log_probability, length, options_.ranking);
    return tracer_.add(from.path.sentence, {from.traced, candidate.next.token, candidate.log_probability, score, fate},
                       scorer_, candidate.row);
  }

  /// Takes a candidate: it is finished or becomes a row.
  void extend(const Row& from, const Candidate& candidate, int length) {
    const int token = candidate.next.token;
    if (options_.groups > 1) taken_.push_back(token);
    const int weights = attention_ == History::kNoAttention ? attention_ : attention_ + candidate.row;
    const int leaf = history_.add(from.leaf, candidate.next, weights);
    const bool goes_on = continuations_.goes_on(from.path, token, length);
    const bool ended = token == options_.end_token || options_.forced_length > 0;
    const int traced = trace(from, candidate, length, goes_on ? Fate::kKept : ended ? Fate::kFinished : Fate::kCut);
    Row row{from.beam, candidate.row, token, continuations_.after(from.path, token)};
    row.leaf = leaf;
    row.traced = traced;
    row.log_probability = candidate.log_probability;
    goes_on ? rows_.push_back(std::move(row)) : finish(row);
  }

  void finish(const Row& row) {
    if (row.token != options_.end_token && !continuations_.may_be_cut(row.path)) return;
    Hypothesis hypothesis = history_.trace(row.leaf);
    heed::finish(hypothesis, options_);
    finished_[row.beam].add(std::move(hypothesis));
  }

  /// Tells of what goes on of a beam, the rows from `live` on, and ends it if it is not needed, or not wanted.
  void settle(std::size_t live, int length) {
    const Row& best = *std::ranges::max_element(std::span(rows_).subspan(live), {}, &Row::log_probability);
    if (finished_[best.beam].is_settled(best.log_probability, length, continuations_.limit(best.path))) {
      rows_.resize(live);
    } else if (options_.on_step) {
      history_.tokens(rows_[live].leaf, tokens_);
      if (options_.on_step({best.path.sentence, tokens_})) return;
      for (std::size_t i = live; i < rows_.size(); ++i) finish(rows_[i]);
      rows_.resize(live);
    }
  }

  StepScorer& scorer_;
  const SearchOptions& options_;
  Continuations continuations_;
  std::vector<Finished> finished_;  // of each beam
  std::vector<Row> rows_;
  History history_;
  int attention_ = History::kNoAttention;  // of the first row of the step
  std::vector<int> tokens_;                // of a row
  std::vector<int> taken_;                 // by the groups of the sentence before, in this step
  std::vector<Candidate> candidates_;
  Tracer tracer_;
};

}  // namespace

std::vector<std::vector<Hypothesis>> beam_search(StepScorer& scorer, std::span<const SearchSentence> sentences,
                                                 const SearchOptions& options, std::vector<SearchTrace>* traces) {
  return BeamSearch(scorer, sentences, options, traces).run();
}

}  // namespace heed
