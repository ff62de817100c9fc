#include "probe_pair.h"

#include "heed/text/vocabulary.h"

namespace heed {
namespace {

/// `values` has `width` of each of some rows. What is left of a row of none is EOS, if `ends`.
void remove_places(std::vector<int>& values, std::size_t width, std::span<const int> places, bool ends = false) {
  if (values.empty()) return;
  std::vector<int> kept;
  for (std::size_t first = 0; first < values.size(); first += width) {
    auto place = places.begin();
    for (std::size_t s = 0; s < width; ++s) {
      if (place != places.end() && static_cast<std::size_t>(*place) == s) {
        ++place;
      } else {
        kept.push_back(values[first + s]);
      }
    }
    if (ends && places.size() == width) kept.push_back(Vocabulary::kEnd);
  }
  values = std::move(kept);
}

}  // namespace

SourceForm erase(const SourceForm& source, std::span<const int> places, Erasure how) {
  SourceForm out = source;
  const std::size_t length = source.tokens.size();
  if (how == Erasure::kRemove) {
    remove_places(out.tokens, length, places);
    remove_places(out.copies, length, places);
    remove_places(out.features, source.positions(), places, true);
    return out;
  }
  for (const int place : places) {
    const auto s = static_cast<std::size_t>(place);
    out.tokens[s] = Vocabulary::kUnknown;
    if (!out.copies.empty()) out.copies[s] = Vocabulary::kUnknown;
  }
  return out;
}

}  // namespace heed
