#include "cache_part.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "byte_text.h"
#include "heed/base/error.h"

namespace heed {
namespace {

constexpr std::size_t kBlockPairs = 1024;                // small enough that a window has many, to be shuffled
constexpr std::size_t kBlockIds = std::size_t{1} << 16;  // and a pair more at most
constexpr std::size_t kFrontSize = kPartBegin.size() + sizeof(std::uint64_t) + sizeof(Digest);

std::size_t ids_in(const Example& pair) {
  return pair.source.size() + pair.target.size() + pair.copies.size() + pair.links.size() + pair.features.size();
}

/// Consecutive pairs of one corpus.
std::vector<CacheBlock> cut_blocks(const CachePartContent& content) {
  std::vector<CacheBlock> out;
  for (std::size_t i = 0; i < content.pairs.size(); ++i) {
    const auto corpus = static_cast<std::uint32_t>(content.corpora[i]);
    const bool fits =
        !out.empty() && out.back().corpus == corpus && out.back().pairs < kBlockPairs && out.back().ids < kBlockIds;
    if (!fits) out.push_back({.corpus = corpus, .first = static_cast<std::uint32_t>(i)});
    ++out.back().pairs;
    out.back().ids += ids_in(content.pairs[i]);
  }
  return out;
}

void put_counts(const CacheCounts& counts, ByteWriter& out) {
  out.put(static_cast<std::uint64_t>(counts.fates.size()));
  out.put_all(std::span(counts.fates));
  for (const LengthCounts& lengths : counts.lengths) {
    const auto sorted = lengths.sorted();
    out.put(static_cast<std::uint64_t>(sorted.size()));
    for (const auto& [length, pairs] : sorted) {
      out.put(length);
      out.put(static_cast<std::int64_t>(pairs));
    }
  }
  for (const UnknownTokens* tokens : {&counts.unknown.source, &counts.unknown.target}) {
    out.put(static_cast<std::int64_t>(tokens->unknown));
    out.put(static_cast<std::int64_t>(tokens->all));
  }
}

CacheCounts get_counts(ByteReader& in) {
  CacheCounts out;
  out.fates = in.get_all<std::array<long, kPairFates>>(in.get<std::uint64_t>());
  out.lengths.resize(out.fates.size());
  for (LengthCounts& lengths : out.lengths) {
    const auto size = in.get<std::uint64_t>();
    for (std::uint64_t i = 0; i < size; ++i) {
      const auto length = in.get<PairLength>();
      lengths.add(length, static_cast<long>(in.get<std::int64_t>()));
    }
  }
  for (UnknownTokens* tokens : {&out.unknown.source, &out.unknown.target}) {
    tokens->unknown = static_cast<long>(in.get<std::int64_t>());
    tokens->all = static_cast<long>(in.get<std::int64_t>());
  }
  return out;
}

std::string ids_of_block(const Examples& pairs, const CacheBlock& block) {
  ByteWriter out;
  for (const auto list : kExampleLists) {
    for (std::size_t i = block.first; i < block.first + block.pairs; ++i) out.put_all(pairs[i].*list);
  }
  return std::move(out.bytes());
}

std::string bytes_of_lengths(const Examples& pairs, ExampleLists has) {
  ByteWriter out;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const Example pair = pairs[i];
    out.put(PairLength{static_cast<int>(pair.source.size()), static_cast<int>(pair.target.size())});
  }
  const auto put = [&](std::span<const int> Example::*part) {
    for (std::size_t i = 0; i < pairs.size(); ++i) out.put(static_cast<std::uint32_t>((pairs[i].*part).size()));
  };
  if (has.links) put(&Example::links);
  if (has.features) put(&Example::features);
  return std::move(out.bytes());
}

}  // namespace

void CacheCounts::add(const CacheCounts& others) {
  for (std::size_t c = 0; c < fates.size(); ++c) {
    for (std::size_t fate = 0; fate < kPairFates; ++fate) fates[c][fate] += others.fates[c][fate];
    lengths[c].add(others.lengths[c]);
  }
  for (const auto side : {&UnknownPairs::source, &UnknownPairs::target}) {
    (unknown.*side).unknown += (others.unknown.*side).unknown;
    (unknown.*side).all += (others.unknown.*side).all;
  }
}

