#include "heed/data/training_data.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "cache_manifest.h"
#include "encoded_pairs.h"
#include "heed/base/error.h"
#include "heed/base/message.h"
#include "heed/data/pair_filter.h"
#include "judged_text.h"
#include "training_text.h"

namespace heed {
namespace {

/// SentencePiece takes a size; what it makes of a small text is less.
void say_small_vocabulary(const TextSide& side, const std::string& name, const LogSink& log) {
  const TextOptions& options = side.options();
  if (!options.uses_sentencepiece() || !options.model.empty() || side.vocabulary_size() >= options.vocabulary) return;
  log(LogLevel::kInfo, fmt::format("data.{}.vocabulary: {} asked for; the text has no more than {}", name,
                                   options.vocabulary, side.vocabulary_size()));
}

void say_vocabularies(const TrainingData& data, bool joint, const LogSink& log) {
  const int source = data.source.vocabulary_size(), target = data.target.vocabulary_size();
  log(LogLevel::kInfo, joint ? fmt::format("vocabulary: {} tokens for both sides", source)
                             : fmt::format("vocabularies: {} source and {} target tokens", source, target));
  const std::vector<FeatureOptions> features = data.source.options().features();
  for (std::size_t f = 0; f < features.size(); ++f) {
    log(LogLevel::kInfo, fmt::format("feature '{}': {} values", features[f].name,
                                     data.source.features()[f].size() - Vocabulary::kSpecials));
  }
  say_small_vocabulary(data.source, "source", log);
  if (!joint) say_small_vocabulary(data.target, "target", log);
}

/// Of the corpus of each training pair.
Mixture mixture_of(const DataOptions& options, const std::vector<int>& corpora) {
  Mixture out;
  if (!options.is_weighted()) return out;
  for (const CorpusFiles& files : options.corpora()) out.weights.push_back(files.weight);
  out.pairs.resize(out.weights.size());
  for (std::size_t i = 0; i < corpora.size(); ++i)
    out.pairs[static_cast<std::size_t>(corpora[i])].push_back(static_cast<int>(i));
  return out;
}

void say_mixture(const DataOptions& options, const TrainingData& data, const LogSink& log) {
  if (data.mixture.empty()) return;
  std::vector<std::size_t> sizes;
  for (const ReadCorpus& corpus : data.corpora) sizes.push_back(static_cast<std::size_t>(corpus.kept));
  const std::vector<std::size_t> counts = drawn_pairs(data.mixture.weights, sizes);
  for (std::size_t c = 0; c < counts.size(); ++c) {
    log(LogLevel::kInfo,
        fmt::format("{}: an epoch draws {} pairs, each of its {} {:.2g} times", options.corpora()[c].name(), counts[c],
                    sizes[c], static_cast<double>(counts[c]) / static_cast<double>(sizes[c])));
  }
}

/// What is validated and tested on. Read before the training text and its vocabularies, which may take minutes: what is
/// wrong with it is said at once.
struct JudgedFiles {
  explicit JudgedFiles(const DataOptions& options)
      : validation(options.validation.empty() ? ReadPairs{} : read_pairs(options.with_features(options.validation))),
        test(options.test.empty() ? ReadPairs{} : read_pairs(options.with_features(options.test))) {}
  ReadPairs validation, test;
};

/// How a training text is turned into data.
struct Reading {
  const DataOptions& options;
  bool copies;
  const std::string& bundle;
  const LogSink& log;

  void say_filtered(TrainingData& data, const PairFilter& filter) const {
    if (bundle.empty()) say_vocabularies(data, options.joint_vocabulary, log);
    filter.report(log);
    for (std::size_t c = 0; c < options.corpora().size(); ++c)
      data.corpora.push_back({options.corpora()[c].name(), filter.asked(c), filter.count(c, PairFate::kTaken)});
  }

