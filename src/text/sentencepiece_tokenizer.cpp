#include "sentencepiece_tokenizer.h"

#include <fmt/format.h>
#include <sentencepiece_processor.h>
#include <sentencepiece_trainer.h>

#include <algorithm>
#include <unordered_set>

#include "heed/base/error.h"
#include "heed/base/utf8.h"
#include "heed/text/vocabulary.h"
#include "sentencepiece_check.h"

namespace heed {
namespace {

// Bytes that are encoded at a time: what the library needs grows with the square of a run of unknown characters.
constexpr std::size_t kChunk = 1 << 12;
// Characters of a word in training, whose time grows with the square of it, and whose sums underflow in the end.
constexpr std::size_t kLongestWord = 1000;

// SentencePiece keeps the tab for itself; line breaks cannot stand in a line. Byte offsets stay the same.
std::string with_plain_spaces(std::string_view sentence) {
  std::string out(sentence);
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c == '\t' || c == '\n' || c == '\r'; }, ' ');
  return out;
}

// What training reads: as encoding does it, but for spaces in words that are too long, and in what looks like a special
// of the vocabulary: as a piece it would be that special.
std::string for_training(std::string_view sentence) {
  const std::string text = escape(with_plain_spaces(sentence)).text;
  std::string out;
  std::size_t length = 0;  // of the word so far
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view rest = std::string_view(text).substr(at);
    const std::string_view c = rest.substr(0, utf8::char_length(rest, 0));
    length = c == " " ? 0 : length + 1;
    if (length > kLongestWord) {
      out += ' ';
      length = 1;
    }
    out += c;
    for (const std::string_view special : {"<unk>", "<s>", "</s>"}) {
      if (rest.starts_with(special)) out += ' ';
    }
    at += c.size();
  }
  return out;
}

// The end of the chunk that begins there: before a space, if there is one.
std::size_t chunk_end(std::string_view text, std::size_t begin) {
  if (text.size() - begin <= kChunk) return text.size();
  const std::size_t space = text.rfind(' ', begin + kChunk);
  if (space != std::string_view::npos && space > begin) return space;
  return utf8::boundary_before(text, begin + kChunk);
}

// What is trained on: one sentence after the other, so that they need no memory here.
class Sentences : public sentencepiece::SentenceIterator {
 public:
  Sentences(const FlatLists<char>& sentences, bool lowercase) : sentences_(sentences), lowercase_(lowercase) {
    fetch();
  }
  bool done() const override { return next_ == sentences_.size(); }
  void Next() override {
    ++next_;
    fetch();
  }
  const std::string& value() const override { return value_; }
  sentencepiece::util::Status status() const override { return {}; }
  std::string sentence(std::size_t i) const {
    const std::string_view text(sentences_[i].data(), sentences_[i].size());
    return lowercase_ ? utf8::lowercase(text) : std::string(text);
  }
  std::size_t size() const { return sentences_.size(); }

 private:
  void fetch() {
    if (!done()) value_ = for_training(sentence(next_));
  }
  const FlatLists<char>& sentences_;
  bool lowercase_;
  std::size_t next_ = 0;
  std::string value_;
};

// Every character must be a piece, beside the specials and the mark of the space.
void check_size(const Sentences& sentences, int size) {
  std::unordered_set<char32_t> characters;
  for (std::size_t i = 0; i < sentences.size(); ++i) {
    const std::string sentence = sentences.sentence(i);
    for (std::size_t at = 0; at < sentence.size();) {
      const std::string_view c = std::string_view(sentence).substr(at, utf8::char_length(sentence, at));
      if (c != " " && c != "\t" && c != "\r" && c != "\n") characters.insert(utf8::decode(c));
      at += c.size();
    }
  }
  if (characters.empty()) throw Error("SentencePiece cannot be trained: there is no text");
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
  check_sentencepiece_model(model);
  bool loaded = false;
  try {
    loaded = processor_->LoadFromSerializedProto(model).ok();
  } catch (const std::exception&) {  // its own, of a dictionary that cannot be built
  }
  if (!loaded) throw Error(ErrorKind::kModel, "not a SentencePiece model, or a damaged one");
}

SentencePieceTokenizer::~SentencePieceTokenizer() = default;

std::vector<Piece> SentencePieceTokenizer::split(std::string_view sentence) const {
  const Escaped escaped = escape(with_plain_spaces(sentence));
  std::vector<Piece> pieces;
  for (std::size_t begin = 0; begin < escaped.text.size();) {
    const std::size_t end = chunk_end(escaped.text, begin);
    encode(std::string_view(escaped.text).substr(begin, end - begin), begin, pieces);
    begin = end;
  }
  for (Piece& piece : pieces) {
    piece.end = std::min(escaped.origin(piece.end), sentence.size());
    piece.begin = std::min(escaped.origin(piece.begin), piece.end);
    piece.begin = trimmed_begin(sentence, piece.begin, piece.end);
  }
  return pieces;
}

void SentencePieceTokenizer::encode(std::string_view chunk, std::size_t offset, std::vector<Piece>& pieces) const {
  sentencepiece::ImmutableSentencePieceText text;
  const auto status = processor_->Encode(chunk, text.mutable_proto());
  if (!status.ok()) throw Error(std::string("SentencePiece: ") + status.error_message());
  const bool inside = offset > 0 && chunk.front() != ' ';  // of a word that began in the chunk before
  bool first = true;
  for (const auto& piece : text.pieces()) {
    std::string_view written = piece.piece();
    if (inside && first && written.starts_with(kSpaceMark)) written.remove_prefix(kSpaceMark.size());
    first = false;
    if (written.empty()) continue;
    const std::size_t end = offset + std::min<std::size_t>(piece.end(), chunk.size());
    pieces.push_back({std::string(written), std::min(offset + piece.begin(), end), end});
  }
}

Joined SentencePieceTokenizer::join_pieces(std::span<const std::string> pieces) const {
  Joined out;
  Unescaper unescaper(out.text);
  bool first = true;  // of all characters: a space there is no part of the text
  for (const std::string& piece : pieces) {
    const std::size_t begin = out.text.size();
    for (const std::string_view c : utf8::chars(piece)) {
      const std::string_view written = c == kSpaceMark ? " " : c;
      if (!first || written != " ") unescaper.add(written);
      first = false;
    }
    out.ranges.push_back({trimmed_begin(out.text, begin, out.text.size()), out.text.size()});
  }
  return out;
}

std::vector<std::string> SentencePieceTokenizer::pieces() const {
  std::vector<std::string> out;
  out.reserve(static_cast<std::size_t>(processor_->GetPieceSize()));
  for (int id = 0; id < processor_->GetPieceSize(); ++id) out.push_back(processor_->IdToPiece(id));
  return out;
}

std::string train_sentencepiece(const FlatLists<char>& sentences, bool lowercase, int size) {
  Sentences iterator(sentences, lowercase);
  check_size(iterator, size);
  std::string model;
  const std::unordered_map<std::string, std::string> arguments = {
      {"model_type", "unigram"},     {"vocab_size", std::to_string(size)},    {"hard_vocab_limit", "false"},
      {"character_coverage", "1.0"}, {"normalization_rule_name", "identity"}, {"max_sentence_length", "10000000"},
      {"num_threads", "1"},  // sums of floats in one order only: the same model each time
      {"minloglevel", "3"},
  };
  const auto status = sentencepiece::SentencePieceTrainer::Train(arguments, &iterator, &model);
  if (!status.ok()) throw Error(std::string("SentencePiece cannot be trained: ") + status.error_message());
  return model;
}

}  // namespace heed
