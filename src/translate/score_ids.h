#pragma once
#include <span>
#include <vector>

#include "heed/translate/translator.h"
#include "sources.h"

namespace heed {

/// Pairs as the model reads them, without EOS.
struct IdPairs {
  std::vector<std::vector<int>> sources;
  std::vector<std::vector<int>> targets;   ///< in the order in which the model writes
  std::vector<std::vector<int>> copies;    ///< none, or of each source (ExtendedVocabulary::source_ids)
  std::vector<std::vector<int>> features;  ///< none, or of each source (TextSide::feature_ids)
};

/// score_pairs() of pairs that are read: fills all of `out` but texts, tokens and their ranges, in the
/// order in which the model writes.
void score_ids(const Bundle& bundle, const IdPairs& ids, const ScoreOptions& options, std::span<Translated> out);

/// A side of a pair, read_side() of it; `to` gets its tokens.
Encoding read_tokens(const TextSide& side, const std::string& sentence, const std::vector<std::string>& known,
                     int max_length, TokensOfSide to);

/// What is of each step, from the order in which a model writes to that of the text, and back. EOS is the last.
void turn(const TextSide& target, Translation& to);

/// Throws UsageError for options that have no meaning.
void check(const ScoreOptions& options);
/// Throws Error that names the line of a pair whose numbers are not finite.
void check_finite(std::span<const Translated> scored, const ScoreOptions& options);

}  // namespace heed
