#include "heed/data/training_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "corpus_links.h"
#include "heed/base/error.h"
#include "heed/data/pair_filter.h"
#include "heed/text/extended_vocabulary.h"
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

// From places among a text's tokens to ids of its vocabulary.
void turn_to_ids(TokenizedText& text) {
  for (int& token : text.sentences.values()) token = text.ids[static_cast<std::size_t>(token)];
}

// The same for targets that may copy; returns what each source token gives.
FlatLists<int> turn_to_labels(const TokenizedText& source, TokenizedText& target) {
  FlatLists<int> copies;
  for (std::size_t i = 0; i < source.sentences.size(); ++i) {
    const ExtendedVocabulary extended(target.side, source.encoding(i).pieces);
    const std::vector<int> labels = extended.ids(target.encoding(i));
    std::copy(labels.begin(), labels.end(), target.sentences[i].begin());
    copies.add(extended.source_ids());
  }
  return copies;
}

void drop_refused(TrainingText& text, PairFilter& filter) {
  std::vector<bool> kept(text.origins.size());
  for (std::size_t i = 0; i < kept.size(); ++i) {
    const auto corpus = static_cast<std::size_t>(text.origins[i].corpus);
    kept[i] = filter.judge(text.source, text.target, i, corpus) == PairFate::kTaken;
  }
  text.source.sentences.keep(kept);
  text.target.sentences.keep(kept);
  for (FlatLists<int>* lists : {&text.source.words, &text.source.features, &text.target.words, &text.links}) {
    if (!lists->empty()) lists->keep(kept);
  }
  std::size_t to = 0;
  for (std::size_t i = 0; i < kept.size(); ++i) {
    if (kept[i]) text.origins[to++] = text.origins[i];
  }
  text.origins.resize(to);
}

/// From the order of the text to that in which the model writes.
void turn(TokenizedText& target) {
  const TextOptions& options = target.side.options();
  if (!options.reversed) return;
  for (FlatLists<int>* lists : {&target.sentences, &target.words}) {
    for (std::size_t i = 0; i < lists->size(); ++i) options.turn((*lists)[i]);
  }
}

/// Links between the tokens of each pair.
FlatLists<int> links_of_tokens(const TrainingText& text) {
  FlatLists<int> out;
  for (std::size_t i = 0; i < text.links.size(); ++i) {
    out.add(token_links(text.links[i], text.source.words[i], text.target.words[i]));
  }
  return out;
}

Examples training_examples(TrainingText text, bool copying) {
  turn(text.target);
  FlatLists<int> copies;
  if (copying) {
    copies = turn_to_labels(text.source, text.target);
  } else {
    turn_to_ids(text.target);
  }
  turn_to_ids(text.source);
  FlatLists<int> links = links_of_tokens(text);
  return {std::move(text.source.sentences), std::move(text.target.sentences), std::move(copies), std::move(links),
          std::move(text.source.features)};
}

Mixture mixture_of(const DataOptions& options, const std::vector<PairOrigin>& origins) {
  Mixture out;
  if (!options.is_weighted()) return out;
  for (const CorpusFiles& files : options.corpora()) out.weights.push_back(files.weight);
  out.pairs.resize(out.weights.size());
  for (std::size_t i = 0; i < origins.size(); ++i)
    out.pairs[static_cast<std::size_t>(origins[i].corpus)].push_back(static_cast<int>(i));
  return out;
}

void say_mixture(const DataOptions& options, const Mixture& mixture, const LogSink& log) {
  const std::vector<std::size_t> counts = mixture.counts();
  for (std::size_t c = 0; c < counts.size(); ++c) {
    log(LogLevel::kInfo, fmt::format("{}: an epoch draws {} pairs, each of its {} {:.2g} times",
                                     options.corpora()[c].name(), counts[c], mixture.pairs[c].size(),
                                     static_cast<double>(counts[c]) / static_cast<double>(mixture.pairs[c].size())));
  }
}

}  // namespace

std::vector<int> TrainingData::pairs_of_epoch(int seed, int epoch) const {
  if (!mixture.empty()) return mixture.pairs_of_epoch(static_cast<std::uint64_t>(seed), epoch);
  std::vector<int> all(train.size());
  std::iota(all.begin(), all.end(), 0);
  return all;
}

TrainingData load_training_data(const DataOptions& options, bool copies, const std::string& bundle,
                                const LogSink& log) {
  check_training_files(options);
  // Before the training text and its vocabularies, which may take minutes: what is wrong with them is said at once.
  ReadPairs validation =
      options.validation.empty() ? ReadPairs{} : read_pairs(options.with_features(options.validation));
  ReadPairs test = options.test.empty() ? ReadPairs{} : read_pairs(options.with_features(options.test));
  TrainingText text = read_training_text(options, bundle, log);
  if (options.validation.empty()) validation.pairs = std::move(text.held_out);
  TrainingData data{text.source.side, text.target.side, {}, {}, {}, {}};
  if (bundle.empty()) say_vocabularies(data, options.joint_vocabulary, log);
  PairFilter filter(options);
  drop_refused(text, filter);
  filter.report(log);
  data.mixture = mixture_of(options, text.origins);
  say_mixture(options, data.mixture, log);
  const UnknownPairs unknown{unknown_tokens(text.source), unknown_tokens(text.target)};
  data.train = training_examples(std::move(text), copies);
  for (std::size_t c = 0; c < options.corpora().size(); ++c)
    data.corpora.push_back({options.corpora()[c].name(), filter.asked(c), filter.count(c, PairFate::kTaken)});
  JudgedText encoded = encode_judged("validation", std::move(validation), copies, filter, data);
  data.validation = std::move(encoded.text);
  const auto taken_from = [&](const TextSide& side) { return bundle.empty() ? side.options().model : bundle; };
  say_unknown(unknown, encoded.tokens, taken_from(data.source), taken_from(data.target), log);
  if (!options.test.empty()) data.test = encode_judged("test", std::move(test), copies, filter, data).text;
  return data;
}

}  // namespace heed
