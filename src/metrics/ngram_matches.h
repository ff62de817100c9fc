#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace heed {

/// Counts the n-grams of all orders that a hypothesis has in common with its references: units (words, characters) as
/// numbers. The n-grams are the nodes of a tree, in one hash table that is kept from sentence to sentence.
class NgramMatches {
 public:
  explicit NgramMatches(std::size_t orders);

  /// Forgets the references.
  void clear();
  /// Adds one; of several, each n-gram counts as often as in the one that has most of it.
  void add_reference(std::span<const int> units);
  /// Adds to common[n - 1] the n-grams of order n that the references have too, each as often as there at most.
  void count(std::span<const int> hypothesis, std::span<double> common);

 private:
  struct Node {
    std::int32_t most = 0;  // in any reference
    std::int32_t seen = 0;  // in the current line
    std::uint32_t line = 0;
  };
  struct Slot {
    std::uint64_t key = 0;
    std::uint32_t sentence = 0;  // of another one: free
    std::uint32_t node = 0;
  };

  Slot& slot_of(std::uint64_t key);
  Node& seen_again(std::uint32_t node);
  void grow();

  std::size_t orders_;
  std::uint32_t sentence_ = 1;
  std::uint32_t line_ = 0;
  int bits_ = 12;  // of the table's size
  std::vector<Slot> slots_;
  std::vector<Node> nodes_;  // the first is the root
};

}  // namespace heed
