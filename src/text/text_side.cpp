#include "heed/text/text_side.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "heed/base/atomic_file.h"
#include "heed/base/error.h"
#include "heed/base/utf8.h"
#include "sentencepiece_tokenizer.h"

namespace heed {
namespace {

bool uses_sentencepiece(const TextOptions& options) { return options.tokenizer == "sentencepiece"; }

std::filesystem::path bundle_file(const TextOptions& options, const std::string& directory, const std::string& stem) {
  return std::filesystem::path(directory) / (stem + (uses_sentencepiece(options) ? ".sentencepiece" : ".vocabulary"));
}

// A sentence in lower case, and for each of its bytes (and its end) where that stands in the original.
struct Lowered {
  std::string text;
  std::vector<std::size_t> origin;
};

Lowered lower(std::string_view sentence) {
  Lowered out;
  for (std::size_t at = 0; at < sentence.size();) {
    const std::size_t length = utf8::append_lower(out.text, sentence, at);
    out.origin.resize(out.text.size(), at);
    at += length;
  }
  out.origin.push_back(sentence.size());
  return out;
}

std::vector<Piece> split(const Tokenizer& tokenizer, const TextOptions& options, std::string_view sentence) {
  if (const auto bad = utf8::first_invalid(sentence)) {
    throw Error(fmt::format("invalid UTF-8 at byte {} of the sentence", *bad + 1));
  }
  if (utf8::is_blank(sentence)) return {};  // whatever the tokenizer: blanks alone are an empty line
  if (!options.lowercase) return tokenizer.split(sentence);
  const Lowered lowered = lower(sentence);
  std::vector<Piece> pieces = tokenizer.split(lowered.text);
  for (Piece& piece : pieces) {
    piece.begin = lowered.origin[piece.begin];
    piece.end = lowered.origin[piece.end];
  }
  return pieces;
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
  if (options.vocabulary != 0 && options.vocabulary <= Vocabulary::kSpecials) {
    throw UsageError(fmt::format("a vocabulary of {} has no room for tokens; expected 0 (all) or at least {}",
                                 options.vocabulary, Vocabulary::kSpecials + 1));
  }
  TextSide side;
  side.options_ = options;
  if (uses_sentencepiece(options)) {
    std::vector<std::string> lowered;
    for (std::size_t i = 0; options.lowercase && i < sentences.size(); ++i)
      lowered.push_back(utf8::lowercase(sentences[i]));
    const std::span<const std::string> text = options.lowercase ? std::span<const std::string>(lowered) : sentences;
    side.use_sentencepiece(train_sentencepiece(text, options.vocabulary), "SentencePiece");
    return side;
  }
  side.tokenizer_ = make_tokenizer(options.tokenizer);
  std::unordered_map<std::string, long> counts;
  for (const std::string& sentence : sentences) {
    for (Piece& piece : split(*side.tokenizer_, options, front(sentence, options.max_length)))
      ++counts[std::move(piece.text)];
  }
  side.vocabulary_ = Vocabulary::from_counts(counts, options.vocabulary, options.min_count);
  if (side.vocabulary_size() == Vocabulary::kSpecials && options.min_count > 1 && !counts.empty()) {
    const auto most = std::max_element(counts.begin(), counts.end(),
                                       [](const auto& a, const auto& b) { return a.second < b.second; });
    throw UsageError(fmt::format("a min_count of {} leaves no token: the most frequent of {} stands there {} times",
                                 options.min_count, counts.size(), most->second));
  }
  return side;
}

TextSide TextSide::load(const TextOptions& options, const std::string& directory, const std::string& stem) {
  const std::filesystem::path path = bundle_file(options, directory, stem);
  if (!std::filesystem::exists(path)) {
    throw Error("'" + path.string() +
                "' is missing: a bundle holds config.yaml, parameters.safetensors and its vocabularies");
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
  Encoding encoding;
  encoding.pieces = split(*tokenizer_, options_, sentence);
  encoding.ids.reserve(encoding.pieces.size());
  for (const Piece& piece : encoding.pieces) encoding.ids.push_back(id(piece.text));
  return encoding;
}

std::string TextSide::as_written(std::string_view sentence) const {
  std::vector<std::string> tokens;
  for (Piece& piece : split(*tokenizer_, options_, sentence)) tokens.push_back(std::move(piece.text));
  return tokenizer_->join(tokens);
}

int TextSide::id(std::string_view token) const {
  // A "</s>" that stands in the text is no end mark.
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

void TextSide::use_sentencepiece(std::string model, const std::string& name) {
  std::unique_ptr<SentencePieceTokenizer> tokenizer;
  try {
    tokenizer = std::make_unique<SentencePieceTokenizer>(model);
  } catch (const Error& e) {
    throw Error(name + ": " + e.what());
  }
  // The model's first pieces are our specials, so its ids are the vocabulary's.
  vocabulary_ = Vocabulary::from_tokens(tokenizer->pieces(), name);
  tokenizer_ = std::move(tokenizer);
  sentencepiece_ = std::move(model);
}

}  // namespace heed
