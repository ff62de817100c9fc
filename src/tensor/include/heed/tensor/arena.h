#pragma once
#include <cstring>
#include <initializer_list>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "heed/base/export.h"
#include "heed/tensor/tensor.h"

namespace HEED_ENGINE_API heed {

/// Elements in an arena, valid until its reset(). A handle: copies refer to the same elements. Not std::span, which
/// needs a complete type: AttentionMemory holds lists of itself.
template <typename T>
class ArenaList {
 public:
  ArenaList() = default;
  ArenaList(T* data, std::size_t size) : data_(data), size_(size) {}
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T& operator[](std::size_t i) const { return data_[i]; }
  T& front() const { return data_[0]; }
  T& back() const { return data_[size_ - 1]; }
  T* data() const { return data_; }
  T* begin() const { return data_; }
  T* end() const { return data_ + size_; }

 private:
  T* data_ = nullptr;
  std::size_t size_ = 0;
};

/// Memory of one batch: allocation moves a pointer, reset() frees everything at once. After the largest batch it
/// allocates nothing more. Not shared between threads.
class Arena {
 public:
  Arena() = default;
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  Tensor tensor(std::int64_t rows, std::int64_t columns);  ///< values are not set
  Tensor zeros(std::int64_t rows, std::int64_t columns);

  /// An object that lives until reset(); its destructor is not run.
  template <typename T, typename... Arguments>
  T* make(Arguments&&... arguments) {
    static_assert(std::is_trivially_destructible_v<T>, "an arena does not run destructors");
    return new (allocate(sizeof(T))) T{std::forward<Arguments>(arguments)...};
  }

  template <typename T>
  std::span<T> array(std::size_t count) {
    static_assert(std::is_trivially_destructible_v<T>);
    return {static_cast<T*>(allocate(count * sizeof(T))), count};
  }

  /// `count` value-initialised elements.
  template <typename T>
  ArenaList<T> list(std::size_t count) {
    const std::span<T> out = array<T>(count);
    for (T& element : out) new (&element) T();
    return {out.data(), count};
  }
  template <typename T>
  ArenaList<T> list(std::initializer_list<T> elements) {
    const std::span<T> out = array<T>(elements.size());
    std::uninitialized_copy(elements.begin(), elements.end(), out.begin());
    return {out.data(), out.size()};
  }

  template <typename T>
  std::span<const T> copy(std::span<const T> values) {
    auto out = array<T>(values.size());
    if (!values.empty()) std::memcpy(out.data(), values.data(), values.size_bytes());
    return out;
  }

  /// Frees everything. Several chunks become one, so that the next batch of this size needs one only.
  void reset();
  std::size_t capacity() const;  ///< bytes taken from the system

 private:
  struct Chunk {
    std::byte* data;
    std::size_t size;
  };
  void* allocate(std::size_t bytes);
  void add_chunk(std::size_t bytes);

  std::vector<Chunk> chunks_;
  std::size_t used_ = 0;       // bytes of the last chunk
  std::size_t allocated_ = 0;  // bytes since the last reset
};

}  // namespace heed
