#include <algorithm>
#include <memory>
#include <numeric>

#include "fmt/format.h"
#include "heed/base/error.h"
#include "heed/model/seq2seq.h"
#include "heed/translate/shortlist.h"
#include "heed/translate/translator.h"
#include "read_side.h"
#include "score_ids.h"
#include "translate_checks.h"

namespace heed {
namespace {

// Pairs whose attention is held at a time.
constexpr std::size_t kBlockPairs = 2048;
// Brown et al. 1993 found little to gain from more.
constexpr int kIterations = 5;

struct IdPair {
  std::vector<int> source;
  std::vector<int> target;
  std::vector<int> features;
};

/// What read_pairs() gives: tokens alone, or the values of their features too.
enum class PairContent { kTokens, kTokensAndFeatures };

std::vector<IdPair> read_pairs(const TextSide& source, const TextSide& target, std::span<const SentencePair> pairs,
                               const ShortlistOptions& options, PairContent content) {
  std::vector<IdPair> out;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const std::string* name = &options.source_name;
    try {
      IdPair& pair = out.emplace_back();
      const Encoding encoding = read_side(source, pairs[i].source, options.max_length);
      pair.source = encoding.ids;
      if (content == PairContent::kTokensAndFeatures)
        pair.features = source.feature_ids(pairs[i].source, encoding.pieces, pairs[i].features);
      name = &options.target_name;
      pair.target = read_side(target, pairs[i].target, options.max_length).ids;
    } catch (const Error& error) {
      throw Error::at({.file = *name, .line = static_cast<long>(i) + 1}, error.what(), error.kind());
    }
  }
  return out;
}

void sort_out(std::vector<int>& ids) {
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
}

/// Sorted by falling weight, ties by rising id; the first `count`.
std::vector<int> largest(std::span<const int> ids, std::span<const double> weights, int count) {
  std::vector<std::size_t> order(ids.size());
  std::iota(order.begin(), order.end(), 0);
  const auto before = [&](std::size_t a, std::size_t b) {
    return weights[a] != weights[b] ? weights[a] > weights[b] : ids[a] < ids[b];
  };
  const std::size_t kept = std::min(order.size(), static_cast<std::size_t>(count));
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(kept), order.end(), before);
  std::vector<int> out;
  for (std::size_t i = 0; i < kept; ++i) {
    if (weights[order[i]] > 0) out.push_back(ids[order[i]]);
  }
  return out;
}

/// A number for each source token and each target token that it meets in a pair; no others take memory.
class MeetingTable {
 public:
  MeetingTable(std::span<const IdPair> pairs, int source_vocabulary)
      : targets_(static_cast<std::size_t>(source_vocabulary)) {
    std::vector<std::size_t> sorted(targets_.size());  // ids of a row up to its last sorting
    for (const IdPair& pair : pairs) {
      std::vector<int> of_pair = pair.target;
      sort_out(of_pair);
      for (const int source : pair.source) {
        std::vector<int>& row = targets_[source];
        row.insert(row.end(), of_pair.begin(), of_pair.end());
        // Repeated ones leave as soon as they may be half of all.
        if (row.size() < 2 * sorted[source] + 1024) continue;
        sort_out(row);
        sorted[source] = row.size();
      }
    }
    for (std::vector<int>& row : targets_) {
      sort_out(row);
      values_.emplace_back(row.size());
    }
  }

  double& at(int source, int target) { return values_[source][place(source, target)]; }
  std::span<const int> targets(int source) const { return targets_[source]; }
  std::span<double> values(int source) { return values_[source]; }

  std::vector<std::vector<int>> best(int count) const {
    std::vector<std::vector<int>> out;
    for (std::size_t s = 0; s < targets_.size(); ++s) out.push_back(largest(targets_[s], values_[s], count));
    return out;
  }

 private:
  std::size_t place(int source, int target) const {
    const std::vector<int>& row = targets_[source];
    return static_cast<std::size_t>(std::lower_bound(row.begin(), row.end(), target) - row.begin());
  }

  std::vector<std::vector<int>> targets_;  // of each source token, sorted
  std::vector<std::vector<double>> values_;
};

std::vector<int> most_frequent(std::span<const IdPair> pairs, int vocabulary, int count) {
  std::vector<int> ids(static_cast<std::size_t>(vocabulary));
  std::iota(ids.begin(), ids.end(), 0);
  std::vector<double> counts(ids.size());
  for (const IdPair& pair : pairs) {
    for (const int id : pair.target) counts[id] += 1;
  }
  std::fill_n(counts.begin(), Vocabulary::kSpecials, 0.0);  // every sentence has them, whatever their number
  return largest(ids, counts, count);
}

void check(const ShortlistOptions& options) {
  if (options.best < 0) throw UsageError(fmt::format("best is {}; it must not be negative", options.best));
  if (options.frequent < 0) throw UsageError(fmt::format("frequent is {}; it must not be negative", options.frequent));
}

