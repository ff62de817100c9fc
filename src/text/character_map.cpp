#include "character_map.h"

#include <algorithm>
#include <cstring>

#include "heed/base/error.h"
#include "heed/base/utf8.h"

namespace heed {
namespace {

// A unit of Darts-clone: whether its node has a value, which byte leads to it, and how far its children are.
bool has_value(std::uint32_t unit) { return ((unit >> 8) & 1) == 1; }
std::uint32_t value_of(std::uint32_t unit) { return unit & 0x7fffffffU; }
std::uint32_t label_of(std::uint32_t unit) { return unit & 0x800000ffU; }
std::uint32_t offset_of(std::uint32_t unit) { return (unit >> 10) << ((unit & (1U << 9)) >> 6); }

}  // namespace

CharacterMap::CharacterMap(std::string_view charsmap, std::vector<std::string> kept) : kept_(std::move(kept)) {
  if (charsmap.empty()) return;
  const auto fail = [] { throw Error(ErrorKind::kModel, "a damaged SentencePiece model: its precompiled_charsmap"); };
  std::uint32_t size = 0;
  if (charsmap.size() <= sizeof size) fail();
  std::memcpy(&size, charsmap.data(), sizeof size);
  charsmap.remove_prefix(sizeof size);
  if (size == 0 || size % sizeof trie_[0] != 0 || size >= charsmap.size()) fail();
  trie_.resize(size / sizeof trie_[0]);
  std::memcpy(trie_.data(), charsmap.data(), size);
  texts_ = charsmap.substr(size);
  if (texts_.back() != '\0' || utf8::first_invalid(texts_)) fail();
  for (const std::string& each : kept_) begins_kept_[static_cast<unsigned char>(each[0])] = true;
  std::sort(kept_.begin(), kept_.end(), [](const auto& a, const auto& b) { return a.size() > b.size(); });
}

CharacterMap::Match CharacterMap::longest(std::string_view text) const {
  Match out;
  std::size_t node = offset_of(trie_[0]);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    node ^= byte;
    if (node >= trie_.size() || label_of(trie_[node]) != byte) break;
    const std::uint32_t unit = trie_[node];
    node ^= offset_of(unit);
    if (!has_value(unit) || node >= trie_.size()) continue;
    const std::size_t place = value_of(trie_[node]);
    if (place >= texts_.size() || utf8::boundary_before(texts_, place) != place) break;
    out = {i + 1, texts_.data() + place};
  }
  return out;
}

std::size_t CharacterMap::kept_length(std::string_view text) const {
  if (!begins_kept_[static_cast<unsigned char>(text[0])]) return 0;
  const auto found = std::find_if(kept_.begin(), kept_.end(), [&](const auto& each) { return text.starts_with(each); });
  return found == kept_.end() ? 0 : found->size();
}

Prepared CharacterMap::apply(std::string_view sentence) const {
  Prepared out;
  for (std::size_t at = 0; at < sentence.size();) {
    const std::string_view rest = sentence.substr(at);
    std::size_t length = kept_length(rest);
    const Match match = length > 0 ? Match() : longest(rest);
    // What ends inside a character is of a damaged map.
    if (match.length > 0 && utf8::boundary_before(rest, match.length) == match.length) {
      out.text += match.text;
      add_origin(out, at, at + match.length);
      at += match.length;
      continue;
    }
    if (length == 0) length = utf8::char_length(rest, 0);
    out.text += rest.substr(0, length);
    for (const std::size_t end = at + length; at < end; ++at) out.origin.push_back(at);
  }
  out.origin.push_back(sentence.size());
  return out;
}

}  // namespace heed
