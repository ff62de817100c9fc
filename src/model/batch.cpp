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

// Fills the rest of what has lengths and step_rows. `order`: sentences, longest first.
void number_rows(std::span<const int> order, PackedSteps& out) {
  const std::size_t sentences = out.lengths.size();
  for (std::vector<int>* rows : {&out.offsets, &out.first_row, &out.last_row}) rows->resize(sentences);
  out.longest = static_cast<int>(out.step_rows.size());
  int positions = 0;
  for (std::size_t i = 0; i < sentences; ++i) {
    out.offsets[i] = positions;
    positions += out.lengths[i];
  }
  out.by_sentence.resize(static_cast<std::size_t>(positions));
  int row = 0;
  for (int t = 0; t < out.longest; ++t) {
    for (int place = 0; place < out.step_rows[t]; ++place, ++row) {
      const int sentence = order[place];
      out.by_sentence[out.offsets[sentence] + t] = row;
      if (t == 0) out.first_row[sentence] = row;
      if (t == out.lengths[sentence] - 1) out.last_row[sentence] = row;
    }
  }
}

// Sentence after sentence, with their end marks.
std::vector<int> pack_copies(std::span<const std::vector<int>> sources, std::span<const std::vector<int>> copies) {
  std::vector<int> out;
  if (copies.empty()) return out;
  if (copies.size() != sources.size()) {
    throw Error(fmt::format("there are ids to copy for {} of {} sentences", copies.size(), sources.size()));
  }
  for (std::size_t i = 0; i < sources.size(); ++i) {
    if (copies[i].size() != sources[i].size()) {
      throw Error(fmt::format("a sentence of {} tokens has {} ids to copy", sources[i].size(), copies[i].size()));
    }
    out.insert(out.end(), copies[i].begin(), copies[i].end());
    out.push_back(Vocabulary::kEnd);
  }
  return out;
}

TargetBatch pack_checked(std::span<const std::vector<int>> targets, int vocabulary, Packing packing) {
  TargetBatch out;
  out.lengths.resize(targets.size());
  for (std::size_t i = 0; i < targets.size(); ++i) out.lengths[i] = static_cast<int>(targets[i].size()) + 1;
  for (int t = 0; t < static_cast<int>(packing.step_rows.size()); ++t) {
    for (int place = 0; place < packing.step_rows[t]; ++place) {
      const std::vector<int>& target = targets[packing.order[place]];
      const int before = t == 0 ? Vocabulary::kBegin : target[t - 1];
      out.inputs.push_back(before < vocabulary ? before : Vocabulary::kUnknown);
      out.labels.push_back(t == static_cast<int>(target.size()) ? Vocabulary::kEnd : target[t]);
    }
  }
  out.step_rows = std::move(packing.step_rows);
  out.order = std::move(packing.order);
  return out;
}

}  // namespace

SourceBatch pack_sources(std::span<const std::vector<int>> sources, int vocabulary,
                         std::span<const std::vector<int>> copies) {
  Packing packing = pack(sources, vocabulary);
  SourceBatch out;
  for (const std::vector<int>& source : sources) out.lengths.push_back(static_cast<int>(source.size()) + 1);
  out.step_rows = std::move(packing.step_rows);
  number_rows(packing.order, out);
  for (std::size_t t = 0; t < out.step_rows.size(); ++t) {
    for (int place = 0; place < out.step_rows[t]; ++place) {
      const std::vector<int>& source = sources[packing.order[place]];
      out.ids.push_back(t == source.size() ? Vocabulary::kEnd : source[t]);
    }
  }
  out.copies = pack_copies(sources, copies);
  return out;
}

JoinedSteps join_pairs(const PackedSteps& steps) {
  JoinedSteps out;
  for (const int length : steps.lengths) out.steps.lengths.push_back((length + 1) / 2);
  int first = 0;
  for (std::size_t t = 0; t < steps.step_rows.size(); t += 2) {
    const int rows = steps.step_rows[t];
    const int pairs = t + 1 < steps.step_rows.size() ? steps.step_rows[t + 1] : 0;
    out.steps.step_rows.push_back(rows);
    for (int place = 0; place < rows; ++place) {
      out.left.push_back(first + place);
      out.right.push_back(place < pairs ? first + rows + place : first + place);
    }
    first += rows + pairs;
  }
  // The first rows of both are the sentences, longest first.
  std::vector<int> order(steps.lengths.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[steps.first_row[i]] = static_cast<int>(i);
  number_rows(order, out.steps);
  return out;
}

TargetBatch pack_targets(std::span<const std::vector<int>> targets, int vocabulary) {
  return pack_checked(targets, vocabulary, pack(targets, vocabulary));
}

TargetBatch pack_targets(std::span<const std::vector<int>> targets, int vocabulary, const SourceBatch& sources) {
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const auto own =
        std::span(sources.copies)
            .subspan(static_cast<std::size_t>(sources.offsets[i]), static_cast<std::size_t>(sources.lengths[i]));
    for (const int id : targets[i]) {
      if (id < vocabulary || std::find(own.begin(), own.end(), id) != own.end()) continue;
      throw Error(
          fmt::format("token id {} is neither in the vocabulary of {} tokens nor in its source", id, vocabulary));
    }
  }
  return pack_checked(targets, vocabulary, pack(targets, std::numeric_limits<int>::max()));
}

}  // namespace heed
