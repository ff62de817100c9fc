#include "heed/train/training_data.h"

#include <algorithm>

#include "fmt/format.h"
#include "heed/base/error.h"
#include "heed/text/corpus.h"
#include "heed/text/extended_vocabulary.h"
#include "heed/translate/translator.h"

namespace heed {
namespace {

constexpr long kFewest = 20;  // more than one in so many left out is a warning

std::vector<std::string> side_of(const std::vector<SentencePair>& pairs, std::string SentencePair::*side) {
  std::vector<std::string> out;
  out.reserve(pairs.size());
  for (const SentencePair& pair : pairs) out.push_back(pair.*side);
  return out;
}

bool too_long(std::string_view sentence, const TextOptions& options) {
  return TextSide::front(sentence, options.max_length).size() < sentence.size();
}
bool too_long(const std::vector<int>& ids, const TextOptions& options) {
  return options.max_length > 0 && static_cast<int>(ids.size()) > options.max_length;
}

Example encode(const TrainingData& data, const SentencePair& pair, bool copies) {
  Encoding source = data.source.encode(pair.source);
  Encoding target = data.target.encode(pair.target);
  if (!copies) return {std::move(source.ids), std::move(target.ids)};
  const ExtendedVocabulary extended(data.target, source.pieces);
  return {std::move(source.ids), extended.ids(target), extended.source_ids()};
}

void encode_training(const std::vector<SentencePair>& pairs, TrainingData& data, bool copies, const LogSink& log) {
  long empty = 0;
  long cut = 0;
  for (const SentencePair& pair : pairs) {
    if (too_long(pair.source, data.source.options()) || too_long(pair.target, data.target.options())) {
      ++cut;
      continue;
    }
    Example example = encode(data, pair, copies);
    if (example.source.empty() || example.target.empty()) {
      ++empty;
    } else if (too_long(example.source, data.source.options()) || too_long(example.target, data.target.options())) {
      ++cut;
    } else {
      data.train.push_back(std::move(example));
    }
  }
  if (data.train.empty()) {
    throw Error(
        fmt::format("no training pair is left: {} have an empty side, {} are longer than max_length", empty, cut));
  }
  log(LogLevel::kInfo, fmt::format("{} training pairs ({} with an empty side and {} longer than max_length left out)",
                                   data.train.size(), empty, cut));
  if (cut * kFewest > static_cast<long>(pairs.size())) {
    log(LogLevel::kWarning,
        fmt::format("{} of {} training pairs are longer than data.source.max_length ({}) or data.target.max_length "
                    "({}) and are left out: raise these, if the machine has the memory",
                    cut, pairs.size(), data.source.options().max_length, data.target.options().max_length));
  }
}

void encode_validation(std::vector<SentencePair> pairs, TrainingData& data, bool copies, const LogSink& log) {
  for (SentencePair& pair : pairs) {
    Example example = encode(data, pair, copies);
    if (example.source.empty()) continue;
    if (!too_long(example.source, data.source.options()) && !too_long(example.target, data.target.options())) {
      data.forced.push_back(data.validation.size());
    }
    data.validation.push_back(std::move(example));
    data.references.push_back(data.target.as_written(pair.target));
    data.validation_text.push_back(std::move(pair));
  }
  if (data.validation.empty()) throw Error("every validation source is empty");
  const std::size_t longer = data.validation.size() - data.forced.size();
  if (data.forced.empty()) {
    throw Error(fmt::format("each of {} validation pairs is longer than max_length", data.validation.size()));
  }
  if (longer > 0) {
    log(LogLevel::kWarning, fmt::format("{} of {} validation pairs are longer than max_length: perplexity is without "
                                        "them, and they are translated from at most {} tokens",
                                        longer, data.validation.size(), TranslateOptions{}.max_source_tokens));
  }
}

/// SentencePiece takes a size; what it makes of a small text is less.
void say_small_vocabulary(const TextSide& side, const std::string& name, const LogSink& log) {
  const TextOptions& options = side.options();
  if (options.tokenizer != "sentencepiece" || side.vocabulary_size() >= options.vocabulary) return;
  log(LogLevel::kInfo, fmt::format("data.{}.vocabulary: {} asked for; the text has no more than {}", name,
                                   options.vocabulary, side.vocabulary_size()));
}

// Before the training text and its vocabularies, which may take minutes: what is wrong with it is said at once.
std::vector<SentencePair> read_validation(const DataOptions& options) {
  if (options.train.empty()) throw UsageError("data.train is missing: name its source and target files (or tsv)");
  if (options.validation.empty()) {
    throw UsageError(
        "data.validation is missing: name the source and target files (or tsv) that BLEU and perplexity are measured "
        "on");
  }
  check_corpus(options.train);
  return read_corpus(options.validation);
}

}  // namespace

TrainingData load_training_data(const Config& config, const LogSink& log) {
  const DataOptions& options = config.data;
  const bool copies = output_kind(config.model).copies;
  std::vector<SentencePair> validation = read_validation(options);
  const std::vector<SentencePair> pairs = read_corpus(options.train);
  TrainingData data{TextSide::build(options.source, side_of(pairs, &SentencePair::source)),
                    TextSide::build(options.target, side_of(pairs, &SentencePair::target)),
                    {},
                    {},
                    {},
                    {},
                    {}};
  log(LogLevel::kInfo, fmt::format("vocabularies: {} source and {} target tokens", data.source.vocabulary_size(),
                                   data.target.vocabulary_size()));
  say_small_vocabulary(data.source, "source", log);
  say_small_vocabulary(data.target, "target", log);
  encode_training(pairs, data, copies, log);
  encode_validation(std::move(validation), data, copies, log);
  return data;
}

TrainingData load_training_data(const Config& config, const std::string& bundle, const LogSink& log) {
  const DataOptions& options = config.data;
  const bool copies = output_kind(config.model).copies;
  std::vector<SentencePair> validation = read_validation(options);
  TrainingData data{TextSide::load(options.source, bundle, "source"),
                    TextSide::load(options.target, bundle, "target"),
                    {},
                    {},
                    {},
                    {},
                    {}};
  encode_training(read_corpus(options.train), data, copies, log);
  encode_validation(std::move(validation), data, copies, log);
  return data;
}

}  // namespace heed
