#include "heed/model/batch.h"

#include <algorithm>
#include <numeric>

#include "fmt/format.h"
#include "heed/base/error.h"
#include "heed/text/vocabulary.h"

namespace heed {
namespace {

// Sentences, longest first, and how many rows each step has.
struct Packing {
  std::vector<int> order;
  std::vector<int> step_rows;
};

Packing pack(std::span<const std::vector<int>> sequences, int vocabulary) {
  Packing out;
  out.order.resize(sequences.size());
  std::iota(out.order.begin(), out.order.end(), 0);
  std::stable_sort(out.order.begin(), out.order.end(),
                   [&](int a, int b) { return sequences[a].size() > sequences[b].size(); });
  for (auto sentence = out.order.rbegin(); sentence != out.order.rend(); ++sentence) {
    const std::vector<int>& ids = sequences[*sentence];
    for (const int id : ids) {
      if (id < 0 || id >= vocabulary) {
        throw Error(fmt::format("token id {} is outside the vocabulary of {} tokens", id, vocabulary));
      }
    }
    // Steps that this sentence is the first to reach have it and all longer ones.
    const auto longer = static_cast<int>(out.order.rend() - sentence);
    out.step_rows.resize(std::max(out.step_rows.size(), ids.size() + 1), longer);
  }
  return out;
}

}  // namespace

SourceBatch pack_sources(std::span<const std::vector<int>> sources, int vocabulary) {
  const Packing packing = pack(sources, vocabulary);
  SourceBatch out;
  out.step_rows = packing.step_rows;
  out.longest = static_cast<int>(packing.step_rows.size());
  out.lengths.resize(sources.size());
  out.offsets.resize(sources.size());
  out.last_row.resize(sources.size());
  out.first_row.resize(sources.size());
  int positions = 0;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    out.offsets[i] = positions;
    out.lengths[i] = static_cast<int>(sources[i].size()) + 1;
    positions += out.lengths[i];
  }
  out.by_sentence.resize(static_cast<std::size_t>(positions));
  for (int t = 0; t < out.longest; ++t) {
    for (int place = 0; place < packing.step_rows[t]; ++place) {
      const int sentence = packing.order[place];
      const auto row = static_cast<int>(out.ids.size());
      const bool end = t == out.lengths[sentence] - 1;
      out.ids.push_back(end ? Vocabulary::kEnd : sources[sentence][t]);
      out.by_sentence[out.offsets[sentence] + t] = row;
      if (t == 0) out.first_row[sentence] = row;
      if (end) out.last_row[sentence] = row;
    }
  }
  return out;
}

TargetBatch pack_targets(std::span<const std::vector<int>> targets, int vocabulary) {
  Packing packing = pack(targets, vocabulary);
  TargetBatch out;
  out.lengths.resize(targets.size());
  for (std::size_t i = 0; i < targets.size(); ++i) out.lengths[i] = static_cast<int>(targets[i].size()) + 1;
  for (int t = 0; t < static_cast<int>(packing.step_rows.size()); ++t) {
    for (int place = 0; place < packing.step_rows[t]; ++place) {
      const std::vector<int>& target = targets[packing.order[place]];
      out.inputs.push_back(t == 0 ? Vocabulary::kBegin : target[t - 1]);
      out.labels.push_back(t == static_cast<int>(target.size()) ? Vocabulary::kEnd : target[t]);
    }
  }
  out.step_rows = std::move(packing.step_rows);
  out.order = std::move(packing.order);
  return out;
}

}  // namespace heed
