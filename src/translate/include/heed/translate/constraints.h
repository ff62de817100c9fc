#pragma once
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "heed/base/export.h"
#include "heed/text/text_side.h"

namespace HEED_API heed {

class TokenAutomaton;
class TokenTrie;

/// The only answers that there may be. Immutable, safe to share by threads.
class AllowedOutputs {
 public:
  /// Of a model's target side. What it cannot write, having unknown tokens, is left out. Throws Error if nothing is
  /// left, or if a text is not UTF-8.
  AllowedOutputs(const TextSide& target, std::span<const std::string> texts);
  /// The places of the texts that were left out.
  const std::vector<std::size_t>& left_out() const { return left_out_; }
  const std::shared_ptr<const TokenTrie>& trie() const { return trie_; }

 private:
  std::vector<std::size_t> left_out_;
  std::shared_ptr<const TokenTrie> trie_;
};

/// Phrases that no answer has (OutputConstraints::must_not), read once for all sentences. Immutable, safe to share by
/// threads.
class ForbiddenPhrases {
 public:
  /// Of a model's target side. Throws Error if a phrase is blank or not UTF-8.
  ForbiddenPhrases(const TextSide& target, std::span<const std::string> phrases);
  const std::shared_ptr<const TokenAutomaton>& automaton() const { return automaton_; }

 private:
  std::shared_ptr<const TokenAutomaton> automaton_;
};

/// What the answers for one sentence must be. Phrases are texts, in the form that the model's target side writes
/// (TextSide::as_written()). They begin and end at word boundaries, where a letter or a digit does not stand beside
/// another; scripts without spaces (Han, kana, Thai, ...) and the tokenizer `characters` have a boundary everywhere.
struct OutputConstraints {
  std::string prefix = {};                 ///< every answer begins with it; a blank at its end ends its last word
  std::vector<std::string> must = {};      ///< phrases that occur
  std::vector<std::string> must_not = {};  ///< phrases that do not, however they could be cut into tokens
  std::vector<std::string> allowed = {};   ///< not empty: the only answers

  bool empty() const { return prefix.empty() && must.empty() && must_not.empty() && allowed.empty(); }
};

}  // namespace heed
