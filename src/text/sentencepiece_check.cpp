#include "sentencepiece_check.h"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <cstdint>

#include "heed/base/error.h"
#include "heed/base/utf8.h"
#include "heed/text/vocabulary.h"

namespace heed {
namespace {

[[noreturn]] void fail(const std::string& what) { throw Error("not a SentencePiece model, or a damaged one: " + what); }

enum class Wire { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

/// A field of a protobuf message.
struct Field {
  std::uint64_t number = 0;
  Wire wire = Wire::kVarint;
  std::uint64_t value = 0;  // of what is no kBytes
  std::string_view bytes;

  float real() const {
    if (wire != Wire::kFixed32) fail("a score is no number");
    return std::bit_cast<float>(static_cast<std::uint32_t>(value));
  }
  std::string_view text() const {
    if (wire != Wire::kBytes) fail(fmt::format("field {} has a wrong type", number));
    return bytes;
  }
};

/// The fields of a message, one after the other (protobuf's wire format).
class Message {
 public:
  explicit Message(std::string_view bytes) : rest_(bytes) {}

  bool next(Field& field) {
    if (rest_.empty()) return false;
    const std::uint64_t key = varint();
    field = {key >> 3, static_cast<Wire>(key & 7), 0, {}};
    if (field.number == 0) fail("a field without a number");
    switch (field.wire) {
      case Wire::kVarint:
        field.value = varint();
        return true;
      case Wire::kFixed64:
        field.value = fixed(8);
        return true;
      case Wire::kFixed32:
        field.value = fixed(4);
        return true;
      case Wire::kBytes:
        field.bytes = take(varint());
        return true;
    }
    fail("a field of an unknown type");
  }

 private:
  std::string_view take(std::uint64_t size) {
    if (size > rest_.size()) fail("it is cut off");
    const std::string_view out = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return out;
  }
  std::uint64_t fixed(unsigned size) {
    std::uint64_t out = 0;
    unsigned shift = 0;
    for (const char byte : take(size)) {
      out |= std::uint64_t{static_cast<unsigned char>(byte)} << shift;
      shift += 8;
    }
    return out;
  }
  std::uint64_t varint() {
    std::uint64_t out = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const auto byte = static_cast<unsigned char>(take(1).front());
      out |= std::uint64_t{byte & 0x7fU} << shift;
      if (byte < 0x80) return out;
    }
    fail("a number is too long");
  }

  std::string_view rest_;
};

// sentencepiece_model.proto, ModelProto.SentencePiece.Type
constexpr std::uint64_t kNormal = 1;
constexpr std::uint64_t kUnknown = 2;
constexpr std::uint64_t kControl = 3;
constexpr std::uint64_t kLastType = 6;

void check_piece(std::string_view bytes, int id) {
  constexpr std::size_t kLongest = 1024;  // bytes; training makes no piece of more than 16 characters
  constexpr float kMostScore = 1e9F;      // a sum of them is still a number
  std::string_view piece;
  std::uint64_t type = kNormal;
  Message message(bytes);
  for (Field field; message.next(field);) {
    if (field.number == 1) piece = field.text();
    if (field.number == 2 && !(std::abs(field.real()) <= kMostScore)) fail(fmt::format("the score of piece {}", id));
    if (field.number == 3) type = field.value;
  }
  if (piece.empty() || piece.size() > kLongest || utf8::first_invalid(piece) ||
      piece.find('\0') != std::string_view::npos) {
    fail(fmt::format("the text of piece {}", id));
  }
  const std::uint64_t expected = id == Vocabulary::kUnknown ? kUnknown : kControl;
  const bool special = id < Vocabulary::kSpecials;
  if (type < kNormal || type > kLastType || (special ? type != expected : type == kUnknown)) {
    fail(fmt::format("the type of piece {}", id));
  }
}

/// The library's own tables for characters are used as they lie in the model, unchecked. Models that Heed makes have
/// none.
void check_normalizer(std::string_view bytes) {
  Message message(bytes);
  for (Field field; message.next(field);) {
    if (field.number == 2 && !field.text().empty()) {
      throw Error(
          "the SentencePiece model normalises text (it has a precompiled_charsmap), which is not read from a model; "
          "train it with normalization_rule_name=identity");
    }
  }
}

}  // namespace

void check_sentencepiece_model(std::string_view model) {
  int pieces = 0;
  Message message(model);
  for (Field field; message.next(field);) {
    if (field.number == 1) check_piece(field.text(), pieces++);
    if (field.number == 3 || field.number == 5) check_normalizer(field.text());
  }
  if (pieces <= Vocabulary::kSpecials) fail("it has no pieces");
}

}  // namespace heed
