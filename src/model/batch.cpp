#include "heed/model/batch.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "fmt/format.h"
#include "heed/base/error.h"
#include "heed/text/vocabulary.h"

namespace heed {
namespace {

// Sentences, longest first, and how many rows each step has, with EOS where `input` has it.
void pack(Sequences sequences, const SourceInput& input, std::vector<int>& order, std::vector<int>& step_rows) {
  order.resize(sequences.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](int a, int b) {
    return sequences[a].size() != sequences[b].size() ? sequences[a].size() > sequences[b].size() : a < b;
  });
  step_rows.clear();
  for (auto sentence = order.rbegin(); sentence != order.rend(); ++sentence) {
    const std::span<const int> ids = sequences[*sentence];
    for (const int id : ids) {
      if (id < 0 || id >= input.vocabulary) {
        throw Error(ErrorKind::kArgument,
                    fmt::format("token id {} is outside the vocabulary of {} tokens", id, input.vocabulary));
      }
    }
    // Steps that this sentence is the first to reach have it and all longer ones.
    const auto longer = static_cast<int>(order.rend() - sentence);
    step_rows.resize(std::max(step_rows.size(), input.end.positions(ids.size())), longer);
  }
}

void count_positions(Sequences sequences, SourceEnd end, std::vector<int>& lengths) {
  lengths.resize(sequences.size());
  std::transform(sequences.begin(), sequences.end(), lengths.begin(),
                 [&](std::span<const int> ids) { return static_cast<int>(end.positions(ids.size())); });
}

// Fills the rest of what has order, lengths and step_rows.
void number_rows(PackedSteps& out) {
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
      const int sentence = out.order[place];
      out.by_sentence[out.offsets[sentence] + t] = row;
      if (t == 0) out.first_row[sentence] = row;
      if (t == out.lengths[sentence] - 1) out.last_row[sentence] = row;
    }
  }
}

// Sentence after sentence.
void pack_copies(Sequences sources, Sequences copies, SourceEnd end, std::vector<int>& out) {
  out.clear();
  if (copies.empty()) return;
  if (copies.size() != sources.size()) {
    throw Error(ErrorKind::kArgument,
                fmt::format("there are ids to copy for {} of {} sentences", copies.size(), sources.size()));
  }
  const auto empty = [](std::span<const int> each) { return each.empty(); };
  if (std::all_of(copies.begin(), copies.end(), empty) && !std::all_of(sources.begin(), sources.end(), empty)) return;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    if (copies[i].size() != sources[i].size()) {
      throw Error(ErrorKind::kArgument,
                  fmt::format("a sentence of {} tokens has {} ids to copy", sources[i].size(), copies[i].size()));
    }
    out.insert(out.end(), copies[i].begin(), copies[i].end());
    if (end.follows(sources[i].size())) out.push_back(Vocabulary::kEnd);
  }
}

// Packed by step, feature after feature.
void pack_features(const SourceIds& sources, SourceEnd end, SourceBatch& out) {
  const bool some = !sources.features.empty() && !sources.features.front().empty();
  const std::size_t count = some ? sources.features.front().size() / end.positions(sources.tokens.front().size()) : 0;
  out.features.resize(count);
  for (std::vector<int>& feature : out.features) feature.clear();
  if (!some) return;
  for (std::size_t i = 0; i < sources.tokens.size(); ++i) {
    const std::size_t given = i < sources.features.size() ? sources.features[i].size() : 0;
    if (given == count * end.positions(sources.tokens[i].size())) continue;
    throw Error(ErrorKind::kArgument, fmt::format("a sentence of {} tokens has {} ids of {} features",
                                                  sources.tokens[i].size(), given, count));
  }
  for (std::size_t t = 0; t < out.step_rows.size(); ++t) {
    for (int place = 0; place < out.step_rows[t]; ++place) {
      const auto sentence = static_cast<std::size_t>(out.order[place]);
      const auto length = static_cast<std::size_t>(out.lengths[sentence]);
      for (std::size_t f = 0; f < count; ++f) out.features[f].push_back(sources.features[sentence][f * length + t]);
    }
  }
}

// Labels are below `labels`, inputs below `vocabulary`.
void pack_targets(Sequences targets, int vocabulary, int labels, TargetBatch& out) {
  pack(targets, {labels}, out.order, out.step_rows);
  count_positions(targets, {}, out.lengths);
  for (std::vector<int>* list : {&out.inputs, &out.labels, &out.aligned_first, &out.aligned}) list->clear();
  for (int t = 0; t < static_cast<int>(out.step_rows.size()); ++t) {
    for (int place = 0; place < out.step_rows[t]; ++place) {
      const std::span<const int> target = targets[out.order[place]];
      const int before = t == 0 ? Vocabulary::kBegin : target[t - 1];
      out.inputs.push_back(before < vocabulary ? before : Vocabulary::kUnknown);
      out.labels.push_back(t == static_cast<int>(target.size()) ? Vocabulary::kEnd : target[t]);
    }
  }
}

}  // namespace

