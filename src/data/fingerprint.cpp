#include "heed/data/fingerprint.h"

#include <fmt/format.h>

#include <span>

#include "heed/base/checksums.h"
#include "heed/base/error.h"

namespace heed {
namespace {

/// A checksum of more than fits into memory at once.
class RunningChecksum {
 public:
  void add(std::span<const int> ids) {
    add_size(ids.size());
    buffer_.append(reinterpret_cast<const char*>(ids.data()), ids.size() * sizeof(int));
    fold(kBlock);
  }
  void add(const std::string& text) {
    add_size(text.size());
    buffer_ += text;
    fold(kBlock);
  }
  std::string finish() {
    fold(0);
    return buffer_;
  }

 private:
  static constexpr std::size_t kBlock = 1 << 20;

  void add_size(std::size_t size) { buffer_.append(reinterpret_cast<const char*>(&size), sizeof(size)); }
  void fold(std::size_t limit) {
    if (buffer_.size() >= limit) buffer_ = checksum(buffer_);
  }

  std::string buffer_;
};

[[noreturn]] void refuse(const std::string& what, long pairs_then, long pairs_now, const std::string& where) {
  const std::string change = pairs_then == pairs_now ? fmt::format("still {} pairs, but others", pairs_now)
                                                     : fmt::format("{} pairs then, {} now", pairs_then, pairs_now);
  throw Error(
      ErrorKind::kOutput,
      fmt::format("the {} data changed since '{}' was saved ({}): put them back, or train anew", what, where, change),
      {.file = where});
}

}  // namespace

DataFingerprint fingerprint(const TrainingData& data) {
  RunningChecksum training;
  for (std::size_t i = 0; i < data.train.size(); ++i) {
    const Example example = data.train[i];
    training.add(example.source);
    training.add(example.target);
    training.add(example.copies);
    if (!example.links.empty()) training.add(example.links);
    if (!example.features.empty()) training.add(example.features);
  }
  for (const std::vector<int>& corpus : data.mixture.pairs) training.add(corpus);
  if (data.cache) training.add(data.cache->fingerprint());
  RunningChecksum validation;
  for (const SentencePair& pair : data.validation.text) {
    validation.add(pair.source);
    validation.add(pair.target);
    for (const std::string& values : pair.features) validation.add(values);
  }
  for (std::size_t r = 1; r < data.validation.references.size(); ++r) {
    for (const std::string& line : data.validation.references[r]) validation.add(line);
  }
  return {static_cast<long>(data.train_pairs()), training.finish(), static_cast<long>(data.validation.text.size()),
          validation.finish(), ""};
}

void check_same_data(const DataFingerprint& then, const DataFingerprint& now, const std::string& where) {
  if (then.training.empty()) return;
  if (then.training != now.training) refuse("training", then.training_pairs, now.training_pairs, where);
  if (then.validation != now.validation) refuse("validation", then.validation_pairs, now.validation_pairs, where);
  if (then.ensemble == now.ensemble) return;
  throw Error(ErrorKind::kOutput,
              fmt::format("the models of training.validation_ensemble are others than when '{}' was saved: put them "
                          "back, or train anew",
                          where),
              {.file = where, .key = "training.validation_ensemble"});
}

}  // namespace heed
