#pragma once
#include <optional>

#include "heed/search/sampling.h"
#include "heed/translate/translator.h"

namespace heed::serve {

/// How answers are searched for, as a request says it. Sentences whose requests say the same are answered together.
struct SearchRequest {
  int beam = 5;
  int nbest = 1;
  bool attention = false;
  bool trace = false;
  bool token_scores = false;
  bool alternatives = false;
  std::optional<Normalization> normalize = {};
  double length_penalty = Ranking().length_penalty;
  int no_repeat_ngram = 0;
  bool forbid_unknown = false;
  bool replace_unknown = false;
  // Of `sample`.
  bool sample = false;
  double temperature = 1;
  int top_k = 0;
  double top_p = 1;
  std::uint64_t seed = 1;

  bool operator==(const SearchRequest&) const = default;
  TranslateOptions options() const;
};

}  // namespace heed::serve
