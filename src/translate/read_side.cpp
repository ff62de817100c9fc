#include "read_side.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "heed/base/error.h"

namespace heed {
namespace {

/// A model's answer, whose text does not tell what was unknown.
std::optional<Encoding> encoding_of(const TextSide& side, const std::string& sentence,
                                    const std::vector<std::string>& tokens) {
  const std::string& unknown = side.token(Vocabulary::kUnknown);
  if (std::ranges::find(tokens, unknown) == tokens.end()) return std::nullopt;
  const Joined joined = side.join_pieces(tokens);
  if (joined.text != sentence) return std::nullopt;
  const Encoding of_text = side.encode(sentence);
  Encoding out;
  for (std::size_t t = 0; t < tokens.size(); ++t) {
    const int id = side.id(tokens[t]);
    const auto is_token = [&](const Piece& piece) { return piece.text == tokens[t]; };
    if (id == Vocabulary::kUnknown && tokens[t] != unknown && std::ranges::none_of(of_text.pieces, is_token))
      return std::nullopt;
    out.ids.push_back(id);
    out.pieces.push_back({tokens[t], joined.ranges[t].begin, joined.ranges[t].end});
  }
  return out;
}

}  // namespace

Encoding read_side(const TextSide& side, const std::string& sentence, const std::vector<std::string>& known,
                   int max_length) {
  const std::string_view front = TextSide::front(sentence, max_length);
  const bool whole = front.size() == sentence.size();
  std::optional<Encoding> answer = whole ? encoding_of(side, sentence, known) : std::nullopt;
  Encoding encoding = answer ? std::move(*answer) : side.encode(front);
  if (!whole || (max_length > 0 && encoding.ids.size() > static_cast<std::size_t>(max_length))) {
    const std::string size = whole ? fmt::format("{} tokens", encoding.ids.size())
                                   : fmt::format("{} bytes, of which {} are looked at", sentence.size(), front.size());
    throw Error(fmt::format("the sentence has {}, more than the max-length of {}", size, max_length));
  }
  return encoding;
}

}  // namespace heed
