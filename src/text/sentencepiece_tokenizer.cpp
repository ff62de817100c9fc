#include "sentencepiece_tokenizer.h"

#include <fmt/format.h>
#include <sentencepiece_processor.h>
#include <sentencepiece_trainer.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <unordered_map>

#include "heed/base/error.h"
#include "heed/base/rng.h"
#include "heed/base/utf8.h"
#include "heed/text/vocabulary.h"
#include "preparation.h"
#include "sentencepiece_check.h"
#include "symbols.h"

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

// What is trained on: one sentence after the other, so that they need no memory here. Of a sample each sentence is as
// likely as any other.
class Sentences : public sentencepiece::SentenceIterator {
 public:
  Sentences(std::span<const FlatLists<char>* const> texts, const TextOptions& options)
      : texts_(texts), options_(options), symbols_(options.symbols) {
    for (const FlatLists<char>* text : texts) left_ += text->size();
    wanted_ = options.sample > 0 ? std::min(left_, static_cast<std::size_t>(options.sample)) : left_;
    fetch();
  }
  bool done() const override { return done_; }
  void Next() override { fetch(); }
  const std::string& value() const override { return value_; }
  sentencepiece::util::Status status() const override { return {}; }

 private:
  // Nothing is learnt across them.
  std::string without_symbols(const std::string& text) const {
    if (symbols_.empty()) return text;
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t symbol = symbols_.match(text, at);
      out += symbol > 0 ? ' ' : text[at];
      at += std::max<std::size_t>(symbol, 1);
    }
    return out;
  }
  void fetch() {
    while (wanted_ > 0) {
      while (next_ == texts_.front()->size()) {
        texts_ = texts_.subspan(1);
        next_ = 0;
      }
      const std::span<const char> sentence = (*texts_.front())[next_++];
      const bool takes = wanted_ == left_ || rng_.below(left_) < wanted_;
      --left_;
      if (!takes) continue;
      --wanted_;
      const std::string_view text(sentence.data(), sentence.size());
      value_ = changes_text(options_) ? prepare(text, options_, symbols_).text : std::string(text);
      value_ = for_training(without_symbols(value_));
      return;
    }
    done_ = true;
  }
  std::span<const FlatLists<char>* const> texts_;
  const TextOptions& options_;
  Symbols symbols_;
  std::size_t next_ = 0;    // of the first text
  std::size_t left_ = 0;    // sentences that were not looked at
  std::size_t wanted_ = 0;  // of these
  Rng rng_{0x5E17};
  bool done_ = false;
  std::string value_;
};

// Characters that must be pieces: the most frequent ones, which are that share of the text. SentencePiece counts the
// mark before each word with them.
std::size_t covered_characters(Sentences sentences, double coverage) {
  std::unordered_map<char32_t, long> counts;
  long all = 0;
  const auto add = [&](std::string_view c) {
    ++counts[utf8::decode(c)];
    ++all;
  };
  for (; !sentences.done(); sentences.Next()) {
    bool inside = false;
    for (const std::string_view c : utf8::chars(sentences.value())) {
      const bool blank = c == " ";
      if (!blank && !inside) add(kSpaceMark);
      if (!blank) add(c);
      inside = !blank;
    }
  }
  std::vector<long> sorted;
  sorted.reserve(counts.size());
  for (const auto& [character, count] : counts) sorted.push_back(count);
  std::sort(sorted.begin(), sorted.end(), std::greater<>());
  std::size_t out = 0;
  for (long covered = 0; out < sorted.size() && static_cast<double>(covered) < coverage * static_cast<double>(all);) {
    covered += sorted[out++];
  }
  return out;
}

// Every character must be a piece, beside the specials.
void check_size(const Sentences& sentences, const TextOptions& options) {
  const int needed = static_cast<int>(covered_characters(sentences, options.coverage));
  if (needed == 0) throw Error("SentencePiece cannot be trained: there is no text");
  const int least = needed + Vocabulary::kSpecials + static_cast<int>(options.symbols.size());
  if (options.vocabulary >= least) return;
  throw UsageError(fmt::format(
      "a SentencePiece vocabulary of {} is too small for a text with {} different characters; {} is the least",
      options.vocabulary, needed - 1, least));
}

// The mark of a space before a word is part of its piece, but not of what the piece stands for.
std::size_t trimmed_begin(std::string_view sentence, std::size_t begin, std::size_t end) {
  std::size_t at = begin;
  while (at < end && (sentence[at] == ' ' || sentence[at] == '\t')) ++at;
  return at == end ? begin : at;
}

// A run of bytes as characters: the last byte of each has its text. What is no UTF-8 is U+FFFD for each byte, as
// SentencePiece has it; so is a NUL, and a line break is a space, since a text is one line.
void add_bytes(std::string_view bytes, Unescaper& unescaper, Joined& out) {
  while (!bytes.empty()) {
    const std::size_t size = std::min(utf8::char_length(bytes, 0), bytes.size());
    const bool valid = !utf8::first_invalid(bytes.substr(0, size)) && bytes[0] != '\0';
    const std::string_view character = bytes.substr(0, valid ? size : 1);
    const std::size_t begin = out.text.size();
    out.ranges.resize(out.ranges.size() + character.size() - 1, {begin, begin});
    unescaper.add(!valid ? "\ufffd" : character == "\n" || character == "\r" ? " " : character);
    out.ranges.push_back({begin, out.text.size()});
    bytes.remove_prefix(character.size());
  }
}

}  // namespace

