#include "heed/data/pair_filter.h"

#include <fmt/format.h>

#include "heed/base/error.h"

namespace heed {
namespace {

constexpr long kFewest = 20;  // more than one in so many left out is a warning

bool exceeds(std::size_t tokens, int limit) { return limit > 0 && tokens > static_cast<std::size_t>(limit); }

}  // namespace

bool PairFilter::takes(const TokenizedText& source, const TokenizedText& target, std::size_t i) {
  const std::size_t source_tokens = source.sentences[i].size();
  const std::size_t target_tokens = target.sentences[i].size();
  long& count = source.cut[i] || target.cut[i]              ? too_long_
                : source_tokens == 0 || target_tokens == 0  ? empty_
                : is_too_long(source_tokens, target_tokens) ? too_long_
                                                            : taken_;
  ++count;
  return &count == &taken_;
}

bool PairFilter::is_too_long(std::size_t source_tokens, std::size_t target_tokens) const {
  return exceeds(source_tokens, source_.max_length) || exceeds(target_tokens, target_.max_length);
}

void PairFilter::report(const LogSink& log) const {
  if (taken_ == 0) {
    throw Error(fmt::format("no training pair is left: {} have an empty side, {} are longer than max_length", empty_,
                            too_long_));
  }
  log(LogLevel::kInfo, fmt::format("{} training pairs ({} with an empty side and {} longer than max_length left out)",
                                   taken_, empty_, too_long_));
  const long all = taken_ + empty_ + too_long_;
  if (too_long_ * kFewest > all) {
    log(LogLevel::kWarning,
        fmt::format("{} of {} training pairs are longer than data.source.max_length ({}) or data.target.max_length "
                    "({}) and are left out: raise these, if the machine has the memory",
                    too_long_, all, source_.max_length, target_.max_length));
  }
}

}  // namespace heed
