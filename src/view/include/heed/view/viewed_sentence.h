#pragma once
#include <span>
#include <string>
#include <vector>

#include "heed/base/export.h"
#include "heed/view/attention_picture.h"

namespace HEED_API heed {

using Weights = std::vector<std::vector<float>>;  ///< [target tokens][source tokens]

/// One target of a sentence and what it attended to.
struct ViewedTranslation {
  std::string text;
  std::vector<std::string> tokens;  ///< T, EOS included
  std::vector<ByteRange> ranges;    ///< of each token in `text`, empty for one without text; no elements: unknown
  double score = 0;                 ///< length-normalised
  double log_probability = 0;
  std::vector<double> log_probabilities;     ///< of each token; may be empty
  Weights attention;                         ///< [T][S], the mean over layers and heads
  std::vector<std::vector<Weights>> layers;  ///< [layers][heads]; empty if there is one of each
  std::vector<std::string> layer_names;      ///< empty, or one for each layer ("hop 1")
  std::vector<int> copied;                   ///< target tokens that were copied from the source
};

/// A candidate of the search.
struct ViewedCandidate {
  int parent = -1;  ///< index of the candidate that it extends; -1: BOS
  std::string token = {};
  double log_probability = 0;         ///< of all tokens up to this one
  double score = 0;                   ///< length-normalised
  std::string state = {};             ///< "kept", "finished", "cut" or "pruned"
  std::vector<float> attention = {};  ///< [S] of its token; may be empty
};

/// A sentence for pages and pictures: the source, its translations, and their search.
struct ViewedSentence {
  int number = 0;  ///< line of its file, from 1; 0: its index among those shown
  std::string source;
  std::vector<std::string> source_tokens;  ///< S, EOS included
  std::vector<ByteRange> source_ranges;    ///< of each in `source`, as ViewedTranslation::ranges
  std::vector<ViewedTranslation> translations;
  std::vector<std::string> references;  ///< reference translations; may be empty
  std::vector<ViewedCandidate> trace;   ///< parents before children; empty if the search was not traced
  bool trace_cut = false;               ///< the search had more candidates than `trace`
  bool has_gold = false;
  std::vector<Link> sure;  ///< gold links of words between spaces
  std::vector<Link> possible;
  double error_rate = -1;  ///< AER of the first translation's attention, percent; below 0: unknown
};

/// Whether tokens are merged to words: weights are summed over a source word's tokens, averaged over a target word's.
enum class Merging {
  kNever,
  kPieces,  ///< if the tokenizer's marks show sub-words (SentencePiece, subword-nmt) and there are several words
  kAlways
};

/// The choice of what is drawn.
struct PictureChoice {
  int translation = 0;  ///< counted from 0, as all here
  int layer = -1;       ///< -1: the mean over layers and heads
  int head = -1;        ///< -1: the mean over the layer's heads
  Merging merging = Merging::kNever;
};

/// Throws Error if the sentence is inconsistent: rows, columns, layers, parents, copied tokens.
void check(const ViewedSentence& sentence);

/// The chosen weights as a picture. Throws Error, with the counts, if there is no such translation, layer or head.
AttentionPicture picture_of(const ViewedSentence& sentence, const PictureChoice& choice);

/// For each token the word between spaces that it is a part of, counted from 0; -1 for EOS. Without `ranges`, tokens
/// are searched in `text`; those not found (normalised text, unknown words) are assigned by the tokenizers' marks:
/// U+2581 begins a word, U+FFED and "@@" join.
std::vector<int> words_of(const std::string& text, const std::vector<std::string>& tokens,
                          std::span<const ByteRange> ranges = {});

/// For each target word the source word that it attended to most, as `heed align` links them (align_words).
std::vector<Link> strongest_links(const ViewedSentence& sentence, const ViewedTranslation& translation);

}  // namespace heed
