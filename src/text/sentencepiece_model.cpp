#include "sentencepiece_model.h"

#include <algorithm>
#include <limits>
#include <protozero/pbf_reader.hpp>
#include <protozero/pbf_writer.hpp>

namespace heed {
namespace {

// sentencepiece_model.proto
constexpr protozero::pbf_tag_type kPieces = 1;
constexpr protozero::pbf_tag_type kPieceText = 1;
constexpr protozero::pbf_tag_type kPieceScore = 2;
constexpr protozero::pbf_tag_type kPieceType = 3;
constexpr protozero::pbf_tag_type kTrainer = 2;
constexpr protozero::pbf_tag_type kModelType = 3;
constexpr int kNormalType = 1;
constexpr int kUserDefined = 4;

std::string text_of(protozero::pbf_reader piece) { return piece.next(kPieceText) ? piece.get_string() : std::string(); }

std::string symbol_piece(const std::string& symbol) {
  std::string out;
  protozero::pbf_writer piece(out);
  piece.add_string(kPieceText, symbol);
  piece.add_enum(kPieceType, kUserDefined);
  return out;
}

float score_of(protozero::pbf_reader piece) {
  float score = 0;
  int type = kNormalType;
  while (piece.next()) {
    if (piece.tag() == kPieceScore) {
      score = piece.get_float();
    } else if (piece.tag() == kPieceType) {
      type = piece.get_enum();
    } else {
      piece.skip();
    }
  }
  return type == kNormalType ? score : std::numeric_limits<float>::quiet_NaN();
}

}  // namespace

PieceScores piece_scores(std::string_view model) {
  PieceScores out;
  protozero::pbf_reader reader(model.data(), model.size());
  while (reader.next()) {
    if (reader.tag() == kPieces) {
      out.scores.push_back(score_of(reader.get_message()));
    } else if (reader.tag() == kTrainer) {
      protozero::pbf_reader trainer = reader.get_message();
      while (trainer.next(kModelType)) out.type = static_cast<PieceScores::Type>(trainer.get_enum());
    } else {
      reader.skip();
    }
  }
  return out;
}

std::string with_symbols(std::string_view model, const std::vector<std::string>& symbols) {
  std::string out;
  protozero::pbf_writer writer(out);
  std::vector<std::string> missing = symbols;
  protozero::pbf_reader reader(model.data(), model.size());
  for (const char* begin = reader.data().data(); reader.next(); begin = reader.data().data()) {
    if (reader.tag() == kPieces) {
      const auto found = std::find(missing.begin(), missing.end(), text_of(reader.get_message()));
      if (found != missing.end()) {
        writer.add_message(kPieces, symbol_piece(*found));
        missing.erase(found);
        continue;
      }
    } else {
      reader.skip();
    }
    out.append(begin, reader.data().data());
  }
  for (const std::string& symbol : missing) writer.add_message(kPieces, symbol_piece(symbol));
  return out;
}

}  // namespace heed
