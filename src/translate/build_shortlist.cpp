#include <algorithm>
#include <iterator>
#include <memory>
#include <numeric>
#include <optional>
#include <unordered_map>

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

// Pairs whose attention is held at a time, and how many weights it has, but for the last pair's.
constexpr std::size_t kBlockPairs = 2048;
constexpr std::size_t kBlockWeights = std::size_t{1} << 22U;
// Brown et al. 1993 found little to gain from more.
constexpr int kIterations = 5;

struct IdPair {
  std::vector<int> source;
  std::vector<int> target;
  std::vector<int> features;
};

/// What is read of a pair: tokens alone, or the values of their features too.
enum class PairContent { kTokens, kTokensAndFeatures };

/// Reads pairs as ids, block by block.
class IdReader {
 public:
  IdReader(const TextSide& source, const TextSide& target, const PairSource& pairs, const ShortlistOptions& options,
           PairContent content)
      : source_(source), target_(target), pairs_(pairs), options_(options), content_(content) {}

  /// Empty at the end.
  std::vector<IdPair> next() {
    std::vector<IdPair> out;
    std::size_t weights = 0;
    while (out.size() < kBlockPairs && weights < kBlockWeights) {
      const std::optional<SentencePair> pair = pairs_();
      if (!pair) break;
      ++lines_;
      out.push_back(read(*pair));
      weights += (out.back().source.size() + 1) * (out.back().target.size() + 1);
    }
    return out;
  }
  long lines() const { return lines_; }  ///< read so far

 private:
  IdPair read(const SentencePair& pair) const {
    const std::string* name = &options_.source_name;
    try {
      IdPair out;
      const Encoding encoding = read_side(source_, pair.source, pair.source_tokens, options_.max_length);
      out.source = encoding.ids;
      if (content_ == PairContent::kTokensAndFeatures)
        out.features = source_.feature_ids(pair.source, encoding.pieces, pair.features);
      name = &options_.target_name;
      out.target = read_side(target_, pair.target, pair.target_tokens, options_.max_length).ids;
      target_.options().turn(out.target);
      return out;
    } catch (const Error& error) {
      throw Error::at({.file = *name, .line = lines_}, error.what(), error.kind());
    }
  }

  const TextSide& source_;
  const TextSide& target_;
  const PairSource& pairs_;
  const ShortlistOptions& options_;
  PairContent content_;
  long lines_ = 0;
};

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
  explicit MeetingTable(int source_vocabulary)
      : targets_(static_cast<std::size_t>(source_vocabulary)), values_(targets_.size()) {}

  /// Has a place, with 0, for all that meets in these pairs too.
  void add(std::span<const IdPair> pairs) {
    std::unordered_map<int, std::vector<int>> met;
    std::size_t held = 0;
    for (const IdPair& pair : pairs) {
      std::vector<int> sources = pair.source, targets = pair.target;
      sort_out(sources);
      sort_out(targets);
      for (const int source : sources) {
        std::vector<int>& row = met[source];
        row.insert(row.end(), targets.begin(), targets.end());
      }
      held += sources.size() * targets.size();
      if (held < kBlockWeights) continue;
      merge(met);
      held = 0;
    }
    merge(met);
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
  void merge(std::unordered_map<int, std::vector<int>>& met) {
    for (auto& [source, row] : met) {
      sort_out(row);
      merge(row, targets_[source], values_[source]);
    }
    met.clear();
  }

  /// `ids` and those of a row, both sorted, each once; what is new has the value 0.
  static void merge(std::span<const int> ids, std::vector<int>& targets, std::vector<double>& values) {
    std::vector<int> all;
    std::set_union(ids.begin(), ids.end(), targets.begin(), targets.end(), std::back_inserter(all));
    if (all.size() == targets.size()) return;
    std::vector<double> moved(all.size());
    for (std::size_t from = 0, to = 0; from < targets.size(); ++to) {
      if (all[to] == targets[from]) moved[to] = values[from++];
    }
    targets = std::move(all);
    values = std::move(moved);
  }

  std::size_t place(int source, int target) const {
    const std::vector<int>& row = targets_[source];
    return static_cast<std::size_t>(std::lower_bound(row.begin(), row.end(), target) - row.begin());
  }

  std::vector<std::vector<int>> targets_;  // of each source token, sorted
  std::vector<std::vector<double>> values_;
};

/// How often each target token stands in the text.
class TargetCounts {
 public:
  explicit TargetCounts(int vocabulary) : counts_(static_cast<std::size_t>(vocabulary)) {}

  void add(std::span<const IdPair> pairs) {
    for (const IdPair& pair : pairs) {
      for (const int id : pair.target) counts_[id] += 1;
    }
  }