  void encode(JudgedFiles judged, const PairFilter& filter, const UnknownPairs& unknown, TrainingData& data) const {
    JudgedText encoded = encode_judged("validation", std::move(judged.validation), copies, filter, data);
    data.validation = std::move(encoded.text);
    const auto taken_from = [&](const TextSide& side) { return bundle.empty() ? side.options().model : bundle; };
    say_unknown(unknown, encoded.tokens, taken_from(data.source), taken_from(data.target), log);
    if (!options.test.empty()) data.test = encode_judged("test", std::move(judged.test), copies, filter, data).text;
  }
};

/// What is in memory of a cache: all of it, if it may be, or nothing yet.
void take_from_cache(const PairCache& cache, const DataOptions& options, const LogSink& log, TrainingData& data) {
  constexpr double kMegabyte = 1e6;
  const std::vector<CacheSegment> all = cache.all();
  double bytes = 0;
  for (const CacheSegment& segment : all) bytes += static_cast<double>(cache.memory_of(segment));
  const double megabytes = bytes / kMegabyte;
  if (megabytes > options.cache_memory || cache.pairs() > std::numeric_limits<int>::max()) {
    data.cache_megabytes = options.cache_memory;
    log(LogLevel::kInfo,
        fmt::format(
            "data.cache_memory: {:g} of {} of ids are in memory together: an epoch goes through about {:.0f} windows",
            options.cache_memory, megabytes_text(bytes), std::ceil(megabytes / options.cache_memory)));
    return;
  }
  data.train = cache.load(all);
  data.cache = nullptr;
}

}  // namespace

std::vector<int> TrainingData::pairs_of_epoch(int seed, int epoch) const {
  if (!mixture.empty()) return mixture.pairs_of_epoch(static_cast<std::uint64_t>(seed), epoch);
  std::vector<int> all(train.size());
  std::iota(all.begin(), all.end(), 0);
  return all;
}

LengthCounts TrainingData::train_lengths() const {
  if (!cache) return LengthCounts(train);
  LengthCounts out;
  for (const ReadCorpus& corpus : corpora) out.add(corpus.lengths);
  return out;
}

TrainingData load_training_data(const DataOptions& options, bool copies, const std::string& bundle,
                                const LogSink& log) {
  check_training_files(options);
  JudgedFiles judged(options);
  TrainingText text = read_training_text(options, bundle, log);
  if (options.validation.empty()) judged.validation.pairs = std::move(text.held_out);
  const Reading reading{options, copies, bundle, log};
  TrainingData data{text.source.side, text.target.side, {}, {}, {}, {}};
  PairFilter filter(options);
  drop_refused(text, filter);
  reading.say_filtered(data, filter);
  std::vector<int> corpora;
  for (const PairOrigin origin : text.origins) corpora.push_back(origin.corpus);
  data.mixture = mixture_of(options, corpora);
  say_mixture(options, data, log);
  const UnknownPairs unknown{unknown_tokens(text.source), unknown_tokens(text.target)};
  data.train = training_examples(std::move(text), copies);
  reading.encode(std::move(judged), filter, unknown, data);
  return data;
}

TrainingData load_cached_data(const CacheRequest& request, const LogSink& log, std::shared_ptr<const PairCache> cache) {
  const DataOptions& options = request.options;
  check_training_files(options);
  JudgedFiles judged(options);
  if (!cache) cache = PairCache::open(request, log);
  const CacheManifest& manifest = cache->manifest();
  if (options.validation.empty()) judged.validation.pairs = manifest.held_out;
  const Reading reading{options, request.copies, request.bundle, log};
  auto [source, target] = cache->sides();
  TrainingData data{std::move(source), std::move(target), {}, {}, {}, {}};
  data.cache = cache;
  PairFilter filter(options);
  for (std::size_t c = 0; c < manifest.counts.fates.size(); ++c) {
    for (std::size_t fate = 0; fate < kPairFates; ++fate)
      filter.count(c, static_cast<PairFate>(fate), manifest.counts.fates[c][fate]);
  }
  reading.say_filtered(data, filter);
  for (std::size_t c = 0; c < data.corpora.size(); ++c) data.corpora[c].lengths = manifest.counts.lengths[c];
  take_from_cache(*cache, options, log, data);
  data.mixture = mixture_of(options, data.cache ? std::vector<int>() : cache->corpora());
  say_mixture(options, data, log);
  reading.encode(std::move(judged), filter, manifest.counts.unknown, data);
  return data;
}

}  // namespace heed
