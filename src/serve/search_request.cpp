#include "search_request.h"

namespace heed::serve {

TranslateOptions SearchRequest::options() const {
  TranslateOptions out;
  out.beam = beam;
  out.nbest = nbest;
  out.attention = attention;
  out.trace = trace;
  out.token_scores = token_scores;
  out.alternatives = alternatives;
  if (normalize) out.ranking.normalization = *normalize;
  out.ranking.length_penalty = length_penalty;
  out.no_repeat_ngram = no_repeat_ngram;
  out.forbid_unknown = forbid_unknown;
  out.replace_unknown = replace_unknown;
  if (sample) out.sampling = Sampling{.temperature = temperature, .top_k = top_k, .top_p = top_p, .seed = seed};
  return out;
}

}  // namespace heed::serve
