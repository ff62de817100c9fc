#include "heed/text/text_side_builder.h"

#include <fmt/format.h>

#include <algorithm>

#include "heed/base/error.h"
#include "sentencepiece_tokenizer.h"

namespace heed {

Encoding TokenizedText::encoding(std::size_t sentence) const {
  Encoding out;
  for (const int number : sentences[sentence]) {
    const auto place = static_cast<std::size_t>(number);
    out.pieces.push_back({tokens[place]});
    out.ids.push_back(ids[place]);
  }
  return out;
}

TextSide::Builder::Builder(const TextOptions& options) : makes_(Makes::kVocabulary) {
  if (options.vocabulary != 0 && options.vocabulary <= Vocabulary::kSpecials) {
    throw UsageError(fmt::format("a vocabulary of {} has no room for tokens; expected 0 (all) or at least {}",
                                 options.vocabulary, Vocabulary::kSpecials + 1));
  }
  out_.side.options_ = options;
  if (options.tokenizer == "sentencepiece") {
    makes_ = Makes::kSentencePiece;
  } else {
    out_.side.tokenizer_ = make_tokenizer(options.tokenizer);
  }
}

TextSide::Builder::Builder(TextSide side) : makes_(Makes::kNothing) { out_.side = std::move(side); }

void TextSide::Builder::add(std::string_view sentence) {
  if (makes_ == Makes::kSentencePiece) {
    text_.add(sentence);
  } else {
    tokenize(sentence);
  }
}

TokenizedText TextSide::Builder::finish() {
  TextSide& side = out_.side;
  if (makes_ == Makes::kSentencePiece) {
    side.use_sentencepiece(train_sentencepiece(text_, side.options_.lowercase, side.options_.vocabulary),
                           "SentencePiece");
    for (std::size_t i = 0; i < text_.size(); ++i) tokenize({text_[i].data(), text_[i].size()});
    text_ = {};
  } else if (makes_ == Makes::kVocabulary) {
    side.vocabulary_ = make_vocabulary();
  }
  for (const std::string& token : out_.tokens) out_.ids.push_back(side.id(token));
  return std::move(out_);
}

// A sentence that is longer than its front is not trained on, but what stands in its front counts for a vocabulary.
void TextSide::Builder::tokenize(std::string_view sentence) {
  const std::string_view front = TextSide::front(sentence, out_.side.options_.max_length);
  const bool cut = front.size() < sentence.size();
  std::vector<int> numbers;
  if (!cut || makes_ == Makes::kVocabulary) {
    for (Piece& piece : out_.side.split(front)) numbers.push_back(number_of(std::move(piece.text)));
  }
  if (cut) numbers.clear();
  out_.sentences.add(numbers);
  out_.cut.push_back(cut);
}

int TextSide::Builder::number_of(std::string token) {
  auto found = numbers_.find(token);
  if (found == numbers_.end()) {
    out_.tokens.push_back(std::move(token));
    counts_.push_back(0);
    found = numbers_.emplace(out_.tokens.back(), static_cast<int>(numbers_.size())).first;
  }
  ++counts_[static_cast<std::size_t>(found->second)];
  return found->second;
}

Vocabulary TextSide::Builder::make_vocabulary() const {
  const TextOptions& options = out_.side.options_;
  std::vector<TokenCount> counts;
  counts.reserve(counts_.size());
  for (std::size_t i = 0; i < counts_.size(); ++i) counts.push_back({out_.tokens[i], counts_[i]});
  Vocabulary out = Vocabulary::from_counts(counts, options.vocabulary, options.min_count);
  if (out.size() == Vocabulary::kSpecials && options.min_count > 1 && !counts.empty()) {
    throw UsageError(fmt::format("a min_count of {} leaves no token: the most frequent of {} appears {} times",
                                 options.min_count, counts.size(), *std::max_element(counts_.begin(), counts_.end())));
  }
  return out;
}

}  // namespace heed
