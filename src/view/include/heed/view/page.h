#pragma once
#include <span>
#include <string>
#include <vector>

#include "heed/base/export.h"
#include "heed/view/viewed_sentence.h"

namespace HEED_API heed {

/// One model's translations of a page's sentences.
struct PageModel {
  std::string name;
  std::vector<ViewedSentence> sentences;
  double error_rate = -1;  ///< AER of all sentences with gold links, percent; below 0: unknown
};

struct PageOptions {
  std::string title = "Attention";
};

/// One HTML file that shows the sentences: a list to search and to sort, and for each a heat map, ribbons, and the tree
/// of the beam. It needs no network and no other file. Two models are shown side by side and must have the same
/// sentences. Weights are rounded to 4 decimals. Tokens and texts are shown as text, never as markup. Throws Error for
/// no model, more than two, or inconsistent sentences.
std::string render_page(std::span<const PageModel> models, const PageOptions& options);

}  // namespace heed
