#include "sentencepiece_check.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <protozero/pbf_reader.hpp>

#include "heed/base/error.h"
#include "heed/base/utf8.h"
#include "heed/text/vocabulary.h"

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

// sentencepiece_model.proto, ModelProto.SentencePiece.Type
constexpr std::uint64_t kNormal = 1;
constexpr std::uint64_t kUnknown = 2;
constexpr std::uint64_t kControl = 3;
constexpr std::uint64_t kByte = 6;

void check_piece(Message message, int id) {
  constexpr std::size_t kLongest = 1024;  // bytes; training makes no piece of more than 16 characters
  constexpr float kMostScore = 1e9F;      // a sum of them is still a number
  std::string_view piece;
  std::uint64_t type = kNormal;
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
  const std::uint64_t expected = id == Vocabulary::kUnknown ? kUnknown : kControl;
  if (id < Vocabulary::kSpecials && type != expected) {
    fail(fmt::format("piece {} is another; expected <unk>, <s> and </s> as pieces 0, 1 and 2", id));
  }
  if (type < kNormal || type > kByte || (id >= Vocabulary::kSpecials && type == kUnknown)) {
    fail(fmt::format("the type of piece {}", id));
  }
  if (type == kByte) refuse("has pieces for bytes, which are not joined to characters: train it without byte_fallback");
}

/// The library's own tables for characters are used as they lie in the model, unchecked. Models that Heed makes have
/// none.
void check_normalizer(Message message) {
  while (message.next()) {
    if (message.tag() != 2) {
      message.skip();
    } else if (!bytes_of(message).empty()) {
      refuse(
          "normalises text (it has a precompiled_charsmap), which is not read from a model; train it with "
          "normalization_rule_name=identity");
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
  int pieces = 0;
  bool whole = false;  // what stands behind the pieces is there
  while (message.next()) {
    if (message.tag() == 1) {
      check_piece(message_of(message), pieces++);
    } else if (message.tag() == 2) {
      check_trainer(message_of(message));
      whole = true;
    } else if (message.tag() == 3 || message.tag() == 5) {
      check_normalizer(message_of(message));
    } else {
      message.skip();
    }
  }
  if (pieces <= Vocabulary::kSpecials) fail("it has no pieces");
  if (!whole) fail("it ends behind its pieces");
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
