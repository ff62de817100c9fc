#include "risk.h"

#include <algorithm>
#include <cmath>

#include "heed/search/search.h"
#include "heed/text/vocabulary.h"
#include "heed/translate/model_scorer.h"

namespace heed {
namespace {

/// A token, never BOS.
int draw_token(const RowScores& scores, Rng& rng) {
  const auto probability = [&](std::size_t token) {
    return std::exp(static_cast<double>(scores.logits[token] - scores.log_sum));
  };
  double left = rng.uniform() * (1 - probability(Vocabulary::kBegin));
  for (std::size_t token = 0; token < scores.logits.size(); ++token) {
    if (token == Vocabulary::kBegin) continue;
    left -= probability(token);
    if (left < 0) return static_cast<int>(token);
  }
  return Vocabulary::kEnd;
}

std::size_t limit_of(std::span<const int> reference) { return 2 * reference.size() + 10; }

using Lists = std::vector<std::vector<int>>;  // tokens without EOS

/// [sentence * count + i]
Lists sample(const Seq2Seq& model, const SourceIds& sources, Sequences references, int count, Rng& rng) {
  ModelScorer scorer(model);
  scorer.start(sources);
  Lists out(sources.tokens.size() * static_cast<std::size_t>(count));
  std::vector<int> rows, parents, tokens;  // rows: places in `out`
  for (std::size_t i = 0; i < out.size(); ++i) {
    rows.push_back(static_cast<int>(i));
    parents.push_back(static_cast<int>(i) / count);
    tokens.push_back(Vocabulary::kBegin);
  }
  while (!rows.empty()) {
    scorer.advance(parents, tokens);
    std::vector<int> going;
    parents.clear();
    tokens.clear();
    for (std::size_t r = 0; r < rows.size(); ++r) {
      const auto place = static_cast<std::size_t>(rows[r]);
      const int token = draw_token(scorer.scores(static_cast<int>(r)), rng);
      if (token == Vocabulary::kEnd ||
          out[place].size() >= limit_of(references[place / static_cast<std::size_t>(count)]))
        continue;
      out[place].push_back(token);
      going.push_back(rows[r]);
      parents.push_back(static_cast<int>(r));
      tokens.push_back(token);
    }
    rows = std::move(going);
  }
  return out;
}

/// The same from beam search.
Lists best(const Seq2Seq& model, const SourceIds& sources, int count) {
  ModelScorer scorer(model);
  scorer.start(sources);
  std::vector<int> lengths;
  for (const std::span<const int> source : sources.tokens) lengths.push_back(static_cast<int>(source.size()));
  Lists out;
  for (const auto& hypotheses : run_search(scorer, lengths, {.beam = count, .nbest = count})) {
    for (int i = 0; i < count; ++i) {
      const auto place = std::min(static_cast<std::size_t>(i), hypotheses.size() - 1);  // there may be fewer
      std::vector<int> tokens = hypotheses[place].tokens;
      if (!tokens.empty() && tokens.back() == Vocabulary::kEnd) tokens.pop_back();
      out.push_back(std::move(tokens));
    }
  }
  return out;
}

}  // namespace

RiskCandidates draw_candidates(const Seq2Seq& model, const SourceIds& sources, Sequences references,
                               const RiskTerm& risk, Rng& rng) {
  Lists drawn =
      risk.sampled ? sample(model, sources, references, risk.candidates, rng) : best(model, sources, risk.candidates);
  RiskCandidates out;
  for (std::size_t sentence = 0; sentence < sources.tokens.size(); ++sentence) {
    const auto begin = drawn.begin() + static_cast<std::ptrdiff_t>(sentence) * risk.candidates;
    std::sort(begin, begin + risk.candidates);
    const auto end = std::unique(begin, begin + risk.candidates);
    for (auto each = begin; each != end; ++each) {
      out.cost.push_back(risk.cost(*each, references[sentence]));
      out.sources.push_back(sources.tokens[sentence]);
      if (!sources.features.empty()) out.features.push_back(sources.features[sentence]);
      out.targets.push_back(std::move(*each));
      out.sentence.push_back(static_cast<int>(sentence));
    }
  }
  return out;
}

RiskFactors risk_factors(const RiskCandidates& candidates, std::span<const double> log_probability, double sharpness) {
  RiskFactors out;
  out.factors.resize(candidates.size());
  for (std::size_t first = 0, end = 0; first < candidates.size(); first = end) {
    while (end < candidates.size() && candidates.sentence[end] == candidates.sentence[first]) ++end;
    double largest = log_probability[first];
    for (std::size_t y = first; y < end; ++y) largest = std::max(largest, log_probability[y]);
    const auto unscaled = [&](std::size_t y) { return std::exp(sharpness * (log_probability[y] - largest)); };
    double sum = 0, risk = 0;
    for (std::size_t y = first; y < end; ++y) sum += unscaled(y);
    for (std::size_t y = first; y < end; ++y) risk += unscaled(y) / sum * candidates.cost[y];
    // d risk / d log p(y) = sharpness Q(y) (cost(y) - risk), and that of its cross-entropy is -1.
    for (std::size_t y = first; y < end; ++y) {
      out.factors[y] = static_cast<float>(-sharpness * unscaled(y) / sum * (candidates.cost[y] - risk));
    }
    out.risk += risk;
  }
  return out;
}

}  // namespace heed