SentencePieceTokenizer::SentencePieceTokenizer(std::string_view model, Symbols symbols)
    : processor_(std::make_unique<sentencepiece::SentencePieceProcessor>()), symbols_(std::move(symbols)) {
  check_sentencepiece_model(model);
  pieces_ = piece_table(model);
  characters_ = CharacterMap(pieces_.charsmap, pieces_.symbols);
  bool loaded = false;
  try {
    loaded = processor_->LoadFromSerializedProto(without_charsmap(model)).ok();
  } catch (const std::exception&) {  // its own, of a dictionary that cannot be built
  }
  if (!loaded) throw Error(ErrorKind::kModel, "not a SentencePiece model, or a damaged one");
}

SentencePieceTokenizer::~SentencePieceTokenizer() = default;

std::vector<Piece> SentencePieceTokenizer::split(std::string_view sentence) const {
  const std::string plain = with_plain_spaces(sentence);
  const Prepared normalized = characters_.empty() ? Prepared() : characters_.apply(plain);
  const std::string& read = characters_.empty() ? plain : normalized.text;
  const Escaped escaped = escape(read);
  std::vector<Piece> pieces;
  for (std::size_t begin = 0; begin < escaped.text.size();) {
    const std::size_t end = chunk_end(escaped.text, begin);
    encode(std::string_view(escaped.text).substr(begin, end - begin), begin, pieces);
    begin = end;
  }
  for (Piece& piece : pieces) {
    piece.end = std::min(escaped.origin(piece.end), read.size());
    piece.begin = std::min(escaped.origin(piece.begin), piece.end);
    piece.begin = trimmed_begin(read, piece.begin, piece.end);
    if (characters_.empty()) continue;
    piece.begin = normalized.origin[piece.begin];
    piece.end = normalized.origin[piece.end];
  }
  return pieces;
}

// Before a space, if there is one, and inside no symbol.
std::size_t SentencePieceTokenizer::chunk_end(std::string_view text, std::size_t begin) const {
  if (text.size() - begin <= kChunk) return text.size();
  const std::size_t space = text.rfind(' ', begin + kChunk);
  if (space != std::string_view::npos && space > begin) return space;
  const std::size_t end = utf8::boundary_before(text, begin + kChunk);
  for (std::size_t at = end - std::min(end - begin - 1, symbols_.longest()); at < end; ++at) {
    if (at + symbols_.match(text, at) > end) return at;
  }
  return end;
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

std::optional<char> SentencePieceTokenizer::byte_of(std::string_view piece) const {
  if (!pieces_.has_bytes || piece.size() != 6 || !piece.starts_with("<0x") || piece[5] != '>') return std::nullopt;
  unsigned value = 0;
  const auto [end, error] = std::from_chars(piece.data() + 3, piece.data() + 5, value, 16);
  if (error != std::errc() || end != piece.data() + 5) return std::nullopt;
  return static_cast<char>(value);
}

// Spaces in front are no part of the text where the model removes them; else one is that it puts there itself.
Joined SentencePieceTokenizer::join_pieces(std::span<const std::string> pieces) const {
  Joined out;
  Unescaper unescaper(out.text);
  bool strips = pieces_.removes_spaces || pieces_.adds_space;
  for (std::size_t p = 0; p < pieces.size(); ++p) {
    std::string bytes;
    for (std::size_t b = p; b < pieces.size(); ++b) {
      const std::optional<char> byte = byte_of(pieces[b]);
      if (!byte) break;
      bytes += *byte;
    }
    if (!bytes.empty()) {
      add_bytes(bytes, unescaper, out);
      p += bytes.size() - 1;
      strips = false;
      continue;
    }
    const std::size_t begin = out.text.size();
    std::string_view piece = pieces[p];
    if (strips && piece.starts_with(kSpaceMark)) {
      piece.remove_prefix(kSpaceMark.size());
      strips = pieces_.removes_spaces;
    }
    for (const std::string_view c : utf8::chars(piece)) unescaper.add(c == kSpaceMark ? " " : c);
    strips = strips && out.text.empty();
    out.ranges.push_back({trimmed_begin(out.text, begin, out.text.size()), out.text.size()});
  }
  return out;
}

std::string train_sentencepiece(std::span<const FlatLists<char>* const> texts, const TextOptions& options) {
  Sentences iterator(texts, options);
  check_size(iterator, options);
  std::string model;
  const std::unordered_map<std::string, std::string> arguments = {
      {"model_type", options.algorithm},
      {"vocab_size", std::to_string(options.vocabulary - static_cast<int>(options.symbols.size()))},
      {"hard_vocab_limit", "false"},
      {"character_coverage", std::to_string(options.coverage)},
      {"normalization_rule_name", "identity"},
      {"max_sentence_length", "10000000"},
      {"num_threads", std::to_string(options.threads)},  // each adds its floats in one order: the same model each time
      {"minloglevel", "3"},
  };
  const auto status = sentencepiece::SentencePieceTrainer::Train(arguments, &iterator, &model);
  if (!status.ok()) throw Error(std::string("SentencePiece cannot be trained: ") + status.error_message());
  return model;
}

}  // namespace heed
