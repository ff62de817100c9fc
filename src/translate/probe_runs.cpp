#include "probe_runs.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "heed/base/error.h"
#include "heed/base/rng.h"

namespace heed {
namespace {

// Forms of a source that are run beside each other: rows, and positions of their sources.
constexpr std::size_t kMostRows = 64;
constexpr std::size_t kMostPositions = 8192;

/// Row 0 stays as it is, row 1 attends to all alike, the others are permuted.
class Otherwise : public WeightChange {
 public:
  explicit Otherwise(std::size_t permutations) : rngs_(permutations) {}

  void begin_step(std::uint64_t seed, std::size_t step) {
    for (std::size_t p = 0; p < rngs_.size(); ++p) rngs_[p] = Rng::stream(seed, step, p);
  }
  bool called() const { return called_; }

  void change(const Tensor& weights, const AttentionStep& step) const override {
    called_ = true;
    const Pairing pairing{step.memory.values.sentences, step.sentence, step.focus.windows};
    for (std::int64_t r = 1; r < weights.rows; ++r) {
      const PositionWindow window = pairing.window(r);
      const std::span<float> row(weights.row(r) + window.first, static_cast<std::size_t>(window.last - window.first));
      if (r > 1) {
        shuffle(row, rngs_[static_cast<std::size_t>(r) - 2]);
      } else if (!row.empty()) {
        std::fill(row.begin(), row.end(),
                  std::accumulate(row.begin(), row.end(), 0.0F) / static_cast<float>(row.size()));
      }
    }
  }

 private:
  static void shuffle(std::span<float> row, Rng& rng) {
    for (std::size_t i = row.size(); i > 1; --i) std::swap(row[i - 1], row[rng.below(i)]);
  }

