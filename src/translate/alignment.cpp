#include "heed/translate/alignment.h"

#include <algorithm>

#include "fmt/format.h"
#include "heed/base/error.h"
#include "heed/base/utf8.h"

namespace heed {
namespace {

/// For each word the pieces that stand for a part of it.
std::vector<std::vector<int>> pieces_of_words(const AlignedSide& side) {
  std::vector<std::vector<int>> out;
  for (const std::string_view word : utf8::words(side.sentence)) {
    const auto begin = static_cast<std::size_t>(word.data() - side.sentence.data());
    out.emplace_back();
    for (std::size_t p = 0; p < side.pieces.size(); ++p) {
      const Piece& piece = side.pieces[p];
      if (piece.begin < begin + word.size() && piece.end > begin) out.back().push_back(static_cast<int>(p));
    }
  }
  return out;
}

/// The sum of the rows of a target word; its mean would have the same largest word.
std::vector<float> sum_of_rows(std::span<const std::vector<float>> attention, const std::vector<int>& pieces) {
  std::vector<float> out(attention.front().size());
  for (const int piece : pieces) {
    for (std::size_t s = 0; s < out.size(); ++s) out[s] += attention[piece][s];
  }
  return out;
}

}  // namespace

std::vector<Link> align_words(const AlignedSide& source, const AlignedSide& target,
                              std::span<const std::vector<float>> attention) {
  std::vector<Link> links;
  if (source.pieces.empty() || target.pieces.empty()) return links;
  if (attention.size() != target.pieces.size() + 1 || attention.front().size() != source.pieces.size() + 1) {
    throw Error(
        fmt::format("attention is [{}, {}], but {} target and {} source tokens (end marks included) are to be aligned",
                    attention.size(), attention.empty() ? 0 : attention.front().size(), target.pieces.size() + 1,
                    source.pieces.size() + 1));
  }
  const auto source_words = pieces_of_words(source);
  const auto target_words = pieces_of_words(target);
  for (std::size_t j = 0; j < target_words.size(); ++j) {
    if (target_words[j].empty()) continue;
    const std::vector<float> weights = sum_of_rows(attention, target_words[j]);
    int best = -1;
    float largest = weights.back();  // the end mark
    for (std::size_t i = 0; i < source_words.size(); ++i) {
      float weight = 0;
      for (const int piece : source_words[i]) weight += weights[piece];
      if (weight <= largest) continue;
      largest = weight;
      best = static_cast<int>(i);
    }
    if (best >= 0) links.push_back({best, static_cast<int>(j)});
  }
  return links;
}

std::string to_pharaoh(std::span<const Link> links) {
  std::string out;
  for (const Link& link : links) {
    if (!out.empty()) out += ' ';
    out += fmt::format("{}-{}", link.source, link.target);
  }
  return out;
}

}  // namespace heed