Shortlist make_list(const MeetingTable& table, std::span<const IdPair> pairs, const TextSide& source,
                    const TextSide& target, const ShortlistOptions& options) {
  // One more than is wanted: <unk>, which every sentence has, takes no place in a list.
  std::vector<std::vector<int>> lists = table.best(options.best + 1);
  lists.resize(static_cast<std::size_t>(source.vocabulary_size()));  // without the empty word
  for (std::vector<int>& list : lists) {
    std::erase(list, Vocabulary::kUnknown);
    list.resize(std::min(list.size(), static_cast<std::size_t>(options.best)));
  }
  const int size = target.vocabulary_size();
  return {std::move(lists), most_frequent(pairs, size, options.frequent), size};
}

/// Model 1's p(t|s), the empty source word being the last row.
class ModelOne {
 public:
  ModelOne(std::vector<IdPair>& pairs, int source_vocabulary) : pairs_(pairs), rows_(source_vocabulary + 1) {
    for (IdPair& pair : pairs) pair.source.push_back(source_vocabulary);
    table_ = std::make_unique<MeetingTable>(pairs, rows_);
    counts_ = std::make_unique<MeetingTable>(*table_);
    for (int s = 0; s < rows_; ++s) {
      const std::span<double> row = table_->values(s);
      std::fill(row.begin(), row.end(), 1.0 / static_cast<double>(row.size()));
    }
  }

  void iterate() {
    for (const IdPair& pair : pairs_) {
      for (const int t : pair.target) expect(pair.source, t);
    }
    for (int s = 0; s < rows_; ++s) maximise(table_->values(s), counts_->values(s));
  }

  const MeetingTable& table() const { return *table_; }

 private:
  /// Shares a target token out to the source tokens of its pair (equation 15 of the paper).
  void expect(std::span<const int> source, int target) {
    double sum = 0;
    for (const int s : source) sum += table_->at(s, target);
    if (sum <= 0) return;
    for (const int s : source) counts_->at(s, target) += table_->at(s, target) / sum;
  }

  static void maximise(std::span<double> probabilities, std::span<double> counts) {
    const double sum = std::accumulate(counts.begin(), counts.end(), 0.0);
    for (std::size_t i = 0; sum > 0 && i < counts.size(); ++i) probabilities[i] = counts[i] / sum;
    std::fill(counts.begin(), counts.end(), 0.0);
  }

  std::span<const IdPair> pairs_;
  int rows_;
  std::unique_ptr<MeetingTable> table_;
  std::unique_ptr<MeetingTable> counts_;
};

void add_attention(const IdPair& pair, const AttentionWeights& attention, MeetingTable& table) {
  for (std::size_t t = 0; t < pair.target.size(); ++t) {
    for (std::size_t s = 0; s < pair.source.size(); ++s) {
      table.at(pair.source[s], pair.target[t]) += static_cast<double>(attention[t][s]);
    }
  }
}

}  // namespace

Shortlist shortlist_of_attention(const Bundle& bundle, std::span<const SentencePair> pairs,
                                 const ShortlistOptions& options) {
  check(options);
  check_loaded(bundle);
  check_serves_shortlist(*bundle.model);
  if (!bundle.model->decoder().attends()) {
    throw Error(ErrorKind::kModel, "the model has no attention to count (model.attention.kind: none); take counts");
  }
  const std::vector<IdPair> ids =
      read_pairs(bundle.source, bundle.target, pairs, options, PairContent::kTokensAndFeatures);
  // The counts of a source token have the order of its p(t|s): nothing has to be divided.
  MeetingTable table(ids, bundle.source.vocabulary_size());
  ScoreOptions how;
  how.batch_sentences = options.batch_sentences;
  how.threads = options.threads;
  how.source_name = options.source_name;
  for (std::size_t first = 0; first < ids.size(); first += kBlockPairs) {
    how.first_line = static_cast<long>(first) + 1;
    IdPairs block;
    for (std::size_t i = first; i < std::min(first + kBlockPairs, ids.size()); ++i) {
      block.sources.push_back(ids[i].source);
      block.targets.push_back(ids[i].target);
      block.features.push_back(ids[i].features);
    }
    std::vector<Translated> scored(block.sources.size());
    score_ids(bundle, block, how, scored);
    for (std::size_t i = 0; i < scored.size(); ++i) {
      add_attention(ids[first + i], scored[i].translations.front().attention, table);
    }
  }
  return make_list(table, ids, bundle.source, bundle.target, options);
}

Shortlist shortlist_of_counts(const TextSide& source, const TextSide& target, std::span<const SentencePair> pairs,
                              const ShortlistOptions& options) {
  check(options);
  std::vector<IdPair> ids = read_pairs(source, target, pairs, options, PairContent::kTokens);
  ModelOne model(ids, source.vocabulary_size());
  for (int i = 0; i < kIterations; ++i) model.iterate();
  return make_list(model.table(), ids, source, target, options);
}

}  // namespace heed
