#include "path_search.h"

#include <algorithm>
#include <utility>

#include "continuations.h"
#include "heed/base/rng.h"
#include "heed/base/stop.h"
#include "sampler.h"
#include "scores.h"

namespace heed {
namespace {

constexpr int kFirstAsked = 64;  // continuations that sampling looks at before it asks for all

/// A hypothesis on its way.
struct Walk {
  Path path;
  int number;          // of those of its sentence
  bool forced = true;  // nothing could be chosen so far
  Hypothesis taken = {};
};

class PathSearch {
 public:
  PathSearch(StepScorer& scorer, std::span<const SearchSentence> sentences, const SearchOptions& options)
      : scorer_(scorer),
        sentences_(sentences),
        options_(options),
        continuations_(scorer, sentences, options),
        found_(sentences.size()) {}

  std::vector<std::vector<Hypothesis>> run() {
    const int each = options_.sampling || options_.alternatives ? options_.nbest : 1;
    std::vector<int> parents, tokens;
    for (int s = 0; s < static_cast<int>(sentences_.size()); ++s) {
      for (int number = 0; number < each; ++number) {
        walks_.push_back({continuations_.start(s), number});
        parents.push_back(s);
        tokens.push_back(options_.begin_token);
      }
    }
    for (int length = 1; !walks_.empty(); ++length) {
      check_stop(options_.stop);
      scorer_.advance(parents, tokens);
      parents.clear();
      tokens.clear();
      std::vector<Walk> going;
      for (std::size_t row = 0; row < walks_.size(); ++row) {
        Walk& walk = walks_[row];
        if (!step(static_cast<int>(row), walk, length)) continue;
        parents.push_back(static_cast<int>(row));
        tokens.push_back(walk.taken.tokens.back());
        going.push_back(std::move(walk));
      }
      walks_ = std::move(going);
    }
    for (auto& hypotheses : found_) std::ranges::stable_sort(hypotheses, std::ranges::greater(), &Hypothesis::score);
    return std::move(found_);
  }

 private:
  /// Takes the next token of a hypothesis; returns whether it goes on.
  bool step(int row, Walk& walk, int length) {
    const Continuation* const next = choose(row, walk, length);
    if (next == nullptr) return false;
    Hypothesis& taken = walk.taken;
    taken.tokens.push_back(next->token);
    taken.copied.push_back(next->copied);
    taken.token_log_probabilities.push_back(next->log_probability);
    taken.log_probability += static_cast<double>(next->log_probability);
    if (keeps_attention(options_)) {
      AttentionRow attention = scorer_.attention(row);
      if (!attention.mean.empty()) taken.attention.push_back(std::move(attention));
    }
    walk.path = continuations_.after(walk.path, next->token);
    const bool ended = next->token == options_.end_token;
    const bool goes_on = continuations_.goes_on(walk.path, next->token, length);
    if (goes_on && (!options_.on_step || options_.on_step({walk.path.sentence, taken.tokens}))) return true;
    const bool repeats = options_.alternatives && walk.forced && walk.number > 0;
    if (repeats || (!ended && !continuations_.may_be_cut(walk.path))) return false;
    finish(taken, options_);
    found_[walk.path.sentence].push_back(std::move(taken));
    return false;
  }

  /// nullptr: nothing may follow.
  const Continuation* choose(int row, Walk& walk, int length) {
    const auto collect = [&](int best) {
      return continuations_.collect(row, walk.path, walk.taken.tokens, length, best);
    };
    if (options_.sampling) return drawn(walk, length, collect);
    const bool alternative = options_.alternatives && walk.forced;
    const std::span<const Continuation> best = collect(alternative ? std::max(walk.number + 1, 2) : 1);
    const auto place = static_cast<std::size_t>(alternative && best.size() > 1 ? walk.number : 0);
    walk.forced = walk.forced && best.size() < 2;
    return place < best.size() ? &best[place] : nullptr;
  }

  template <typename Collect>
  const Continuation* drawn(const Walk& walk, int length, const Collect& collect) {
    const Sampling& sampling = *options_.sampling;
    Rng rng = Rng::stream(sampling.seed, sentences_[walk.path.sentence].stream,
                          static_cast<std::uint64_t>(walk.number) << 32U | static_cast<std::uint64_t>(length));
    const double first = rng.uniform();
    const Uniform uniform = {first, rng.uniform()};
    const int all = scorer_.vocabulary_size();
    const int few = sampling.temperature == 1 ? kFirstAsked : all;
    for (int asked = sampling.top_k > 0 ? sampling.top_k : few;; asked = all) {
      const std::span<const Continuation> row = collect(asked);
      if (row.empty()) return nullptr;
      const bool complete = sampling.top_k > 0 || asked >= all || static_cast<int>(row.size()) < asked;
      if (!complete && continuations_.are_changed(walk.path)) continue;
      const int place = draw(row, complete, sampling, uniform);
      if (place != kUndecided) return &row[static_cast<std::size_t>(place)];
    }
  }

  StepScorer& scorer_;
  std::span<const SearchSentence> sentences_;
  const SearchOptions& options_;
  Continuations continuations_;
  std::vector<Walk> walks_;
  std::vector<std::vector<Hypothesis>> found_;
};

}  // namespace

std::vector<std::vector<Hypothesis>> path_search(StepScorer& scorer, std::span<const SearchSentence> sentences,
                                                 const SearchOptions& options) {
  return PathSearch(scorer, sentences, options).run();
}

}  // namespace heed
