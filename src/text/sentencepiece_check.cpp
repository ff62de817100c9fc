#include "sentencepiece_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <protozero/pbf_reader.hpp>

#include "heed/base/error.h"
#include "heed/base/utf8.h"
#include "heed/text/vocabulary.h"
#include "sentencepiece_model.h"

namespace heed {
namespace {

[[noreturn]] void fail(const std::string& what) {
  throw Error(ErrorKind::kModel, "not a SentencePiece model, or a damaged one: " + what);
}

[[noreturn]] void refuse(const std::string& what) { throw Error(ErrorKind::kModel, "the SentencePiece model " + what); }

/// A protobuf message: a reader that stands before its first field, or at one of its fields.
using Message = protozero::pbf_reader;
using Wire = protozero::pbf_wire_type;

void expect(const Message& field, Wire type) {
  if (!field.has_wire_type(type)) fail(fmt::format("field {} has a wrong type", field.tag()));
}

std::string_view bytes_of(Message& field) {
  expect(field, Wire::length_delimited);
  const protozero::data_view view = field.get_view();
  return {view.data(), view.size()};
}

Message message_of(Message& field) {
  expect(field, Wire::length_delimited);
  return field.get_message();
}

/// What stands in a model so far.
struct Seen {
  int pieces = 0;
  int unknown = 0;   // pieces for what others do not spell
  int ordinary = 0;  // that text can become
  int bytes = 0;
  bool whole = false;  // what stands behind the pieces is there
};

void count_piece(std::string_view piece, std::uint64_t said, Seen& seen) {
  const int id = seen.pieces++;
  const auto type = static_cast<PieceType>(said);
  if (said < 1 || said > static_cast<std::uint64_t>(PieceType::kByte)) fail(fmt::format("the type of piece {}", id));
  if (type == PieceType::kUnknown && ++seen.unknown > 1)
    fail(fmt::format("piece {} is a second one for unknown text", id));
  if (type == PieceType::kByte && piece != fmt::format("<0x{:02X}>", seen.bytes++))
    fail(fmt::format("piece {} is no byte", id));
  if (type == PieceType::kUnknown || type == PieceType::kControl) return;
  ++seen.ordinary;
  if (Vocabulary::is_special(piece))
    refuse(fmt::format("has text become its piece {}, '{}', which is a special of every vocabulary", id, piece));
}

void check_piece(Message message, Seen& seen) {
  const int id = seen.pieces;
  constexpr std::size_t kLongest = 1024;  // bytes; training makes no piece of more than 16 characters
  constexpr float kMostScore = 1e9F;      // a sum of them is still a number
  std::string_view piece;
  auto type = static_cast<std::uint64_t>(PieceType::kNormal);
  while (message.next()) {
    if (message.tag() == 1) {
      piece = bytes_of(message);
    } else if (message.tag() == 2) {
      expect(message, Wire::fixed32);
      if (!(std::abs(message.get_float()) <= kMostScore)) fail(fmt::format("the score of piece {}", id));
    } else if (message.tag() == 3) {
      expect(message, Wire::varint);
      type = message.get_uint64();
    } else {
      message.skip();
    }
  }
  if (piece.empty() || piece.size() > kLongest || utf8::first_invalid(piece) ||
      piece.find('\0') != std::string_view::npos) {
    fail(fmt::format("the text of piece {}", id));
  }
  if (piece.find_first_of("\r\n") != std::string_view::npos)
    refuse(fmt::format("has a line break in piece {}, which no line can have", id));
  count_piece(piece, type, seen);
}

/// The map of characters of one direction is read by CharacterMap, that of the other by nobody.
void check_normalizer(Message message, bool is_of_output) {
  while (message.next()) {
    switch (message.tag()) {
      case 2:
        if (!bytes_of(message).empty() && is_of_output)
          refuse("changes what is joined (denormalizer_spec): train it without denormalization_rule_tsv");
        break;
      case 3:
      case 4:
      case 5:
        expect(message, Wire::varint);
        if (message.tag() == 5 && !message.get_bool())
          refuse("keeps spaces as they are: train it without escape_whitespaces=false");
        if (message.tag() != 5) message.skip();
        break;
      default:
        message.skip();
    }
  }
}

void check_trainer(Message message) {
  constexpr std::uint32_t kWhitespaceAsSuffix = 24;
  while (message.next()) {
    if (message.tag() != kWhitespaceAsSuffix) {
      message.skip();
      continue;
    }
    expect(message, Wire::varint);
    if (message.get_bool()) {
      refuse("marks the ends of words in place of their beginnings: train it without treat_whitespace_as_suffix");
    }
  }
}

void check_model(Message message) {
  Seen seen;
  while (message.next()) {
    if (message.tag() == 1) {
      check_piece(message_of(message), seen);
    } else if (message.tag() == 2) {
      check_trainer(message_of(message));
      seen.whole = true;
    } else if (message.tag() == 3 || message.tag() == 5) {
      check_normalizer(message_of(message), message.tag() == 5);
    } else {
      message.skip();
    }
  }
  if (seen.ordinary == 0) fail("it has no pieces");
  if (seen.unknown == 0) fail("it has no piece for unknown text");
  if (seen.bytes != 0 && seen.bytes != 256) fail("it has pieces for some bytes only");
  if (!seen.whole) fail("it ends behind its pieces");
}

}  // namespace

void check_sentencepiece_model(std::string_view model) {
  try {
    check_model(Message(model.data(), model.size()));
  } catch (const protozero::exception&) {
    fail("its fields cannot be read");
  }
}

}  // namespace heed
