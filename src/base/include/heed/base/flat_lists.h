#pragma once
#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// Many lists in one block of memory: sentences of ids, or of characters.
template <typename T>
class FlatLists {
 public:
  std::size_t size() const { return ends_.size(); }
  bool empty() const { return ends_.empty(); }
  std::span<const T> operator[](std::size_t i) const { return {values_.data() + begin(i), ends_[i] - begin(i)}; }
  std::span<T> operator[](std::size_t i) { return {values_.data() + begin(i), ends_[i] - begin(i)}; }
  void add(std::span<const T> list) {
    values_.insert(values_.end(), list.begin(), list.end());
    ends_.push_back(values_.size());
  }
  /// Makes room for so many lists of so many elements together.
  void reserve(std::size_t lists, std::size_t elements) {
    ends_.reserve(lists);
    values_.reserve(elements);
  }
  /// The elements of all lists.
  std::span<const T> values() const { return values_; }
  /// The elements of all lists, mutable.
  std::span<T> values() { return values_; }
  /// Keeps only the lists i with kept[i], in order.
  void keep(const std::vector<bool>& kept) {
    std::size_t lists = 0, to = 0, from = 0;
    for (std::size_t i = 0; i < ends_.size(); ++i) {
      const std::size_t end = ends_[i];
      if (kept[i]) {
        std::copy(values_.begin() + static_cast<std::ptrdiff_t>(from),
                  values_.begin() + static_cast<std::ptrdiff_t>(end),
                  values_.begin() + static_cast<std::ptrdiff_t>(to));
        to += end - from;
        ends_[lists++] = to;
      }
      from = end;
    }
    values_.resize(to);
    ends_.resize(lists);
  }

 private:
  std::size_t begin(std::size_t i) const { return i == 0 ? 0 : ends_[i - 1]; }

  std::vector<T> values_;
  std::vector<std::size_t> ends_;
};

}  // namespace heed
