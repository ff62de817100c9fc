#include "sources.h"

#include <algorithm>

#include "heed/base/error.h"
#include "heed/base/stop.h"
#include "heed/model/seq2seq.h"

namespace heed {
namespace {

const FeatureValues kNoFeatures;

/// The first tokens of a sentence; `tokens_cut` is at least the number of the others.
Encoding read_front(const TextSide& side, const std::string& sentence, int max_tokens, int& tokens_cut) {
  const std::string_view front = TextSide::front(sentence, max_tokens);
  Encoding encoding = side.encode(front);
  if (encoding.ids.empty()) return encoding;
  const auto limit = static_cast<std::size_t>(max_tokens);
  int cut = front.size() < sentence.size() ? 1 : 0;  // at least
  if (max_tokens > 0 && encoding.ids.size() > limit) {
    cut = static_cast<int>(encoding.ids.size() - limit);
    encoding.ids.resize(limit);
    encoding.pieces.resize(limit);
  }
  tokens_cut = std::max(tokens_cut, cut);
  return encoding;
}

void read_sentence(const Readers& readers, const FeatureValues& values, int max_tokens, std::size_t place,
                   Translated& out, Sources& sources) {
  std::vector<Encoding> encodings;
  for (const Bundle* bundle : readers.of_reading)
    encodings.push_back(read_front(bundle->source, out.source, max_tokens, out.tokens_cut));
  if (encodings.front().ids.empty()) {  // blank
    out.tokens_cut = 0;
    Translation& empty = out.translations.emplace_back();
    if (readers.any_copies) empty.copied.emplace();
    return;
  }
  sources.add(values, encodings, place, out);
  out.features = named(readers.of_reading.front()->source, values);
}

}  // namespace

void put_tokens(const TextSide& side, std::span<const Piece> pieces, TokensOfSide to) {
  for (const Piece& piece : pieces) to.tokens.push_back(piece.text);
  to.ranges = ranges_of(pieces);
  if (!side.options().end.follows(pieces.size())) return;
  to.tokens.push_back(side.token(Vocabulary::kEnd));
  to.ranges.emplace_back();
}

std::map<std::string, std::string> named(const TextSide& source, const FeatureValues& values) {
  const std::vector<FeatureOptions> features = source.options().features();
  std::map<std::string, std::string> out;
  for (std::size_t f = 0; f < std::min(values.size(), features.size()); ++f) out.emplace(features[f].name, values[f]);
  return out;
}

int unknown_tokens(std::span<const int> ids) {
  return static_cast<int>(std::count(ids.begin(), ids.end(), Vocabulary::kUnknown));
}

void Sources::add(const FeatureValues& features, std::span<const Encoding> encodings, std::size_t place,
                  Translated& out) {
  for (std::size_t r = 0; r < readings.size(); ++r) {
    const TextSide& side = readers.of_reading[r]->source;
    const Encoding& encoding = encodings[r];
    Reading& reading = readings[r];
    reading.features.push_back(side.feature_ids(out.source, encoding.pieces, features));
    reading.ids.push_back(encoding.ids);
    std::vector<std::string> tokens;
    std::vector<ByteRange> ranges;
    put_tokens(side, encoding.pieces, {tokens, ranges});
    if (r == 0) {
      out.source_tokens = std::move(tokens);
      out.source_ranges = std::move(ranges);
      out.unknown_tokens = unknown_tokens(encoding.ids);
      continue;
    }
    const bool agrees = tokens == out.source_tokens;
    reading.agrees.push_back(agrees);
    reading.tokens.push_back(agrees ? std::vector<std::string>() : std::move(tokens));
    reading.ranges.push_back(agrees ? std::vector<ByteRange>() : std::move(ranges));
  }
  lengths.push_back(static_cast<int>(encodings.front().ids.size()));
  places.push_back(place);
  if (readers.any_copies) {
    extended.emplace_back(readers.of_reading[readers.copying]->target, encodings[readers.copying].pieces);
  }
}

void Sources::name_tokens(std::size_t source, std::vector<MemberAttention>& members) const {
  for (std::size_t m = 0; m < members.size(); ++m) {
    const std::size_t r = readers.of_model[m];
    if (r == 0 || readings[r].agrees[source] || members[m].attention.empty()) continue;
    members[m].source_tokens = readings[r].tokens[source];
    members[m].source_ranges = readings[r].ranges[source];
  }
}

SourcesBatch::SourcesBatch(const Sources& sources, const std::vector<int>& indices)
    : readings_(sources.readings.size()) {
  for (const int index : indices) {
    for (std::size_t r = 0; r < readings_.size(); ++r) {
      readings_[r].ids.emplace_back(sources.readings[r].ids[index]);
      readings_[r].features.emplace_back(sources.readings[r].features[index]);
    }
    if (!sources.extended.empty()) copies_.emplace_back(sources.extended[index].source_ids());
  }
  const Readers& readers = sources.readers;
  for (std::size_t m = 0; m < readers.of_model.size(); ++m) {
    const Views& views = readings_[readers.of_model[m]];
    views_.of_model.push_back({views.ids, readers.copy[m] ? Sequences(copies_) : Sequences(), views.features});
  }
  if (readings_.size() == 1) return;
  for (const std::size_t r : readers.of_model) {
    std::vector<bool>& agrees = views_.agrees.emplace_back();
    for (const int index : indices) agrees.push_back(r == 0 || sources.readings[r].agrees[index]);
  }
}

Sources read_sentences(const Readers& readers, const TranslatedText& text, const ReadingOptions& options,
                       std::span<Translated> out) {
  Sources sources(readers);
  for (std::size_t i = 0; i < text.sentences.size(); ++i) {
    check_stop(options.stop);
    out[i].source = text.sentences[i];
    try {
      read_sentence(readers, text.features.empty() ? kNoFeatures : text.features[i], options.max_tokens, i, out[i],
                    sources);
    } catch (const UsageError&) {  // of the model
      throw;
    } catch (const Error& error) {
      ErrorPlace place = error.place();
      place.sentence = i;
      throw Error(error.kind(), error.what(), std::move(place));
    }
  }
  return sources;
}

}  // namespace heed
