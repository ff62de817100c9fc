#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

#include "heed/tensor/arena.h"
#include "heed/tensor/buffer.h"
#include "heed/tensor/work_clock.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#endif

namespace heed {
namespace {

constexpr std::size_t kAlignment = 64;
constexpr std::size_t kLargePage = std::size_t{2} << 20;
constexpr std::size_t kFirstChunk = std::size_t{1} << 20;
constexpr std::size_t kMostStep = std::size_t{16} << 20;

std::size_t rounded(std::size_t bytes, std::size_t unit) { return (bytes + unit - 1) / unit * unit; }

// Cache-line aligned pages, large ones where the system has them.
void* allocate_pages(std::size_t bytes) {
  if (bytes > SIZE_MAX - kLargePage) throw std::bad_alloc();
  const std::size_t unit = bytes >= kLargePage ? kLargePage : kAlignment;
  void* data = std::aligned_alloc(unit, rounded(std::max<std::size_t>(bytes, 1), unit));
  if (data == nullptr) throw std::bad_alloc();
  // Weights and activations are walked from end to end: large pages spare most of the address translations.
  if (unit == kLargePage) madvise(data, rounded(bytes, unit), MADV_HUGEPAGE);
  return data;
}

}  // namespace

Arena::~Arena() {
  for (const Chunk& chunk : chunks_) {
    ASAN_UNPOISON_MEMORY_REGION(chunk.data, chunk.size);
    std::free(chunk.data);
  }
}

Tensor Arena::tensor(std::int64_t rows, std::int64_t columns) {
  return {static_cast<float*>(allocate(static_cast<std::size_t>(rows * columns) * sizeof(float))), rows, columns};
}

Tensor Arena::zeros(std::int64_t rows, std::int64_t columns) {
  const WorkScope scope(WorkKind::kMemory);
  Tensor out = tensor(rows, columns);
  std::memset(out.data, 0, static_cast<std::size_t>(out.size()) * sizeof(float));
  return out;
}

void* Arena::allocate(std::size_t bytes) {
  const std::size_t size = rounded(std::max<std::size_t>(bytes, 1), kAlignment);
  if (chunks_.empty() || used_ + size > chunks_.back().size) add_chunk(size);
  std::byte* out = chunks_.back().data + used_;
  ASAN_UNPOISON_MEMORY_REGION(out, bytes);
  used_ += size;
  allocated_ += size;
  return out;
}

void Arena::add_chunk(std::size_t bytes) {
  // Small steps once it is large: what is not needed is never touched, but counts as taken.
  const std::size_t step = std::min(capacity() / 2, kMostStep);
  const std::size_t size = rounded(std::max({bytes, step, kFirstChunk}), kFirstChunk);
  auto* data = static_cast<std::byte*>(allocate_pages(size));
  ASAN_POISON_MEMORY_REGION(data, size);
  chunks_.push_back({data, size});
  used_ = 0;
}

void Arena::reset() {
  if (chunks_.size() > 1) {
    const std::size_t total = std::exchange(allocated_, 0);  // no more than this batch needed
    for (const Chunk& chunk : chunks_) {
      ASAN_UNPOISON_MEMORY_REGION(chunk.data, chunk.size);
      std::free(chunk.data);
    }
    chunks_.clear();
    add_chunk(total);
  } else if (!chunks_.empty()) {
    ASAN_POISON_MEMORY_REGION(chunks_.back().data, chunks_.back().size);
  }
  used_ = 0;
  allocated_ = 0;
}

std::size_t Arena::capacity() const {
  std::size_t total = 0;
  for (const Chunk& chunk : chunks_) total += chunk.size;
  return total;
}

Buffer::Buffer(std::int64_t rows, std::int64_t columns) : view_{nullptr, rows, columns} {
  const std::size_t bytes = static_cast<std::size_t>(rows * columns) * sizeof(float);
  view_.data = static_cast<float*>(allocate_pages(bytes));
  std::memset(view_.data, 0, bytes);
  owned_ = true;
}

Buffer Buffer::of_shape(std::int64_t rows, std::int64_t columns) {
  Buffer out;
  out.view_ = {nullptr, rows, columns};
  return out;
}

void Buffer::refer(const float* data) {
  Buffer other = of_shape(view_.rows, view_.columns);
  other.view_.data = const_cast<float*>(data);
  *this = std::move(other);
}

void give_back_pages(float* data, std::int64_t count) {
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  const auto begin = reinterpret_cast<std::uintptr_t>(data), end = reinterpret_cast<std::uintptr_t>(data + count);
  const std::size_t first = rounded(begin, page), last = end / page * page;
  if (last > first) madvise(reinterpret_cast<std::byte*>(data) + (first - begin), last - first, MADV_DONTNEED);
}

Buffer::~Buffer() {
  if (owned_) std::free(view_.data);
}

}  // namespace heed
