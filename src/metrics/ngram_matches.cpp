#include "ngram_matches.h"

#include <algorithm>

namespace heed {

namespace {

std::uint64_t key_of(std::uint32_t parent, int unit) {
  return static_cast<std::uint64_t>(parent) << 32 | static_cast<std::uint32_t>(unit);
}

}  // namespace

NgramMatches::NgramMatches(std::size_t orders) : orders_(orders), slots_(std::size_t{1} << bits_), nodes_(1) {}

void NgramMatches::clear() {
  ++sentence_;
  nodes_.resize(1);
}

NgramMatches::Slot& NgramMatches::slot_of(std::uint64_t key) {
  constexpr std::uint64_t kGoldenRatio = 0x9e3779b97f4a7c15;  // Fibonacci hashing (Knuth, volume 3, 6.4)
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = (key ^ key >> 29) * kGoldenRatio >> (64 - bits_);
  while (slots_[at].sentence == sentence_ && slots_[at].key != key) at = (at + 1) & mask;
  return slots_[at];
}

NgramMatches::Node& NgramMatches::seen_again(std::uint32_t node) {
  Node& out = nodes_[node];
  if (out.line != line_) {
    out.line = line_;
    out.seen = 0;
  }
  ++out.seen;
  return out;
}

void NgramMatches::grow() {
  std::vector<Slot> old(slots_.size() * 2);
  old.swap(slots_);
  ++bits_;
  for (const Slot& slot : old) {
    if (slot.sentence == sentence_) slot_of(slot.key) = slot;
  }
}

void NgramMatches::add_reference(std::span<const int> units) {
  ++line_;
  for (std::size_t begin = 0; begin < units.size(); ++begin) {
    std::uint32_t node = 0;
    const std::size_t end = std::min(begin + orders_, units.size());
    for (std::size_t i = begin; i < end; ++i) {
      if (nodes_.size() * 2 > slots_.size()) grow();
      const std::uint64_t key = key_of(node, units[i]);
      Slot& slot = slot_of(key);
      if (slot.sentence != sentence_) {
        slot = {key, sentence_, static_cast<std::uint32_t>(nodes_.size())};
        nodes_.emplace_back();
      }
      node = slot.node;
      Node& counted = seen_again(node);
      counted.most = std::max(counted.most, counted.seen);
    }
  }
}

void NgramMatches::count(std::span<const int> hypothesis, std::span<double> common) {
  ++line_;
  for (std::size_t begin = 0; begin < hypothesis.size(); ++begin) {
    std::uint32_t node = 0;
    const std::size_t end = std::min(begin + orders_, hypothesis.size());
    for (std::size_t i = begin; i < end; ++i) {
      const Slot& slot = slot_of(key_of(node, hypothesis[i]));
      if (slot.sentence != sentence_) break;  // nor do they have what begins with it
      node = slot.node;
      const Node& counted = seen_again(node);
      if (counted.seen <= counted.most) ++common[i - begin];
    }
  }
}

}  // namespace heed