  std::vector<int> most_frequent(int count) const {
    std::vector<double> counts = counts_;
    std::fill_n(counts.begin(), Vocabulary::kSpecials, 0.0);  // every sentence has them, whatever their number
    std::vector<int> ids(counts.size());
    std::iota(ids.begin(), ids.end(), 0);
    return largest(ids, counts, count);
  }

 private:
  std::vector<double> counts_;
};

void check(const ShortlistOptions& options) {
  if (options.best < 0) throw UsageError(fmt::format("best is {}; it must not be negative", options.best));
  if (options.frequent < 0) throw UsageError(fmt::format("frequent is {}; it must not be negative", options.frequent));
}

Shortlist make_list(const MeetingTable& table, const TargetCounts& counts, const TextSide& source,
                    const TextSide& target, const ShortlistOptions& options) {
  // One more than is wanted: <unk>, which every sentence has, takes no place in a list.
  std::vector<std::vector<int>> lists = table.best(options.best + 1);
  lists.resize(static_cast<std::size_t>(source.vocabulary_size()));  // without the empty word
  for (std::vector<int>& list : lists) {
    std::erase(list, Vocabulary::kUnknown);
    list.resize(std::min(list.size(), static_cast<std::size_t>(options.best)));
  }
  return {std::move(lists), counts.most_frequent(options.frequent), target.vocabulary_size()};
}

/// Model 1's p(t|s), the empty source word being the last row.
class ModelOne {
 public:
  ModelOne(std::vector<IdPair>& pairs, int source_vocabulary) : pairs_(pairs), rows_(source_vocabulary + 1) {
    for (IdPair& pair : pairs) pair.source.push_back(source_vocabulary);
    table_ = std::make_unique<MeetingTable>(rows_);
    table_->add(pairs);
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

PairSource source_of(std::span<const SentencePair> pairs) {
  return [pairs, at = std::size_t{0}]() mutable -> std::optional<SentencePair> {
    return at < pairs.size() ? std::optional(pairs[at++]) : std::nullopt;
  };
}

}  // namespace

Shortlist shortlist_of_attention(const Bundle& bundle, const PairSource& pairs, const ShortlistOptions& options) {
  check(options);
  check_loaded(bundle);
  check_serves_shortlist(*bundle.model);
  if (!bundle.model->decoder().attends()) {
    throw Error(ErrorKind::kModel, "the model has no attention to count (model.attention.kind: none); take counts");
  }
  IdReader reader(bundle.source, bundle.target, pairs, options, PairContent::kTokensAndFeatures);
  // The counts of a source token have the order of its p(t|s): nothing has to be divided.
  MeetingTable table(bundle.source.vocabulary_size());
  TargetCounts counts(bundle.target.vocabulary_size());
  ScoreOptions how;
  how.batch_sentences = options.batch_sentences;
  how.threads = options.threads;
  how.source_name = options.source_name;
  for (std::vector<IdPair> block = reader.next(); !block.empty(); block = reader.next()) {
    how.first_line = reader.lines() - static_cast<long>(block.size()) + 1;
    table.add(block);
    counts.add(block);
    IdPairs to_score;
    for (const IdPair& pair : block) {
      to_score.sources.push_back(pair.source);
      to_score.targets.push_back(pair.target);
      to_score.features.push_back(pair.features);
    }
    std::vector<Translated> scored(block.size());
    score_ids(bundle, to_score, how, scored);
    for (std::size_t i = 0; i < scored.size(); ++i)
      add_attention(block[i], scored[i].translations.front().attention, table);
  }
  return make_list(table, counts, bundle.source, bundle.target, options);
}

Shortlist shortlist_of_counts(const TextSide& source, const TextSide& target, const PairSource& pairs,
                              const ShortlistOptions& options) {
  check(options);
  IdReader reader(source, target, pairs, options, PairContent::kTokens);
  TargetCounts counts(target.vocabulary_size());
  std::vector<IdPair> ids;
  for (std::vector<IdPair> block = reader.next(); !block.empty(); block = reader.next()) {
    counts.add(block);
    std::move(block.begin(), block.end(), std::back_inserter(ids));
  }
  ModelOne model(ids, source.vocabulary_size());
  for (int i = 0; i < kIterations; ++i) model.iterate();
  return make_list(model.table(), counts, source, target, options);
}

Shortlist shortlist_of_attention(const Bundle& bundle, std::span<const SentencePair> pairs,
                                 const ShortlistOptions& options) {
  return shortlist_of_attention(bundle, source_of(pairs), options);
}

Shortlist shortlist_of_counts(const TextSide& source, const TextSide& target, std::span<const SentencePair> pairs,
                              const ShortlistOptions& options) {
  return shortlist_of_counts(source, target, source_of(pairs), options);
}

}  // namespace heed
