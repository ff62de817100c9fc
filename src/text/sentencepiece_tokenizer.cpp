#include "sentencepiece_tokenizer.h"

#include <fmt/format.h>
#include <sentencepiece_processor.h>
#include <sentencepiece_trainer.h>

#include <algorithm>
#include <unordered_set>

#include "heed/base/error.h"
#include "heed/base/utf8.h"
#include "heed/text/vocabulary.h"

namespace heed {
namespace {

// SentencePiece keeps the tab for itself; line breaks can not stand in a line. Byte offsets stay the same.
std::string with_plain_spaces(std::string_view sentence) {
  std::string out(sentence);
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c == '\t' || c == '\n' || c == '\r'; }, ' ');
  return out;
}

class Sentences : public sentencepiece::SentenceIterator {
 public:
  explicit Sentences(std::span<const std::string> sentences) : sentences_(sentences) { fetch(); }
  bool done() const override { return next_ == sentences_.size(); }
  void Next() override {
    ++next_;
    fetch();
  }
  const std::string& value() const override { return value_; }
  sentencepiece::util::Status status() const override { return {}; }

 private:
  void fetch() {
    if (next_ < sentences_.size()) value_ = with_plain_spaces(sentences_[next_]);
  }
  std::span<const std::string> sentences_;
  std::size_t next_ = 0;
  std::string value_;
};

// Every character must be a piece, beside the specials and the mark of the space.
void check_size(std::span<const std::string> sentences, int size) {
  std::unordered_set<char32_t> characters;
  for (const std::string& sentence : sentences) {
    for (std::size_t at = 0; at < sentence.size();) {
      const std::string_view c = std::string_view(sentence).substr(at, utf8::char_length(sentence, at));
      if (c != " " && c != "\t" && c != "\r" && c != "\n" && c != kSpaceMark) characters.insert(utf8::decode(c));
      at += c.size();
    }
  }
  if (characters.empty()) throw Error("SentencePiece can not be trained: there is no text");
  const int least = static_cast<int>(characters.size()) + Vocabulary::kSpecials + 1;
  if (size < least) {
    throw UsageError(fmt::format(
        "a SentencePiece vocabulary of {} is too small for a text with {} different characters; {} is the least", size,
        characters.size(), least));
  }
}

// The mark of a space before a word is part of its piece, but not of what the piece stands for.
std::size_t trimmed_begin(std::string_view sentence, std::size_t begin, std::size_t end) {
  std::size_t at = begin;
  while (at < end && (sentence[at] == ' ' || sentence[at] == '\t')) ++at;
  return at == end ? begin : at;
}

}  // namespace

SentencePieceTokenizer::SentencePieceTokenizer(std::string_view model)
    : processor_(std::make_unique<sentencepiece::SentencePieceProcessor>()) {
  if (!processor_->LoadFromSerializedProto(model).ok()) throw Error("not a SentencePiece model, or a damaged one");
}

SentencePieceTokenizer::~SentencePieceTokenizer() = default;

std::vector<Piece> SentencePieceTokenizer::split(std::string_view sentence) const {
  sentencepiece::ImmutableSentencePieceText text;
  const auto status = processor_->Encode(with_plain_spaces(sentence), text.mutable_proto());
  if (!status.ok()) throw Error(std::string("SentencePiece: ") + status.error_message());
  std::vector<Piece> pieces;
  pieces.reserve(text.pieces_size());
  for (const auto& piece : text.pieces()) {
    const std::size_t end = std::min<std::size_t>(piece.end(), sentence.size());
    const std::size_t begin = std::min<std::size_t>(piece.begin(), end);
    pieces.push_back({piece.piece(), trimmed_begin(sentence, begin, end), end});
  }
  return pieces;
}

std::string SentencePieceTokenizer::join(std::span<const std::string> pieces) const {
  std::string out;
  for (const std::string& piece : pieces) {
    for (std::size_t at = 0; at < piece.size();) {
      const std::string_view c = std::string_view(piece).substr(at, utf8::char_length(piece, at));
      out += c == kSpaceMark ? " " : c;
      at += c.size();
    }
  }
  return out.starts_with(' ') ? out.substr(1) : out;
}

std::vector<std::string> SentencePieceTokenizer::pieces() const {
  std::vector<std::string> out;
  out.reserve(static_cast<std::size_t>(processor_->GetPieceSize()));
  for (int id = 0; id < processor_->GetPieceSize(); ++id) out.push_back(processor_->IdToPiece(id));
  return out;
}

std::string train_sentencepiece(std::span<const std::string> sentences, int size) {
  check_size(sentences, size);
  Sentences iterator(sentences);
  std::string model;
  const std::unordered_map<std::string, std::string> arguments = {
      {"model_type", "unigram"},     {"vocab_size", std::to_string(size)},    {"hard_vocab_limit", "false"},
      {"character_coverage", "1.0"}, {"normalization_rule_name", "identity"}, {"max_sentence_length", "10000000"},
      {"num_threads", "1"},  // sums of floats in one order only: the same model each time
      {"minloglevel", "3"},
  };
  const auto status = sentencepiece::SentencePieceTrainer::Train(arguments, &iterator, &model);
  if (!status.ok()) throw Error(std::string("SentencePiece can not be trained: ") + status.error_message());
  return model;
}

}  // namespace heed