  mutable std::vector<Rng> rngs_;
  mutable bool called_ = false;
};

void read_probabilities(const RowScores& scores, std::vector<float>& out) {
  out.resize(scores.logits.size());
  for (std::size_t v = 0; v < out.size(); ++v) out[v] = std::exp(scores.logits[v] - scores.log_sum);
}

double log_probability(const RowScores& scores, int label) {
  const auto found = static_cast<double>(scores.log_probability(static_cast<std::size_t>(label)));
  return std::max(found, kLeastLogProbability);
}

/// Half of the sum of |p - q|; what one lacks has no probability there.
double total_variation(std::span<const float> p, std::span<const float> q) {
  double sum = 0;
  for (std::size_t v = 0; v < std::max(p.size(), q.size()); ++v) {
    const double a = v < p.size() ? static_cast<double>(p[v]) : 0;
    const double b = v < q.size() ? static_cast<double>(q[v]) : 0;
    sum += std::abs(a - b);
  }
  return sum / 2;
}

double median(std::vector<double>& values) {
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

}  // namespace

/// Sources beside each other.
void ProbeRuns::start(const std::vector<SourceForm>& forms) {
  std::vector<std::span<const int>> tokens;
  std::vector<std::span<const int>> copies;
  std::vector<std::span<const int>> features;
  for (const SourceForm& form : forms) {
    tokens.emplace_back(form.tokens);
    copies.emplace_back(form.copies);
    features.emplace_back(form.features);
  }
  SourceIds ids{.tokens = tokens};
  if (!pair_.source.copies.empty()) ids.copies = copies;
  if (!pair_.source.features.empty()) ids.features = features;
  scorer_.start(ids);
}

ProbeBase ProbeRuns::attend_otherwise() {
  const auto permutations = static_cast<std::size_t>(options_.permutations);
  ProbeBase out;
  Otherwise otherwise(permutations);
  start({pair_.source});
  scorer_.change_attention(&otherwise);
  const std::vector<int> parents(permutations + 2);  // each step goes on from the row that was not changed
  std::vector<float> changed;
  for (std::size_t t = 0; t < pair_.steps(); ++t) {
    otherwise.begin_step(seed_, t);
    scorer_.advance(parents, std::vector<int>(parents.size(), pair_.inputs[t]));
    const RowScores base = scorer_.scores(0);
    out.log_probabilities.push_back(log_probability(base, pair_.labels[t]));
    std::vector<float>& probabilities = out.probabilities.emplace_back();
    read_probabilities(base, probabilities);
    std::vector<double> distances;
    for (std::size_t r = 1; r < parents.size(); ++r) {
      read_probabilities(scorer_.scores(static_cast<int>(r)), changed);
      distances.push_back(total_variation(probabilities, changed));
    }
    out.uniform.push_back(distances.front());
    distances.erase(distances.begin());
    out.permuted.push_back(median(distances));
  }
  scorer_.change_attention(nullptr);
  if (!otherwise.called())
    throw Error(ErrorKind::kArgument, "the mechanism does not let its weights be changed (AttentionStep::change)");
  return out;
}

template <typename See>
void ProbeRuns::run(const std::vector<Form>& forms, const See& see) {
  const std::size_t most = std::max<std::size_t>(kMostPositions / pair_.source.positions(), 1);
  for (std::size_t first = 0; first < forms.size();) {
    const std::size_t count = std::min({forms.size() - first, kMostRows, most});
    std::vector<SourceForm> sources;
    for (std::size_t i = 0; i < count; ++i) {
      sources.push_back(erase(pair_.source, forms[first + i].places, options_.erasure));
    }
    start(sources);
    for (std::size_t t = 0; t <= forms[first].last; ++t) {
      std::vector<int> rows;  // those that end first stand last
      while (rows.size() < count && forms[first + rows.size()].last >= t) rows.push_back(static_cast<int>(rows.size()));
      scorer_.advance(rows, std::vector<int>(rows.size(), pair_.inputs[t]));
      for (const int row : rows) see(first + static_cast<std::size_t>(row), t, row);
    }
    first += count;
  }
}

AttentionWeights ProbeRuns::erase_each(const ProbeBase& base) {
  const std::size_t length = pair_.source.tokens.size();
  AttentionWeights out(pair_.steps(), std::vector<float>(length));
  std::vector<Form> forms;
  for (std::size_t s = 0; s < length; ++s) forms.push_back({{static_cast<int>(s)}, pair_.steps() - 1});
  std::vector<float> erased;
  run(forms, [&](std::size_t form, std::size_t t, int row) {
    read_probabilities(scorer_.scores(row), erased);
    out[t][form] = static_cast<float>(total_variation(base.probabilities[t], erased));
  });
  return out;
}

std::vector<double> ProbeRuns::delete_in_order(const ProbeBase& base, const std::vector<DeletionOrder>& orders) {
  const std::size_t deletions = std::min(pair_.source.tokens.size(), static_cast<std::size_t>(options_.deletions));
  std::map<std::vector<int>, std::vector<std::size_t>> asked;  // of the tokens that are gone, for which orders
  for (std::size_t i = 0; i < orders.size(); ++i) {
    std::vector<int> gone;
    for (std::size_t k = 0; k < deletions; ++k) {
      const int place = orders[i].places[k];
      gone.insert(std::upper_bound(gone.begin(), gone.end(), place), place);
      asked[gone].push_back(i);
    }
  }
  std::vector<Form> forms;
  for (const auto& [gone, by] : asked) {
    std::size_t last = 0;
    for (const std::size_t i : by) last = std::max(last, orders[i].step);
    forms.push_back({gone, last});
  }
  std::stable_sort(forms.begin(), forms.end(), [](const Form& a, const Form& b) { return a.last > b.last; });
  std::vector<double> area(orders.size());
  run(forms, [&](std::size_t form, std::size_t t, int row) {
    for (const std::size_t i : asked.at(forms[form].places)) {
      if (orders[i].step != t) continue;
      const double left = log_probability(scorer_.scores(row), pair_.labels[t]);
      area[i] += (base.log_probabilities[t] - left) / static_cast<double>(deletions);
    }
  });
  return area;
}

}  // namespace heed