std::vector<std::span<const int>> views_of(std::span<const std::vector<int>> lists) {
  return {lists.begin(), lists.end()};
}

void pack_sources(const SourceIds& ids, const SourceInput& input, SourceBatch& out) {
  const Sequences sources = ids.tokens;
  pack(sources, input, out.order, out.step_rows);
  count_positions(sources, input.end, out.lengths);
  number_rows(out);
  out.ids.clear();
  for (std::size_t t = 0; t < out.step_rows.size(); ++t) {
    for (int place = 0; place < out.step_rows[t]; ++place) {
      const std::span<const int> source = sources[out.order[place]];
      out.ids.push_back(t == source.size() ? Vocabulary::kEnd : source[t]);
    }
  }
  pack_copies(sources, ids.copies, input.end, out.copies);
  pack_features(ids, input.end, out);
}

SourceBatch pack_sources(std::span<const std::vector<int>> sources, int vocabulary,
                         std::span<const std::vector<int>> copies) {
  SourceBatch out;
  const std::vector<std::span<const int>> tokens = views_of(sources), copied = views_of(copies);
  pack_sources({.tokens = tokens, .copies = copied}, {vocabulary}, out);
  return out;
}

JoinedSteps join_pairs(const PackedSteps& steps) {
  JoinedSteps out;
  join_pairs(steps, out);
  return out;
}

void join_pairs(const PackedSteps& steps, JoinedSteps& out) {
  for (std::vector<int>* list : {&out.steps.lengths, &out.steps.step_rows, &out.left, &out.right}) list->clear();
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
  out.steps.order = steps.order;  // the longest are so by half as well
  number_rows(out.steps);
}

void pack_targets(Sequences targets, int vocabulary, TargetBatch& out) {
  pack_targets(targets, vocabulary, vocabulary, out);
}

void pack_targets(Sequences targets, int vocabulary, const SourceBatch& sources, TargetBatch& out) {
  if (sources.copies.empty()) return pack_targets(targets, vocabulary, out);
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const auto own =
        std::span(sources.copies)
            .subspan(static_cast<std::size_t>(sources.offsets[i]), static_cast<std::size_t>(sources.lengths[i]));
    for (const int id : targets[i]) {
      if (id < vocabulary || std::find(own.begin(), own.end(), id) != own.end()) continue;
      throw Error(
          ErrorKind::kArgument,
          fmt::format("token id {} is neither in the vocabulary of {} tokens nor in its source", id, vocabulary));
    }
  }
  pack_targets(targets, vocabulary, std::numeric_limits<int>::max(), out);
}

TargetBatch pack_targets(std::span<const std::vector<int>> targets, int vocabulary) {
  TargetBatch out;
  pack_targets(views_of(targets), vocabulary, out);
  return out;
}

TargetBatch pack_targets(std::span<const std::vector<int>> targets, int vocabulary, const SourceBatch& sources) {
  TargetBatch out;
  pack_targets(views_of(targets), vocabulary, sources, out);
  return out;
}

void pack_links(Sequences links, const SourceBatch& sources, int tokens_per_state, TargetBatch& out) {
  if (links.size() != out.lengths.size()) {
    throw Error(ErrorKind::kArgument,
                fmt::format("there are links for {} of {} sentences", links.size(), out.lengths.size()));
  }
  std::vector<std::size_t> next(links.size());  // of each sentence, among its links
  out.aligned_first.clear();
  out.aligned.clear();
  for (int t = 0; t < static_cast<int>(out.step_rows.size()); ++t) {
    for (int place = 0; place < out.step_rows[t]; ++place) {
      const int sentence = out.order[place];
      const std::span<const int> own = links[sentence];
      out.aligned_first.push_back(static_cast<int>(out.aligned.size()));
      std::size_t& at = next[sentence];
      for (; at + 1 < own.size() && own[at] == t; at += 2) {
        const int token = own[at + 1];
        if (token < 0 || token >= sources.lengths[sentence]) break;
        out.aligned.push_back(token / tokens_per_state);
      }
      if (t + 1 == out.lengths[sentence] && at != own.size()) {
        throw Error(ErrorKind::kArgument,
                    fmt::format("a link of a sentence of {} and {} tokens is out of order or range",
                                sources.lengths[sentence], out.lengths[sentence]));
      }
    }
  }
  out.aligned_first.push_back(static_cast<int>(out.aligned.size()));
}

}  // namespace heed
