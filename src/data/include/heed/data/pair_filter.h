#pragma once
#include "heed/base/export.h"
#include "heed/base/log.h"
#include "heed/text/text_side_builder.h"

namespace HEED_ENGINE_API heed {

/// Decides which pairs are trained on, and counts the others by reason.
class PairFilter {
 public:
  PairFilter(const TextOptions& source, const TextOptions& target) : source_(source), target_(target) {}

  /// Whether pair i of a corpus is trained on.
  bool takes(const TokenizedText& source, const TokenizedText& target, std::size_t i);
  /// Whether a pair with these numbers of tokens is longer than max_length on either side.
  bool is_too_long(std::size_t source_tokens, std::size_t target_tokens) const;
  /// Reports how many pairs were taken and left out, and warns if more than one in 20 is too long. Throws Error if none
  /// is left.
  void report(const LogSink& log) const;

 private:
  const TextOptions source_;
  const TextOptions target_;
  long taken_ = 0;
  long empty_ = 0;     // an empty side
  long too_long_ = 0;  // a side longer than max_length
};

}  // namespace heed
