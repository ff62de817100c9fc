#pragma once
#include <array>
#include <span>
#include <vector>

#include "heed/base/export.h"
#include "heed/base/flat_lists.h"

namespace HEED_ENGINE_API heed {

/// A training pair as ids, without BOS and EOS. It refers to ids held elsewhere (Examples).
struct Example {
  std::span<const int> source;
  std::span<const int> target;
  std::span<const int> copies = {};  ///< of each source token, the target id that copying it gives; empty: no copying
  std::span<const int> links = {};   ///< pairs of an aligned target and source token, ascending (pack_links()); or none
  std::span<const int> features = {};  ///< TextSide::feature_ids() of the source; or none
};

/// Its lists, and how many ids each of them has, of one example or of many.
inline constexpr std::array kExampleLists = {&Example::source, &Example::target, &Example::copies, &Example::links,
                                             &Example::features};
using ExampleSizes = std::array<std::size_t, kExampleLists.size()>;

/// What examples have beside source and target.
struct ExampleLists {
  bool copies = true, links = true, features = true;
};

/// The ids of many pairs, in a few blocks of memory.
class Examples {
 public:
  Examples() = default;
  /// Of those that are added no other lists are kept.
  explicit Examples(ExampleLists kept) : kept_(kept) {}
  /// Lists of equal counts; `copies`, `links` and `features` may be empty.
  Examples(FlatLists<int> source, FlatLists<int> target, FlatLists<int> copies, FlatLists<int> links = {},
           FlatLists<int> features = {})
      : source_(std::move(source)),
        target_(std::move(target)),
        copies_(std::move(copies)),
        links_(std::move(links)),
        features_(std::move(features)) {}

  /// Makes room for so many examples with so many ids together.
  void reserve(std::size_t examples, const ExampleSizes& ids) {
    const std::array lists = {&source_, &target_, &copies_, &links_, &features_};
    for (std::size_t l = 0; l < lists.size(); ++l) {
      if (ids[l] > 0) lists[l]->reserve(examples, ids[l]);
    }
  }
  std::size_t size() const { return source_.size(); }
  bool empty() const { return source_.empty(); }
  ExampleLists lists() const { return {!copies_.empty(), !links_.empty(), !features_.empty()}; }
  /// Valid until an example is added.
  Example operator[](std::size_t i) const {
    const auto or_none = [&](const FlatLists<int>& lists) { return lists.empty() ? std::span<const int>() : lists[i]; };
    return {source_[i], target_[i], or_none(copies_), or_none(links_), or_none(features_)};
  }
  std::vector<Example> all() const {
    std::vector<Example> out;
    out.reserve(size());
    for (std::size_t i = 0; i < size(); ++i) out.push_back((*this)[i]);
    return out;
  }
  /// The examples of a batch.
  std::vector<Example> at(std::span<const int> places) const {
    std::vector<Example> out;
    out.reserve(places.size());
    for (const int place : places) out.push_back((*this)[static_cast<std::size_t>(place)]);
    return out;
  }
  void add(const Example& example) {
    if (kept_.copies && copies_.size() == size()) copies_.add(example.copies);
    if (kept_.links && links_.size() == size()) links_.add(example.links);
    if (kept_.features && features_.size() == size()) features_.add(example.features);
    source_.add(example.source);
    target_.add(example.target);
  }

 private:
  ExampleLists kept_;
  FlatLists<int> source_;
  FlatLists<int> target_;
  FlatLists<int> copies_;  // of each example, or empty
  FlatLists<int> links_;   // likewise
  FlatLists<int> features_;
};

}  // namespace heed
