#include "sentencepiece_model.h"

#include <algorithm>
#include <limits>
#include <protozero/pbf_reader.hpp>
#include <protozero/pbf_writer.hpp>

#include "heed/text/vocabulary.h"

namespace heed {
namespace {

// sentencepiece_model.proto
constexpr protozero::pbf_tag_type kPieces = 1;
constexpr protozero::pbf_tag_type kPieceText = 1;
constexpr protozero::pbf_tag_type kPieceScore = 2;
constexpr protozero::pbf_tag_type kPieceType = 3;
constexpr protozero::pbf_tag_type kTrainer = 2;
constexpr protozero::pbf_tag_type kModelType = 3;
constexpr protozero::pbf_tag_type kNormalizer = 3;
constexpr protozero::pbf_tag_type kCharsmap = 2;
constexpr protozero::pbf_tag_type kAddsSpace = 3;
constexpr protozero::pbf_tag_type kRemovesSpaces = 4;

std::string text_of(protozero::pbf_reader piece) { return piece.next(kPieceText) ? piece.get_string() : std::string(); }

std::string symbol_piece(const std::string& symbol) {
  std::string out;
  protozero::pbf_writer piece(out);
  piece.add_string(kPieceText, symbol);
  piece.add_enum(kPieceType, static_cast<int>(PieceType::kUserDefined));
  return out;
}

void add_piece(protozero::pbf_reader piece, PieceTable& out) {
  std::string text;
  float score = 0;
  auto type = PieceType::kNormal;
  while (piece.next()) {
    if (piece.tag() == kPieceText) {
      text = piece.get_string();
    } else if (piece.tag() == kPieceScore) {
      score = piece.get_float();
    } else if (piece.tag() == kPieceType) {
      type = static_cast<PieceType>(piece.get_enum());
    } else {
      piece.skip();
    }
  }
  if (type == PieceType::kUnknown || type == PieceType::kControl) return;
  if (type == PieceType::kUserDefined) out.symbols.push_back(text);
  out.has_bytes = out.has_bytes || type == PieceType::kByte;
  out.pieces.push_back(std::move(text));
  out.scores.push_back(type == PieceType::kNormal ? score : std::numeric_limits<float>::quiet_NaN());
}

void read_normalizer(protozero::pbf_reader normalizer, PieceTable& out) {
  while (normalizer.next()) {
    if (normalizer.tag() == kCharsmap) {
      out.charsmap = normalizer.get_bytes();
    } else if (normalizer.tag() == kAddsSpace) {
      out.adds_space = normalizer.get_bool();
    } else if (normalizer.tag() == kRemovesSpaces) {
      out.removes_spaces = normalizer.get_bool();
    } else {
      normalizer.skip();
    }
  }
}

/// A copy of a message in which `change`, at a field, may write another in its place and say so.
template <typename Change>
std::string rewritten(std::string_view message, const Change& change) {
  std::string out;
  protozero::pbf_writer writer(out);
  protozero::pbf_reader reader(message.data(), message.size());
  for (const char* begin = reader.data().data(); reader.next(); begin = reader.data().data()) {
    if (change(reader, writer)) continue;
    out.append(begin, reader.data().data());
  }
  return out;
}

}  // namespace

PieceTable piece_table(std::string_view model) {
  PieceTable out;
  out.pieces = Vocabulary().tokens();
  out.scores.resize(out.pieces.size(), std::numeric_limits<float>::quiet_NaN());
  protozero::pbf_reader reader(model.data(), model.size());
  while (reader.next()) {
    if (reader.tag() == kPieces) {
      add_piece(reader.get_message(), out);
    } else if (reader.tag() == kTrainer) {
      protozero::pbf_reader trainer = reader.get_message();
      while (trainer.next(kModelType)) out.type = static_cast<PieceTable::Type>(trainer.get_enum());
    } else if (reader.tag() == kNormalizer) {
      read_normalizer(reader.get_message(), out);
    } else {
      reader.skip();
    }
  }
  return out;
}

std::string without_charsmap(std::string_view model) {
  const auto drop = [](protozero::pbf_reader& field, protozero::pbf_writer&) {
    const bool drops = field.tag() == kCharsmap;
    field.skip();
    return drops;
  };
  return rewritten(model, [&](protozero::pbf_reader& field, protozero::pbf_writer& out) {
    if (field.tag() != kNormalizer) {
      field.skip();
      return false;
    }
    const protozero::data_view normalizer = field.get_view();
    out.add_message(kNormalizer, rewritten({normalizer.data(), normalizer.size()}, drop));
    return true;
  });
}

std::string with_symbols(std::string_view model, const std::vector<std::string>& symbols) {
  std::vector<std::string> missing = symbols;
  std::string out = rewritten(model, [&](protozero::pbf_reader& field, protozero::pbf_writer& writer) {
    if (field.tag() != kPieces) {
      field.skip();
      return false;
    }
    const auto found = std::find(missing.begin(), missing.end(), text_of(field.get_message()));
    if (found == missing.end()) return false;
    writer.add_message(kPieces, symbol_piece(*found));
    missing.erase(found);
    return true;
  });
  protozero::pbf_writer writer(out);
  for (const std::string& symbol : missing) writer.add_message(kPieces, symbol_piece(symbol));
  return out;
}

}  // namespace heed
