#pragma once
#include <cmath>
#include <cstddef>
#include <string>

namespace heed::serve {

/// How probable some texts are.
struct LogProbability {
  double sum = 0;
  double tokens = 0;  ///< EOS counts

  void add(const LogProbability& other) {
    sum += other.sum;
    tokens += other.tokens;
  }
  double perplexity() const { return tokens > 0 ? std::exp(-sum / tokens) : 0; }
};

/// How well a model does on the held-out text.
struct Quality {
  double perplexity = 0;
  double error_rate = 0;  ///< word error rate of its greedy translations, in per cent

  bool is_within(const Quality& most) const {
    return perplexity <= most.perplexity && error_rate <= most.error_rate;  // not where they are no numbers
  }
};

/// What came of corrections that were learnt together.
struct Lesson {
  std::size_t corrections = 0;  ///< that there are since
  int copy = 0;                 ///< that is served since: its folder's number; 0: the base
  bool learnt = false;
  std::size_t given = 0, said = 0;  ///< corrections of this lesson, and how many the copy now translates so itself
  std::string reason = {};          ///< why not
  LogProbability by_base, by_copy;  ///< of all corrections until then, each before it was learnt from
  std::size_t held_out_pairs = 0;
  Quality base, held_out, most;  ///< of the base and of the copy there, and what the copy's may be
};

}  // namespace heed::serve
