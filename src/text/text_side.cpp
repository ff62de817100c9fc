#include "heed/text/text_side.h"

#include <fmt/format.h>

#include <filesystem>

#include "heed/base/atomic_file.h"
#include "heed/base/error.h"
#include "heed/base/regular_file.h"
#include "heed/base/settings.h"
#include "heed/base/utf8.h"
#include "heed/text/side_files.h"
#include "heed/text/text_side_builder.h"
#include "preparation.h"
#include "sentencepiece_check.h"
#include "sentencepiece_model.h"
#include "sentencepiece_tokenizer.h"
#include "symbols.h"

namespace heed {
namespace {

// Of a file that a user gives, which may be any.
constexpr std::uintmax_t kMostOfModel = std::uintmax_t{256} << 20;

constexpr const char* kVocabularyEnding = ".vocabulary";
constexpr const char* kSentencePieceEnding = ".sentencepiece";
constexpr const char* kFeatures = ".features.";

/// Of a file that a bundle must have.
std::string bundle_text(const Folder& bundle, const std::string& file) {
  if (bundle.has(file)) return bundle.read(file, kMostOfFile);
  const std::string path = bundle.path(file).string();
  throw Error(ErrorKind::kModel, "'" + path + "' is missing: " + kBundleFiles, {.file = path});
}

void check_utf8(std::string_view sentence) {
  if (const auto bad = utf8::first_invalid(sentence)) {
    throw Error(fmt::format("invalid UTF-8 at byte {} of the sentence", *bad + 1));
  }
}

}  // namespace

bool TextOptions::cuts_like(const TextOptions& other) const {
  return tokenizer == other.tokenizer && lowercase == other.lowercase && normalization == other.normalization &&
         symbols == other.symbols;
}

void TextOptions::describe(Settings& settings, const std::string& prefix) {
  std::vector<std::string> kinds = tokenizer_kinds();
  kinds.insert(kinds.begin(), kAuto);
  settings.choice(prefix + ".tokenizer", &tokenizer, kinds,
                  "how a sentence is cut into tokens; auto: as the first lines of the training text suggest");
  settings.integer(prefix + ".vocabulary", &vocabulary, {0, 10000000},
                   "most tokens in the vocabulary, with 3 specials; 0 = all");
  settings.integer(prefix + ".min_count", &min_count, {1},
                   "tokens seen less often in training are unknown (not for sentencepiece)");
  settings.boolean(prefix + ".lowercase", &lowercase, "read the text in lower case");
  settings.choice(prefix + ".normalization", &normalization, {"none", "nfc", "nfkc"},
                  "normal form of Unicode in which text is read");
  settings.integer(prefix + ".max_length", &max_length, {0},
                   "training sentences with more tokens are left out; 0 = no limit");
  settings.texts(prefix + ".symbols", &symbols, "one token each wherever they stand, and always in the vocabulary");
  settings.text(
      prefix + ".model", &model,
      "a SentencePiece model, a vocabulary of one token a line, or a bundle, which is taken; empty: made here");
  settings.choice(prefix + ".algorithm", &algorithm, {"unigram", "bpe"}, "how sentencepiece chooses its pieces");
  settings.real(prefix + ".coverage", &coverage, {0.98, 1},
                "share of the text's characters that sentencepiece's pieces can spell; rarer ones are unknown");
  settings.integer(prefix + ".threads", &threads, {1, 128},
                   "threads in which sentencepiece learns; another number may give other pieces");
  settings.integer(prefix + ".sample", &sample, {0, 1e9},
                   "if not 0: sentencepiece learns from this many sentences, drawn at random");
  settings.real(prefix + ".sampling", &sampling, {0, 10},
                "if not 0: training cuts each sentence anew at random each time: of unigram the exponent of each "
                "segmentation's probability, of bpe the share of merges that are left out");
}

void TextOptions::describe_direction(Settings& settings, const std::string& prefix) {
  settings.boolean(prefix + ".reversed", &reversed,
                   "write the target from its last token to its first, for rescoring what other models wrote");
}

void TextOptions::describe_end(Settings& settings, const std::string& prefix) {
  settings.boolean(prefix + ".end", &end.always, "read </s> behind each source");
}

TextSide TextSide::build(const TextOptions& options, std::span<const std::string> sentences) {
  Builder builder(options);
  for (const std::string& sentence : sentences) {
    check_utf8(sentence);
    builder.add(sentence);
  }
  return builder.finish().side;
}

std::string tokens_file(const TextOptions& options, const std::string& stem) {
  return stem + (options.uses_sentencepiece() ? kSentencePieceEnding : kVocabularyEnding);
}

std::string feature_file(const FeatureOptions& feature, const std::string& stem) {
  return stem + kFeatures + feature.name + kVocabularyEnding;
}

bool have_one_sentencepiece(const Folder& bundle, const SideFiles& a, const SideFiles& b) {
  if (!a.options.uses_sentencepiece() || !b.options.uses_sentencepiece()) return false;
  const auto text = [&](const SideFiles& side) { return bundle_text(bundle, tokens_file(side.options, side.stem)); };
  return text(a) == text(b);
}

TextSide TextSide::load(const TextOptions& options, const Folder& bundle, const std::string& stem,
                        const TextSide* other) {
  const std::string file = tokens_file(options, stem);
  const std::string path = bundle.path(file).string();
  TextSide side;
  side.set_options(options);
  std::string content = bundle_text(bundle, file);
  if (!options.uses_sentencepiece()) {
    side.vocabulary_ = Vocabulary::from_text(content, path);
  } else if (other != nullptr && other->sentencepiece_ == content && other->options_.symbols == options.symbols) {
    side.tokenizer_ = other->tokenizer_;
    side.vocabulary_ = other->vocabulary_;
    side.sentencepiece_ = std::move(content);
  } else {
    side.use_sentencepiece(std::move(content), path);
  }
  for (const FeatureOptions& feature : options.features()) {
    const std::string values = feature_file(feature, stem);
    side.features_.push_back(Vocabulary::from_text(bundle_text(bundle, values), bundle.path(values).string()));
  }
  return side;
}

bool TextSide::is_file_of(const std::string& stem, const std::string& name) {
  const bool of_feature = name.starts_with(stem + kFeatures) && name.ends_with(kVocabularyEnding);
  return name == stem + kVocabularyEnding || name == stem + kSentencePieceEnding || of_feature;
}

TextSide TextSide::of_model(const TextOptions& options, const std::string& stem) {
  if (std::filesystem::is_directory(options.model)) {
    TextOptions tokens = options;  // features are of the data, whatever the bundle has
    tokens.feature = {};
    tokens.more_features.clear();
    TextSide side = load(tokens, std::filesystem::path(options.model), stem);
    side.options_ = options;
    return side;
  }
  TextSide side;
  side.set_options(options);
  std::string content = read_front(options.model, kMostOfModel + 1);
  if (content.size() > kMostOfModel) {
    throw Error::at({.file = options.model},
                    fmt::format("more than {} MiB, which no vocabulary or SentencePiece model has", kMostOfModel >> 20),
                    ErrorKind::kModel);
  }
  if (options.uses_sentencepiece()) {
    side.use_sentencepiece(std::move(content), options.model);
  } else {
    side.vocabulary_ = Vocabulary::from_list(content, options.model);
    side.vocabulary_.add_missing(options.symbols);
  }
  return side;
}

void TextSide::save(const std::string& directory, const std::string& stem) const {
  const std::filesystem::path bundle = directory;
  write_file_atomically(bundle / tokens_file(options_, stem),
                        options_.uses_sentencepiece() ? sentencepiece_ : vocabulary_.to_text());
  const std::vector<FeatureOptions> features = options_.features();
  for (std::size_t f = 0; f < features.size(); ++f)
    write_file_atomically(bundle / feature_file(features[f], stem), features_[f].to_text());
}

TextSide TextSide::of_vocabulary(Vocabulary vocabulary) {
  TextOptions options;
  options.tokenizer = "spaces";
  options.vocabulary = vocabulary.size();
  TextSide side;
  side.set_options(options);
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
  if (!changes_text(options_)) return tokenizer_->split(sentence);
  const Prepared prepared = prepare(sentence, options_, *symbols_);
  std::vector<Piece> pieces = tokenizer_->split(prepared.text);
  for (Piece& piece : pieces) {
    piece.begin = prepared.origin[piece.begin];
    piece.end = prepared.origin[piece.end];
  }
  return pieces;
}

void TextSide::set_options(const TextOptions& options) {
  options_ = options;
  symbols_ = std::make_shared<const Symbols>(options.symbols);
  if (!options.uses_sentencepiece()) tokenizer_ = make_tokenizer(options.tokenizer, options.symbols);
}

void TextSide::use_sentencepiece(std::string model, const std::string& name) {
  std::unique_ptr<SentencePieceTokenizer> tokenizer;
  try {
    if (!symbols_->empty()) {
      check_sentencepiece_model(model);
      model = with_symbols(model, options_.symbols);
    }
    tokenizer = std::make_unique<SentencePieceTokenizer>(model, *symbols_);
  } catch (const Error& e) {
    throw Error::at({.file = name}, e.what(), ErrorKind::kModel);
  }
  vocabulary_ = Vocabulary::from_tokens(tokenizer->pieces(), name);
  tokenizer_ = std::move(tokenizer);
  sentencepiece_ = std::move(model);
}

}  // namespace heed
