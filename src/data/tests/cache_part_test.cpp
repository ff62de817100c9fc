#include "../cache_part.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <limits>

#include "error_of.h"
#include "heed/base/atomic_file.h"
#include "test_files.h"

namespace heed {
namespace {

using testing::HasSubstr;

constexpr std::size_t kFront = 32;  // magic, size of the head, its checksum

template <typename T>
T number_at(const std::string& bytes, std::size_t at) {
  T out;
  std::memcpy(&out, bytes.data() + at, sizeof(T));
  return out;
}

template <typename T>
void put_at(std::string& bytes, std::size_t at, const T& value) {
  std::memcpy(bytes.data() + at, &value, sizeof(T));
}

/// Parts whose checksums are right, whatever else in them is not.
class CachePartTest : public FolderTest {
 protected:
  void SetUp() override {
    CachePartContent content;
    content.counts = CacheCounts(2);
    for (int i = 0; i < 5; ++i) {
      const std::vector<int> source(static_cast<std::size_t>(1 + i), 7), target = {i, 8}, links = {0, 0},
                                                                         features = source;
      content.pairs.add({source, target, source, links, features});
      content.corpora.push_back(i / 3);
    }
    whole_ = part_bytes(content);
    head_end_ = kFront + number_at<std::uint64_t>(whole_, 8);
    lengths_end_ = head_end_ + 5 * (sizeof(PairLength) + 2 * sizeof(std::uint32_t));
    ids_ = (whole_.size() - lengths_end_) / sizeof(int);
  }
  /// What is wrong with it. Its ids are read, so that a sanitizer sees where from.
  std::string fault_of(std::string bytes) {
    const Digest lengths_then = digest(std::string_view(whole_).substr(head_end_, lengths_end_ - head_end_));
    const std::size_t sum = whole_.find(std::string_view(reinterpret_cast<const char*>(&lengths_then), sizeof(Digest)));
    if (bytes.substr(head_end_, lengths_end_ - head_end_) != whole_.substr(head_end_, lengths_end_ - head_end_))
      put_at(bytes, sum, digest(std::string_view(bytes).substr(head_end_, lengths_end_ - head_end_)));
    put_at(bytes, 16, digest(std::string_view(bytes).substr(kFront, head_end_ - kFront)));
    write("part", bytes);
    return error_of([&] {
      CachePart part(root / "part", 0);
      part.check_all();
      Examples out(part.head().has);
      for (const CacheBlock& block : part.head().blocks) part.add(block, 0, block.pairs, out);
      std::size_t ids = 0;
      for (std::size_t i = 0; i < out.size(); ++i) {
        for (const auto list : kExampleLists) ids += (out[i].*list).size();
      }
      EXPECT_EQ(ids, ids_);
    });
  }

  std::string whole_;
  std::size_t head_end_ = 0, lengths_end_ = 0, ids_ = 0;
};

TEST_F(CachePartTest, SizesThatLeadOutOfTheFileAreRefused) {
  EXPECT_EQ(fault_of(whole_), "");
  write("part", whole_);
  CacheBlock first = CachePart(root / "part", 0).head().blocks.front();
  first.offset = 0;  // as it is written: behind the lengths
  const std::size_t block = whole_.find(std::string_view(reinterpret_cast<const char*>(&first), sizeof(first)));
  ASSERT_NE(block, std::string::npos);
  const auto with = [&](std::size_t at, auto value) {
    std::string out = whole_;
    put_at(out, at, value);
    return out;
  };
  const std::size_t ids = block + offsetof(CacheBlock, ids);
  // Times the size of an id it is what it was, in 64 bits.
  EXPECT_THAT(fault_of(with(ids, first.ids + (std::uint64_t{1} << 62))), HasSubstr("cut off"));
  EXPECT_THAT(fault_of(with(ids, first.ids + 1)), HasSubstr("cut off"));
  EXPECT_THAT(fault_of(with(block + offsetof(CacheBlock, pairs), 0)), HasSubstr("its blocks do not fit"));
  EXPECT_THAT(fault_of(with(head_end_, -1)), HasSubstr("the lengths of its pairs are none"));
  EXPECT_THAT(fault_of(with(head_end_, 2)), HasSubstr("not those of its ids"));
  EXPECT_THAT(fault_of(whole_ + "x"), HasSubstr("1 bytes behind its ids"));
}

TEST_F(CachePartTest, NoNumberLeadsOutOfTheFile) {
  int refused = 0;
  for (std::size_t at = kFront; at + sizeof(std::uint64_t) <= lengths_end_; at += sizeof(std::uint32_t)) {
    const auto number = number_at<std::uint64_t>(whole_, at);
    for (const std::uint64_t other : {number + (std::uint64_t{1} << 62), number + (std::uint64_t{1} << 61),
                                      number | 0xFFFFFFFF, number + 1, std::uint64_t{0}}) {
      std::string bytes = whole_;
      put_at(bytes, at, other);
      refused += fault_of(bytes).empty() ? 0 : 1;
    }
  }
  EXPECT_GT(refused, 100);
}

}  // namespace
}  // namespace heed
