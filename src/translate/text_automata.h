#pragma once
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "heed/search/constraints.h"
#include "heed/text/extended_vocabulary.h"
#include "token_texts.h"

namespace heed {

/// Texts without some phrases (Aho and Corasick 1975), whatever the tokens that spell them.
class WithoutPhrases : public TokenAutomaton {
 public:
  /// Phrases in the form in which the side writes them; none is blank.
  WithoutPhrases(std::shared_ptr<const TokenTexts> texts, std::span<const std::string> phrases);
  int next(int state, int token) const override;
  /// The state after a token of any text; not for EOS.
  int read(int state, const TokenText& text) const;
  const TokenTexts& texts() const { return *texts_; }

 private:
  struct Node {
    std::map<char, int> children = {};
    int fallback = 0;
    bool ends = false;  // a phrase, or the end of one
  };
  void add(std::string_view phrase);
  void link();
  int step(int node, char byte) const;

  std::shared_ptr<const TokenTexts> texts_;
  std::vector<Node> nodes_;
};

/// The same where a sentence lends words.
class WithoutPhrasesOfWords : public TokenAutomaton {
 public:
  /// Both must live as long as this.
  WithoutPhrasesOfWords(std::shared_ptr<const TokenAutomaton> phrases, const ExtendedVocabulary& words)
      : kept_(std::move(phrases)), phrases_(static_cast<const WithoutPhrases&>(*kept_)), words_(words) {}
  int next(int state, int token) const override {
    if (token < phrases_.texts().size()) return phrases_.next(state, token);
    return phrases_.read(state, phrases_.texts().read(words_.token(token)));
  }

 private:
  std::shared_ptr<const TokenAutomaton> kept_;
  const WithoutPhrases& phrases_;
  const ExtendedVocabulary& words_;
};

/// Texts that begin with given tokens and then with a text, whose last word may go on.
class WithPrefix : public TokenAutomaton {
 public:
  /// `tokens`: of the words before; `tail`: the text behind these, in the form in which the side writes it. Without a
  /// tail the last word does not go on. Throws Error if the tail cannot be written.
  /// `words`: what the sentence lends, which must live as long as this; nullptr: nothing.
  WithPrefix(std::shared_ptr<const TokenTexts> texts, const ExtendedVocabulary* words, std::vector<int> tokens,
             const std::string& tail);
  int next(int state, int token) const override;
  std::span<const int> only(int state) const override;

 private:
  struct State {
    std::vector<int> tokens = {};  // ascending
    std::vector<int> next = {};    // of each
  };
  void add_tail(const std::string& tail);
  void fill(State& state, std::string_view rest, bool joined, int at) const;
  TokenText text_of(int token) const {
    return words_ == nullptr || token < texts_->size() ? (*texts_)[token] : texts_->read(words_->token(token));
  }
  int free() const { return static_cast<int>(states_.size()); }          // anything may follow,
  int new_word() const { return static_cast<int>(states_.size()) + 1; }  // and here what does not go on with a word

  std::shared_ptr<const TokenTexts> texts_;
  const ExtendedVocabulary* words_;
  std::vector<State>
      states_;  // of the tokens, then of the tail: behind n bytes of it two, the second if the last joins
};

}  // namespace heed
