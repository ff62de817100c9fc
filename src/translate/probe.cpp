#include "heed/translate/probe.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "fmt/format.h"
#include "heed/base/error.h"
#include "heed/base/rng.h"
#include "heed/model/seq2seq.h"
#include "heed/text/extended_vocabulary.h"
#include "heed/text/vocabulary.h"
#include "heed/translate/translator.h"
#include "probe_runs.h"
#include "read_side.h"
#include "saliency.h"
#include "score_ids.h"
#include "translate_checks.h"
#include "work.h"

namespace heed {
namespace {

// Streams of random numbers at a target token; those of permutations are 0, 1, ...
constexpr std::uint64_t kComparedOrder = ~std::uint64_t{0};
constexpr std::uint64_t kDeletedOrder = kComparedOrder - 1;

void check(const ProbeOptions& options) {
  const auto at_least_one = [](const char* name, int value) {
    if (value < 1) throw UsageError(fmt::format("{} is {}; it must be at least 1", name, value));
  };
  at_least_one("permutations", options.permutations);
  at_least_one("deletions", options.deletions);
  at_least_one("threads", options.threads);
}

/// The pair as ids; nothing if its source has no token.
std::optional<ProbePair> read_pair(const Bundle& bundle, const SentencePair& pair) {
  const Encoding source = read_side(bundle.source, pair.source, pair.source_tokens, 0);
  if (source.ids.empty()) return std::nullopt;
  const Encoding target = read_side(bundle.target, pair.target, pair.target_tokens, 0);
  ProbePair out{{.tokens = source.ids,
                 .features = bundle.source.feature_ids(pair.source, source.pieces, pair.features),
                 .end = bundle.source.options().end},
                {Vocabulary::kBegin},
                target.ids};
  if (bundle.model->output_kind().copies) {
    const ExtendedVocabulary extended(bundle.target, source.pieces);
    out.source.copies = extended.source_ids();
    out.labels = extended.ids(target);
  }
  bundle.target.options().turn(out.labels);
  out.inputs.insert(out.inputs.end(), out.labels.begin(), out.labels.end());
  out.labels.push_back(Vocabulary::kEnd);
  return out;
}

/// Source tokens, the largest value first.
std::vector<int> descending(std::span<const float> values) {
  std::vector<int> out(values.size());
  std::iota(out.begin(), out.end(), 0);
  std::stable_sort(out.begin(), out.end(), [&](int a, int b) { return values[a] > values[b]; });
  return out;
}

std::vector<int> random_order(std::size_t count, Rng rng) {
  std::vector<int> out(count);
  std::iota(out.begin(), out.end(), 0);
  shuffle(out, rng);
  return out;
}

/// 1 if the largest of `values` is the largest of `truth`; a share of it for each of several that are.
double tops_agree(std::span<const float> values, std::span<const float> truth) {
  const auto top = std::max_element(truth.begin(), truth.end()) - truth.begin();
  const float most = *std::max_element(values.begin(), values.end());
  if (values[static_cast<std::size_t>(top)] < most) return 0;
  return 1.0 / static_cast<double>(std::count(values.begin(), values.end(), most));
}

/// What is compared, over the source tokens without EOS: [target tokens][source tokens] each.
struct Measures {
  AttentionWeights attention;
  AttentionWeights erasure;
  AttentionWeights saliency;
};

/// The columns of so many tokens, without that of EOS, or with one for it again.
AttentionWeights with_columns(AttentionWeights weights, std::size_t columns) {
  for (auto& row : weights) row.resize(columns);
  return weights;
}

void compare(const Measures& measures, std::uint64_t seed, std::vector<ProbedToken>& out) {
  for (std::size_t t = 0; t < out.size(); ++t) {
    const std::vector<float>& attention = measures.attention[t];
    const std::vector<float>& erasure = measures.erasure[t];
    const std::vector<float>& saliency = measures.saliency[t];
    const std::vector<int> places = random_order(attention.size(), Rng::stream(seed, t, kComparedOrder));
    const std::vector<float> random(places.begin(), places.end());
    const auto set = [&](ProbeFigure figure, double value) { out[t][static_cast<std::size_t>(figure)] = value; };
    set(ProbeFigure::kAttentionErasure, kendall_tau(attention, erasure));
    set(ProbeFigure::kAttentionSaliency, kendall_tau(attention, saliency));
    set(ProbeFigure::kErasureSaliency, kendall_tau(erasure, saliency));
    set(ProbeFigure::kAttentionRandom, kendall_tau(attention, random));
    set(ProbeFigure::kTopErasure, tops_agree(attention, erasure));
    set(ProbeFigure::kTopSaliency, tops_agree(attention, saliency));
    set(ProbeFigure::kTopRandom, 1.0 / static_cast<double>(attention.size()));
  }
}

/// Curves of deletion, by four orders.
void add_curves(ProbeRuns& runs, const ProbeBase& base, const Measures& measures, std::uint64_t seed,
                std::vector<ProbedToken>& out) {
  constexpr std::size_t kFirst = static_cast<std::size_t>(ProbeFigure::kDeletedByAttention);
  constexpr std::size_t kOrders = 4;
  std::vector<DeletionOrder> orders;
  for (std::size_t t = 0; t < out.size(); ++t) {
    orders.push_back({t, descending(measures.attention[t])});
    orders.push_back({t, descending(measures.saliency[t])});
    orders.push_back({t, descending(measures.erasure[t])});
    orders.push_back({t, random_order(measures.attention[t].size(), Rng::stream(seed, t, kDeletedOrder))});
  }
  const std::vector<double> areas = runs.delete_in_order(base, orders);
  for (std::size_t i = 0; i < areas.size(); ++i) out[i / kOrders][kFirst + i % kOrders] = areas[i];
}

/// Rows as shares of their sum.
void normalize(AttentionWeights& weights) {
  for (auto& row : weights) {
    const double sum = std::accumulate(row.begin(), row.end(), 0.0);
    for (float& value : row) value = sum > 0 ? static_cast<float>(value / sum) : 0;
  }
}

/// A worker's memory.
struct Working {
  explicit Working(const Seq2Seq& model) : scorer(model) {}
  ModelScorer scorer;
  Arena arena;
};

/// `seed`: of this pair.
void probe_pair(const ProbePair& pair, const Seq2Seq& undropped, const ProbeOptions& options, std::uint64_t seed,
                Working& working, Probed& out) {
  Translation& target = out.pair.translations.front();
  out.tokens.assign(pair.steps(), ProbedToken{});
  ProbeRuns runs(working.scorer, pair, options, seed);
  const ProbeBase base = runs.attend_otherwise();
  const std::size_t tokens = pair.source.tokens.size(), columns = pair.source.positions();
  Measures measures{with_columns(target.attention, tokens), runs.erase_each(base),
                    with_columns(gradient_times_input(undropped, pair, working.arena), tokens)};
  normalize(measures.saliency);
  for (std::size_t t = 0; t < pair.steps(); ++t) {
    out.tokens[t][static_cast<std::size_t>(ProbeFigure::kPermuted)] = base.permuted[t];
    out.tokens[t][static_cast<std::size_t>(ProbeFigure::kUniform)] = base.uniform[t];
  }
  compare(measures, seed, out.tokens);
  add_curves(runs, base, measures, seed, out.tokens);
  target.measures = {{"erasure", with_columns(std::move(measures.erasure), columns)},
                     {"saliency", with_columns(std::move(measures.saliency), columns)}};
}

}  // namespace

Prober::Prober(const Bundle& bundle) : bundle_(bundle) {
  check_loaded(bundle_);
  if (!bundle_.model->decoder().attends())
    throw Error(ErrorKind::kArgument, "the model has no attention to probe (model.attention.kind: none)");
  undropped_ = without_dropout(bundle_);
}
Prober::~Prober() = default;

std::vector<Probed> Prober::probe(std::span<const SentencePair> pairs, const ProbeOptions& options) const {
  check(options);
  ScoreOptions how{.threads = options.threads, .max_length = options.max_length};
  how.source_name = options.source_name;
  how.target_name = options.target_name;
  how.first_line = options.first_line;
  std::vector<Translated> scored = score_pairs(bundle_, pairs, how);
  std::vector<Probed> out(pairs.size());
  std::vector<ProbePair> read;
  std::vector<std::size_t> places;
  std::vector<std::vector<int>> batches;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    out[i].pair = std::move(scored[i]);
    std::optional<ProbePair> pair = read_pair(bundle_, pairs[i]);
    if (!pair) continue;
    batches.push_back({static_cast<int>(read.size())});
    places.push_back(i);
    read.push_back(std::move(*pair));
  }
  run_batches(batches, options.threads, [&]() -> BatchWork {
    return [&, working = std::make_shared<Working>(*bundle_.model)](const std::vector<int>& batch) {
      for (const int index : batch) {
        const std::size_t place = places[static_cast<std::size_t>(index)];
        const std::uint64_t seed =
            Rng::stream(options.seed, static_cast<std::uint64_t>(options.first_line) + place).next();
        turn(bundle_.target, out[place].pair.translations.front());
        probe_pair(read[static_cast<std::size_t>(index)], *undropped_, options, seed, *working, out[place]);
        turn(bundle_.target, out[place].pair.translations.front());
        bundle_.target.options().turn(out[place].tokens, 1);
      }
    };
  });
  return out;
}

}  // namespace heed
