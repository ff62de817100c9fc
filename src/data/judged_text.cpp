#include "judged_text.h"

#include <fmt/format.h>

#include "heed/base/error.h"
#include "heed/text/extended_vocabulary.h"

namespace heed {

ReadPairs read_pairs(const CorpusFiles& files) {
  ReadPairs out{read_corpus(files), {}};
  out.more_targets = read_more_targets(files, out.pairs.size());
  return out;
}

JudgedText encode_judged(const std::string& name, ReadPairs read, bool copying, const PairFilter& filter,
                         const TrainingData& data) {
  JudgedText encoded;
  HeldOut& out = encoded.text;
  out.references.resize(1 + read.more_targets.size());
  for (std::size_t i = 0; i < read.pairs.size(); ++i) {
    SentencePair& pair = read.pairs[i];
    const Encoding source = data.source.encode(pair.source);
    const Encoding target = data.target.encode(pair.target);
    if (source.ids.empty()) continue;
    encoded.tokens.source.add(source.ids);
    encoded.tokens.target.add(target.ids);
    if (!filter.is_too_long(source.ids.size(), target.ids.size())) out.forced.push_back(out.examples.size());
    const std::vector<int> features = data.source.feature_ids(pair.source, source.pieces, pair.features);
    std::vector<int> labels = target.ids, copies;
    if (copying) {
      const ExtendedVocabulary extended(data.target, source.pieces);
      labels = extended.ids(target);
      copies = extended.source_ids();
    }
    data.target.options().turn(labels);
    out.examples.add({source.ids, labels, copies, {}, features});
    out.references[0].push_back(data.target.as_written(target));
    for (std::size_t r = 1; r < out.references.size(); ++r)
      out.references[r].push_back(data.target.as_written(read.more_targets[r - 1][i]));
    out.text.push_back(std::move(pair));
  }
  if (out.text.empty()) throw Error(fmt::format("every {} source is empty", name));
  if (out.forced.empty()) {
    throw Error(fmt::format("each of {} {} pairs is longer than max_length", out.text.size(), name));
  }
  return encoded;
}

}  // namespace heed
