#include "heed/text/text_side.h"

#include <fmt/format.h>

#include <filesystem>

#include "heed/base/atomic_file.h"
#include "heed/base/error.h"
#include "heed/base/utf8.h"
#include "heed/text/text_side_builder.h"
#include "sentencepiece_tokenizer.h"

namespace heed {
namespace {

bool uses_sentencepiece(const TextOptions& options) { return options.tokenizer == "sentencepiece"; }

std::filesystem::path bundle_file(const TextOptions& options, const std::string& directory, const std::string& stem) {
  return std::filesystem::path(directory) / (stem + (uses_sentencepiece(options) ? ".sentencepiece" : ".vocabulary"));
}

// A sentence in lower case, and for each of its bytes (and its end) where that stands in the original. Of a letter that
// becomes two characters (U+0130) the first has all of it.
struct Lowered {
  std::string text;
  std::vector<std::size_t> origin;
};

Lowered lower(std::string_view sentence) {
  Lowered out;
  for (std::size_t at = 0; at < sentence.size();) {
    const std::size_t begin = out.text.size();
    const std::size_t length = utf8::append_lower(out.text, sentence, at);
    out.origin.resize(begin + utf8::char_length(out.text, begin), at);
    at += length;
    out.origin.resize(out.text.size(), at);
  }
  out.origin.push_back(sentence.size());
  return out;
}

void check_utf8(std::string_view sentence) {
  if (const auto bad = utf8::first_invalid(sentence)) {
    throw Error(fmt::format("invalid UTF-8 at byte {} of the sentence", *bad + 1));
  }
}

}  // namespace

void TextOptions::describe(Settings& settings, const std::string& prefix) {
  settings.choice(prefix + ".tokenizer", &tokenizer, tokenizer_kinds(), "how a sentence is cut into tokens");
  settings.integer(prefix + ".vocabulary", &vocabulary, {0, 10000000},
                   "most tokens in the vocabulary, with 3 specials; 0 = all");
  settings.integer(prefix + ".min_count", &min_count, {1},
                   "tokens seen less often in training are unknown (not for sentencepiece)");
  settings.boolean(prefix + ".lowercase", &lowercase, "read the text in lower case");
  settings.integer(prefix + ".max_length", &max_length, {0},
                   "training sentences with more tokens are left out; 0 = no limit");
}

TextSide TextSide::build(const TextOptions& options, std::span<const std::string> sentences) {
  Builder builder(options);
  for (const std::string& sentence : sentences) {
    check_utf8(sentence);
    builder.add(sentence);
  }
  return builder.finish().side;
}

TextSide TextSide::load(const TextOptions& options, const std::string& directory, const std::string& stem) {
  const std::filesystem::path path = bundle_file(options, directory, stem);
  if (!std::filesystem::exists(path)) {
    throw Error(
        ErrorKind::kModel,
        "'" + path.string() + "' is missing: a bundle holds config.yaml, parameters.safetensors and its vocabularies",
        {.file = path.string()});
  }
  TextSide side;
  side.options_ = options;
  std::string content = read_file(path);
  if (uses_sentencepiece(options)) {
    side.use_sentencepiece(std::move(content), path.string());
  } else {
    side.tokenizer_ = make_tokenizer(options.tokenizer);
    side.vocabulary_ = Vocabulary::from_text(content, path.string());
  }
  return side;
}

void TextSide::save(const std::string& directory, const std::string& stem) const {
  write_file_atomically(bundle_file(options_, directory, stem),
                        uses_sentencepiece(options_) ? sentencepiece_ : vocabulary_.to_text());
}

TextSide TextSide::of_vocabulary(Vocabulary vocabulary) {
  TextSide side;
  side.options_.tokenizer = "spaces";
  side.options_.vocabulary = vocabulary.size();
  side.tokenizer_ = make_tokenizer("spaces");
  side.vocabulary_ = std::move(vocabulary);
  return side;
}

std::string_view TextSide::front(std::string_view sentence, int tokens) {
  const std::size_t most = static_cast<std::size_t>(tokens) * kBytesPerToken;
  if (tokens <= 0 || sentence.size() <= most) return sentence;
  return sentence.substr(0, utf8::boundary_before(sentence, most));
}

Encoding TextSide::encode(std::string_view sentence) const {
  check_utf8(sentence);
  Encoding encoding;
  encoding.pieces = split(sentence);
  encoding.ids.reserve(encoding.pieces.size());
  for (const Piece& piece : encoding.pieces) encoding.ids.push_back(id(piece.text));
  return encoding;
}

std::string TextSide::as_written(std::string_view sentence) const { return as_written(encode(sentence)); }

std::string TextSide::as_written(const Encoding& sentence) const {
  std::vector<std::string> tokens;
  tokens.reserve(sentence.pieces.size());
  for (const Piece& piece : sentence.pieces) tokens.push_back(piece.text);
  return tokenizer_->join(tokens);
}

int TextSide::id(std::string_view token) const {
  // A "</s>" that stands in the text is no EOS.
  const int found = vocabulary_.id(token);
  return found < Vocabulary::kSpecials ? Vocabulary::kUnknown : found;
}

std::string TextSide::decode(std::span<const int> ids) const {
  std::vector<std::string> pieces;
  pieces.reserve(ids.size());
  for (const int id : ids) {
    if (id != Vocabulary::kBegin && id != Vocabulary::kEnd) pieces.push_back(token(id));
  }
  return tokenizer_->join(pieces);
}

const std::string& TextSide::token(int id) const { return vocabulary_.token(id); }

int TextSide::vocabulary_size() const { return vocabulary_.size(); }

std::vector<Piece> TextSide::split(std::string_view sentence) const {
  if (utf8::is_blank(sentence)) return {};  // whatever the tokenizer: blanks alone are an empty line
  if (!options_.lowercase) return tokenizer_->split(sentence);
  const Lowered lowered = lower(sentence);
  std::vector<Piece> pieces = tokenizer_->split(lowered.text);
  for (Piece& piece : pieces) {
    piece.begin = lowered.origin[piece.begin];
    piece.end = lowered.origin[piece.end];
  }
  return pieces;
}

void TextSide::use_sentencepiece(std::string model, const std::string& name) {
  std::unique_ptr<SentencePieceTokenizer> tokenizer;
  try {
    tokenizer = std::make_unique<SentencePieceTokenizer>(model);
  } catch (const Error& e) {
    throw Error::at({.file = name}, e.what(), ErrorKind::kModel);
  }
  // The model's first pieces are our specials, so its ids are the vocabulary's.
  vocabulary_ = Vocabulary::from_tokens(tokenizer->pieces(), name);
  tokenizer_ = std::move(tokenizer);
  sentencepiece_ = std::move(model);
}

}  // namespace heed
