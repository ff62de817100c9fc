#pragma once
#include <span>
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

/// The chosen weights with the gold links, which are of the first translation.
AttentionPicture picture_of(const ViewedSentence& sentence, const PictureChoice& choice);

/// One model's translations of a page's sentences.
struct PageModel {
  std::string name;
  std::vector<ViewedSentence> sentences;
  double error_rate = -1;  ///< AER of all sentences with gold links, percent; below 0: unknown
};

struct PageOptions {
  std::string title = "Attention";
  /// Figures of the models, shown on demand: rows of cells, the first the heads of the columns.
  std::vector<std::vector<std::string>> table = {};
};

/// One HTML file that shows the sentences: a list to search and to sort, and for each a heat map, ribbons, and the tree
/// of the beam. Where translations have measures, they can be shown in the attention's place. It needs no network and
/// no other file. Two models are shown side by side and must have the same sentences. Weights are rounded to 4
/// decimals. Tokens and texts are shown as text, never as markup. Throws Error for no model, more than two, or
/// inconsistent sentences.
std::string render_page(std::span<const PageModel> models, const PageOptions& options);

}  // namespace heed