std::string part_bytes(const CachePartContent& content) {
  const Examples& pairs = content.pairs;
  const ExampleLists has = pairs.lists();
  std::vector<CacheBlock> blocks = cut_blocks(content);
  std::vector<std::string> ids;
  std::size_t bytes = 0;
  for (CacheBlock& block : blocks) {
    ids.push_back(ids_of_block(pairs, block));
    block.sum = digest(ids.back());
    block.offset = bytes;  // behind the lengths
    bytes += ids.back().size();
  }
  const std::string lengths = bytes_of_lengths(pairs, has);
  ByteWriter head;
  head.put(content.made_of);
  head.put(content.number);
  put_counts(content.counts, head);
  head.put(static_cast<std::uint64_t>(content.met.size()));
  head.put_all(std::span<const Digest>(content.met));
  head.put(static_cast<std::uint64_t>(pairs.size()));
  for (const bool flag : {has.copies, has.links, has.features}) head.put(static_cast<std::uint8_t>(flag));
  head.put(digest(lengths));
  head.put(static_cast<std::uint64_t>(blocks.size()));
  for (const CacheBlock& block : blocks) head.put(block);
  // So that the lengths and ids behind it are aligned.
  while ((kFrontSize + head.bytes().size()) % sizeof(std::uint64_t) != 0) head.put('\0');
  ByteWriter out;
  out.bytes() = kPartBegin;
  out.put(static_cast<std::uint64_t>(head.bytes().size()));
  out.put(digest(head.bytes()));
  out.bytes() += head.bytes();
  out.bytes() += lengths;
  for (const std::string& block : ids) out.bytes() += block;
  return std::move(out.bytes());
}

MappedFile CachePart::mapped(const std::filesystem::path& path) try {
  return MappedFile(path, MappedFile::Pages::kAsked);
} catch (const Error& error) {
  throw Error(ErrorKind::kModel, fmt::format("{}: {}", error.what(), kMakeCacheAnew),
              {.file = path.string(), .key = "data.cache"});
}

CachePart::CachePart(const std::filesystem::path& path, std::uint32_t number) : path_(path), file_(mapped(path)) {
  try {
    read_head(number);
  } catch (const Error& error) {
    fail(error.what());
  }
}

void CachePart::fail(const std::string& what) const {
  throw Error::at({.file = path_.string(), .key = "data.cache"},
                  fmt::format("a part of the cache is damaged: {}: {}", what, kMakeCacheAnew), ErrorKind::kModel);
}

void CachePart::read_head(std::uint32_t number) {
  const std::string_view bytes(file_.bytes().data(), file_.bytes().size());
  ByteReader front(bytes);
  if (front.take(std::min(kPartBegin.size(), bytes.size())) != kPartBegin) throw Error("it does not begin as one");
  const auto size = front.get<std::uint64_t>();
  head_.sum = front.get<Digest>();
  const std::string_view content = front.take(size);
  if (digest(content) != head_.sum) throw Error("its head changed");
  ByteReader in(content);
  head_.made_of = in.get<Digest>();
  if (in.get<std::uint64_t>() != number) throw Error("it is another part");
  head_.counts = get_counts(in);
  head_.met = in.get_all<Digest>(in.get<std::uint64_t>());
  head_.pairs = in.get<std::uint64_t>();
  head_.has.copies = in.get<std::uint8_t>() != 0;
  head_.has.links = in.get<std::uint8_t>() != 0;
  head_.has.features = in.get<std::uint8_t>() != 0;
  head_.lengths_sum = in.get<Digest>();
  head_.blocks = in.get_all<CacheBlock>(in.get<std::uint64_t>());
  lengths_at_ = kFrontSize + size;
  place_blocks(number);
}

