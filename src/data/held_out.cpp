#include "heed/data/held_out.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "heed/base/checksums.h"
#include "heed/base/error.h"
#include "heed/base/message.h"
#include "heed/base/utf8.h"

namespace heed {

void HeldOutPairs::add(std::string_view source, std::string_view target, PairOrigin origin) {
  if (utf8::is_blank(source) || utf8::is_blank(target)) return visit_(source, target, origin);
  ++pairs_;
  const std::string digest = checksum(std::string(source) + '\t' + std::string(target));
  if (held_.size() == kMost && digest > held_.rbegin()->first) {
    others_ = true;
    return visit_(source, target, origin);
  }
  Held& held = held_[digest];
  if (held.origins.empty()) held.pair = {std::string(source), std::string(target)};
  held.origins.push_back(origin);
  if (held_.size() > kMost) let_go();
}

void HeldOutPairs::let_go() {
  const auto last = std::prev(held_.end());
  for (const PairOrigin origin : last->second.origins)
    visit_(last->second.pair.source, last->second.pair.target, origin);
  held_.erase(last);
  others_ = true;
}

std::vector<SentencePair> HeldOutPairs::finish(const LogSink& log) {
  if (held_.size() < 2) {
    throw Error(fmt::format("{} with text: too few to hold one out for validation; name data.validation",
                            count_of(held_.size(), "training pair")));
  }
  const auto share = static_cast<std::size_t>(std::llround(share_ * static_cast<double>(pairs_)));
  const std::size_t wanted = std::clamp<std::size_t>(share, 1, held_.size() - (others_ ? 0 : 1));
  while (held_.size() > wanted) let_go();
  std::vector<SentencePair> out;
  for (auto& [digest, held] : held_) {
    out.push_back(std::move(held.pair));
    origins_.insert(origins_.end(), held.origins.begin(), held.origins.end());
  }
  std::string text = fmt::format(
      "data.validation is not given: {} of {} training pairs are held out for it (data.held_out)", out.size(), pairs_);
  const std::size_t copies = origins_.size() - out.size();
  if (copies > 0)
    text += fmt::format(", and {} of them left out", copies == 1 ? "1 copy" : fmt::format("{} copies", copies));
  log(LogLevel::kInfo, text);
  return out;
}

std::vector<SentencePair> read_held_out(const DataOptions& options) {
  HeldOutPairs pairs(options.held_out, [](std::string_view, std::string_view, PairOrigin) {});
  for (const CorpusFiles& files : options.corpora()) {
    if (files.source == "-" || files.target == "-" || files.tsv == "-")
      throw Error("pairs that were held out of standard input cannot be read again");
    for_each_pair(files, [&](std::string_view source, std::string_view target) { pairs.add(source, target, {}); });
  }
  return pairs.finish([](LogLevel, std::string_view) {});
}

}  // namespace heed
