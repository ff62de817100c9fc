#include "tracer.h"

namespace heed {

Tracer::Tracer(std::vector<SearchTrace>* traces, std::size_t sentences) : traces_(traces) {
  if (!on()) return;
  traces_->assign(sentences, {});
  rows_.assign(sentences, {-1});
}

int Tracer::add(int sentence, TracedCandidate candidate, const StepScorer& scorer, int row) {
  if (!on() || candidate.parent == kUntraced) return kUntraced;
  SearchTrace& trace = (*traces_)[sentence];
  if (trace.candidates.size() == SearchTrace::kMostTraced) {
    trace.cut = true;
    return kUntraced;
  }
  int& attention = rows_[sentence][candidate.parent + 1];
  if (attention < 0) {
    AttentionRow weights = scorer.attention(row);
    if (!weights.mean.empty()) {
      attention = static_cast<int>(trace.attention.size());
      trace.attention.push_back(std::move(weights.mean));
    }
  }
  candidate.attention = attention;
  trace.candidates.push_back(candidate);
  rows_[sentence].push_back(-1);
  return static_cast<int>(trace.candidates.size()) - 1;
}

}  // namespace heed
