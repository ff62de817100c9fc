#pragma once
#include <span>
#include <string>
#include <vector>

#include "heed/base/export.h"
#include "heed/view/viewed_sentence.h"

namespace HEED_API heed {

/// What one model did with the sentences of a page.
struct PageModel {
  std::string name;
  std::vector<ViewedSentence> sentences;
  double error_rate = -1;  ///< AER of all sentences that have gold links, percent; below 0: not known
};

struct PageOptions {
  std::string title = "Attention";
};

/// One HTML file that shows the sentences: a list to search and to sort, and for each a heat map, ribbons, and the tree
/// of the beam. It needs nothing else: no network, no other file. With two models they stand side by side; both must
/// have the same sentences. Weights are in it rounded to 4 decimals, which is what it prints. Tokens and texts are
/// shown as text, whatever they hold. Throws Error if there is no model, more than two, or a sentence does not fit.
std::string render_page(std::span<const PageModel> models, const PageOptions& options);

}  // namespace heed
