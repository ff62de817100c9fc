#include "encoded_pairs.h"

#include <algorithm>
#include <utility>

#include "corpus_links.h"
#include "heed/text/extended_vocabulary.h"

namespace heed {
namespace {

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

}  // namespace

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

}  // namespace heed