// Each number is compared with what is left of the file before it is used: whoever wrote them, nothing lies outside.
void CachePart::place_blocks(std::uint32_t number) {
  std::size_t rest = file_.bytes().size() - lengths_at_;
  const auto take = [&](std::uint64_t count, std::size_t size) {
    if (count > rest / size) throw Error("cut off");
    rest -= count * size;
  };
  take(head_.pairs, sizeof(PairLength) + sizeof(std::uint32_t) * (head_.has.links + head_.has.features));
  std::uint64_t pairs = 0;
  for (CacheBlock& block : head_.blocks) {
    if (block.first != pairs || block.pairs == 0 || block.corpus >= head_.counts.fates.size())
      throw Error("its blocks do not fit");
    pairs += block.pairs;
    block.part = number;
    block.offset = file_.bytes().size() - rest;
    take(block.ids, sizeof(int));
  }
  if (pairs != head_.pairs || pairs > std::numeric_limits<int>::max()) throw Error("its blocks do not fit");
  if (lengths_at_ % sizeof(int) != 0) throw Error("its ids do not lie where numbers do");
  if (rest != 0) throw Error(fmt::format("there are {} bytes behind its ids", rest));
}

void CachePart::check_of(const Digest& made_of, std::size_t corpora) const {
  if (head_.made_of != made_of || head_.counts.fates.size() != corpora) fail("it is of another cache");
}

void CachePart::check_head(const std::string& sum) const {
  if (to_text(head_.sum) != sum) fail("it is not the one that was written");
}

const std::vector<PairLength>& CachePart::lengths() {
  if (lengths_.size() == head_.pairs) return lengths_;
  const std::size_t end = head_.blocks.empty() ? file_.bytes().size() : head_.blocks.front().offset;
  const std::string_view bytes(file_.bytes().data() + lengths_at_, end - lengths_at_);
  if (digest(bytes) != head_.lengths_sum) fail("the lengths of its pairs changed");
  ByteReader in(bytes);
  std::vector<PairLength> read = in.get_all<PairLength>(head_.pairs);
  if (std::ranges::any_of(read, [](PairLength length) { return length.source < 0 || length.target < 0; }))
    fail("the lengths of its pairs are none");
  if (head_.has.links) links_ = in.get_all<std::uint32_t>(head_.pairs);
  if (head_.has.features) features_ = in.get_all<std::uint32_t>(head_.pairs);
  return lengths_ = std::move(read);
}

std::span<const int> CachePart::ids_of(const CacheBlock& block) const {
  const char* begin = file_.bytes().data() + block.offset;
  if (digest({begin, block.ids * sizeof(int)}) != block.sum) {
    fail(fmt::format("its ids from byte {} on, of {} pairs, changed", block.offset, block.pairs));
  }
  return {reinterpret_cast<const int*>(begin), block.ids};
}

void CachePart::add_sizes(const CacheBlock& block, std::size_t first, std::size_t pairs, ExampleSizes& sizes) {
  lengths();
  for (std::size_t i = block.first + first; i < block.first + first + pairs; ++i) {
    const auto source = static_cast<std::size_t>(lengths_[i].source);
    const auto target = static_cast<std::size_t>(lengths_[i].target);
    const ExampleSizes pair = {source, target, head_.has.copies ? source : 0, head_.has.links ? links_[i] : 0,
                               head_.has.features ? features_[i] : 0};
    for (std::size_t list = 0; list < pair.size(); ++list) sizes[list] += pair[list];
  }
}

void CachePart::add(const CacheBlock& block, std::size_t first, std::size_t count, Examples& out) {
  const auto cut = [](std::span<const int>& from, std::size_t size) {
    const std::span<const int> front = from.first(size);
    from = from.subspan(size);
    return front;
  };
  ExampleSizes all{};
  add_sizes(block, 0, block.pairs, all);
  std::span<const int> ids = ids_of(block);
  const char* const misfit = "the lengths of its pairs are not those of its ids";
  Example rest;  // of each list
  for (std::size_t list = 0; list < all.size(); ++list) {
    if (all[list] > ids.size()) fail(misfit);
    rest.*kExampleLists[list] = cut(ids, all[list]);
  }
  if (!ids.empty()) fail(misfit);
  for (std::size_t i = 0; i < first + count; ++i) {
    ExampleSizes sizes{};
    add_sizes(block, i, 1, sizes);
    Example pair;
    for (std::size_t list = 0; list < sizes.size(); ++list)
      pair.*kExampleLists[list] = cut(rest.*kExampleLists[list], sizes[list]);
    if (i >= first) out.add(pair);
  }
}

void CachePart::check_all() {
  lengths();
  for (const CacheBlock& block : head_.blocks) (void)ids_of(block);
}

}  // namespace heed
