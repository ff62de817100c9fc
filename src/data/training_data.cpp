#include "heed/data/training_data.h"

#include <fmt/format.h>

#include <algorithm>

#include "heed/base/error.h"
#include "heed/data/pair_filter.h"
#include "heed/text/extended_vocabulary.h"

namespace heed {
namespace {

/// A text to judge on, as it stands in its files.
struct ReadPairs {
  std::vector<SentencePair> pairs;
  std::vector<std::vector<std::string>> more_targets;
};

ReadPairs read_pairs(const CorpusFiles& files) {
  ReadPairs out{read_corpus(files), {}};
  out.more_targets = read_more_targets(files, out.pairs.size());
  return out;
}

// Before the training text and its vocabularies, which may take minutes: what is wrong with it is said at once.
ReadPairs read_validation(const DataOptions& options) {
  if (options.train.empty()) throw UsageError("data.train is missing: name its source and target files (or tsv)");
  if (options.validation.empty()) {
    throw UsageError(
        "data.validation is missing: name the source and target files (or tsv) that BLEU and perplexity are measured "
        "on");
  }
  check_corpus(options.train);
  return read_pairs(options.validation);
}

TextSide::Builder builder(const TextOptions& options, const std::string& bundle, const std::string& stem) {
  if (bundle.empty()) return TextSide::Builder(options);
  return TextSide::Builder(TextSide::load(options, bundle, stem));
}

/// SentencePiece takes a size; what it makes of a small text is less.
void say_small_vocabulary(const TextSide& side, const std::string& name, const LogSink& log) {
  const TextOptions& options = side.options();
  if (options.tokenizer != "sentencepiece" || side.vocabulary_size() >= options.vocabulary) return;
  log(LogLevel::kInfo, fmt::format("data.{}.vocabulary: {} asked for; the text has no more than {}", name,
                                   options.vocabulary, side.vocabulary_size()));
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

Examples training_examples(TokenizedText source, TokenizedText target, bool copying, PairFilter& filter) {
  std::vector<bool> kept(source.sentences.size());
  for (std::size_t i = 0; i < kept.size(); ++i) kept[i] = filter.takes(source, target, i);
  source.sentences.keep(kept);
  target.sentences.keep(kept);
  FlatLists<int> copies;
  if (copying) {
    copies = turn_to_labels(source, target);
  } else {
    turn_to_ids(target);
  }
  turn_to_ids(source);
  return {std::move(source.sentences), std::move(target.sentences), std::move(copies)};
}

HeldOut encode_held_out(const std::string& name, ReadPairs read, bool copying, const PairFilter& filter,
                        const TrainingData& data) {
  HeldOut out;
  out.references.resize(1 + read.more_targets.size());
  for (std::size_t i = 0; i < read.pairs.size(); ++i) {
    SentencePair& pair = read.pairs[i];
    const Encoding source = data.source.encode(pair.source);
    const Encoding target = data.target.encode(pair.target);
    if (source.ids.empty()) continue;
    if (!filter.is_too_long(source.ids.size(), target.ids.size())) out.forced.push_back(out.examples.size());
    if (copying) {
      const ExtendedVocabulary extended(data.target, source.pieces);
      out.examples.add({source.ids, extended.ids(target), extended.source_ids()});
    } else {
      out.examples.add({source.ids, target.ids});
    }
    out.references[0].push_back(data.target.as_written(target));
    for (std::size_t r = 1; r < out.references.size(); ++r)
      out.references[r].push_back(data.target.as_written(read.more_targets[r - 1][i]));
    out.text.push_back(std::move(pair));
  }
  if (out.text.empty()) throw Error(fmt::format("every {} source is empty", name));
  if (out.forced.empty()) {
    throw Error(fmt::format("each of {} {} pairs is longer than max_length", out.text.size(), name));
  }
  return out;
}

}  // namespace

TrainingData load_training_data(const DataOptions& options, bool copies, const std::string& bundle,
                                const LogSink& log) {
  ReadPairs validation = read_validation(options);
  ReadPairs test;
  if (!options.test.empty()) test = read_pairs(options.test);
  TextSide::Builder sources = builder(options.source, bundle, "source");
  TextSide::Builder targets = builder(options.target, bundle, "target");
  for_each_pair(options.train, [&](std::string_view source, std::string_view target) {
    sources.add(source);
    targets.add(target);
  });
  TokenizedText source = sources.finish();
  TokenizedText target = targets.finish();
  TrainingData data{source.side, target.side, {}, {}, {}};
  if (bundle.empty()) {
    log(LogLevel::kInfo, fmt::format("vocabularies: {} source and {} target tokens", data.source.vocabulary_size(),
                                     data.target.vocabulary_size()));
    say_small_vocabulary(data.source, "source", log);
    say_small_vocabulary(data.target, "target", log);
  }
  PairFilter filter(options.source, options.target);
  data.train = training_examples(std::move(source), std::move(target), copies, filter);
  filter.report(log);
  data.validation = encode_held_out("validation", std::move(validation), copies, filter, data);
  if (!options.test.empty()) data.test = encode_held_out("test", std::move(test), copies, filter, data);
  return data;
}

}  // namespace heed
