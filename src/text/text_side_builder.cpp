#include "heed/text/text_side_builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "heed/base/error.h"
#include "heed/base/utf8.h"
#include "sentencepiece_tokenizer.h"
#include "word_places.h"

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
  const int taken = Vocabulary::kSpecials + static_cast<int>(options.symbols.size());
  if (options.vocabulary != 0 && options.vocabulary <= taken) {
    throw UsageError(fmt::format("a vocabulary of {} has no room for tokens{}; expected 0 (all) or at least {}",
                                 options.vocabulary, options.symbols.empty() ? "" : " beside the symbols", taken + 1));
  }
  out_.side.set_options(options);
  if (options.uses_sentencepiece()) makes_ = Makes::kSentencePiece;
  features_.resize(options.features().size());
}

TextSide::Builder::Builder(TextSide side) : makes_(Makes::kNothing), features_(side.options_.features().size()) {
  out_.side = std::move(side);
}

void TextSide::Builder::add(std::string_view sentence, std::span<const std::string_view> features) {
  if (features.size() != features_.size()) {
    throw Error(ErrorKind::kArgument,
                fmt::format("a sentence with values of {} features for a side with {} ({})", features.size(),
                            features_.size(), out_.side.options_.feature_names()));
  }
  for (std::size_t f = 0; f < features_.size(); ++f) {
    FeatureText& text = features_[f];
    std::vector<int> values;
    for (const std::string_view value : utf8::words(features[f])) {
      auto found = text.numbers.find(value);
      if (found == text.numbers.end()) {
        found = text.numbers.emplace(value, static_cast<int>(text.counts.size())).first;
        text.counts.push_back(0);
      }
      ++text.counts[static_cast<std::size_t>(found->second)];
      values.push_back(found->second);
    }
    text.sentences.add(values);
  }
  if (makes_ == Makes::kSentencePiece) {
    text_.add(sentence);
  } else {
    tokenize(sentence);
  }
}

TokenizedText TextSide::Builder::finish() {
  make_sides(std::array{this});
  return take();
}

std::pair<TokenizedText, TokenizedText> TextSide::Builder::finish_joint(Builder& source, Builder& target) {
  make_sides(std::array{&source, &target});
  TokenizedText first = source.take();
  return {std::move(first), target.take()};
}

TextSide TextSide::Builder::finish_side() {
  make_sides(std::array{this});
  return take_side();
}

std::pair<TextSide, TextSide> TextSide::Builder::finish_joint_sides(Builder& source, Builder& target) {
  make_sides(std::array{&source, &target});
  TextSide first = source.take_side();
  return {std::move(first), target.take_side()};
}

TextSide TextSide::Builder::take_side() {
  make_feature_vocabularies();
  return std::move(out_.side);
}

// One vocabulary or model for all of them; each keeps its options.
void TextSide::Builder::make_sides(Builders all) {
  TextSide& made = all.front()->out_.side;
  const Makes makes = all.front()->makes_;
  if (makes == Makes::kNothing) return;
  if (makes == Makes::kSentencePiece) {
    std::vector<const FlatLists<char>*> texts;
    for (const Builder* builder : all) texts.push_back(&builder->text_);
    made.use_sentencepiece(train_sentencepiece(texts, made.options_), "SentencePiece");
  } else {
    made.vocabulary_ = make_vocabulary(all);
  }
  for (Builder* builder : all.subspan(1)) {
    const TextOptions options = builder->out_.side.options_;
    builder->out_.side = made;
    builder->out_.side.options_ = options;
  }
}

TokenizedText TextSide::Builder::take() {
  for (std::size_t i = 0; i < text_.size(); ++i) tokenize({text_[i].data(), text_[i].size()});
  text_ = {};
  for (const std::string& token : out_.tokens) out_.ids.push_back(out_.side.id(token));
  if (!features_.empty()) make_features();
  return std::move(out_);
}

// Unless the side had them.
void TextSide::Builder::make_feature_vocabularies() {
  if (!out_.side.features_.empty()) return;
  for (const FeatureText& text : features_) {
    std::vector<TokenCount> counts;
    for (const auto& [value, number] : text.numbers)
      counts.push_back({value, text.counts[static_cast<std::size_t>(number)]});
    out_.side.features_.push_back(Vocabulary::from_counts(counts, 0));
  }
}

// The values of each token, and before them the vocabularies of values.
void TextSide::Builder::make_features() {
  make_feature_vocabularies();
  const TextSide& side = out_.side;
  std::vector<std::vector<int>> ids;  // of each number
  for (std::size_t f = 0; f < features_.size(); ++f) {
    const FeatureText& text = features_[f];
    ids.emplace_back(text.counts.size());
    for (const auto& [value, number] : text.numbers)
      ids[f][static_cast<std::size_t>(number)] = side.feature_id(f, value);
  }
  for (std::size_t i = 0; i < out_.words.size(); ++i) {
    std::vector<int> all;
    for (std::size_t f = 0; f < features_.size(); ++f) {
      std::vector<int> values;
      for (const int number : features_[f].sentences[i]) values.push_back(ids[f][static_cast<std::size_t>(number)]);
      spread_values(values, out_.words[i], all);
      if (side.options_.end.follows(out_.words[i].size())) all.push_back(Vocabulary::kEnd);
    }
    out_.features.add(all);
  }
  if (!keeps_words_) out_.words = {};
}

// A sentence that is longer than its front is not trained on, but what stands in its front counts for a vocabulary.
void TextSide::Builder::tokenize(std::string_view sentence) {
  const std::string_view front = TextSide::front(sentence, out_.side.options_.max_length);
  const bool cut = front.size() < sentence.size();
  const bool needs_words = keeps_words_ || !features_.empty();
  std::vector<int> numbers, words;
  if (!cut || makes_ == Makes::kVocabulary) {
    std::vector<Piece> pieces = out_.side.split(front);
    if (needs_words && !cut) words = words_of_pieces(front, pieces);
    for (Piece& piece : pieces) numbers.push_back(number_of(std::move(piece.text)));
  }
  if (cut) numbers.clear();
  out_.sentences.add(numbers);
  if (needs_words) out_.words.add(words);
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

Vocabulary TextSide::Builder::make_vocabulary(Builders all) {
  const Builder& first = *all.front();
  const TextOptions& options = first.out_.side.options_;
  std::vector<TokenCount> counts;
  counts.reserve(first.counts_.size());
  for (std::size_t i = 0; i < first.counts_.size(); ++i) counts.push_back({first.out_.tokens[i], first.counts_[i]});
  for (const Builder* builder : all.subspan(1)) {
    for (std::size_t i = 0; i < builder->counts_.size(); ++i) {
      const auto known = first.numbers_.find(builder->out_.tokens[i]);
      if (known == first.numbers_.end()) {
        counts.push_back({builder->out_.tokens[i], builder->counts_[i]});
      } else {
        counts[static_cast<std::size_t>(known->second)].count += builder->counts_[i];
      }
    }
  }
  const auto rarer = [](const TokenCount& a, const TokenCount& b) { return a.count < b.count; };
  Vocabulary out = Vocabulary::from_counts(counts, options.vocabulary, options.min_count, options.symbols);
  if (out.size() == Vocabulary::kSpecials && options.min_count > 1 && !counts.empty()) {
    throw UsageError(fmt::format("a min_count of {} leaves no token: the most frequent of {} appears {} times",
                                 options.min_count, counts.size(),
                                 std::max_element(counts.begin(), counts.end(), rarer)->count));
  }
  return out;
}

}  // namespace heed
