#pragma once
#include <string>
#include <vector>

#include "heed/base/export.h"
#include "heed/record/translation.h"
#include "heed/view/attention_picture.h"

namespace HEED_API heed {

/// A record for pages, with its references and gold links.
struct ViewedSentence : Translated {
  int number = 0;                            ///< line of its file, from 1; 0: its index among those shown
  std::vector<std::string> references = {};  ///< reference translations; may be empty
  bool has_gold = false;
  std::vector<Link> sure = {};  ///< gold links of words between spaces
  std::vector<Link> possible = {};
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

/// The chosen weights as a picture. Throws Error, with the counts, if there is no such translation, layer or head.
AttentionPicture picture_of(const Translated& sentence, const PictureChoice& choice);
/// The same with its gold links, which are of the first translation.
AttentionPicture picture_of(const ViewedSentence& sentence, const PictureChoice& choice);

}  // namespace heed
