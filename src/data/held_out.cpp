#include "heed/data/held_out.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "heed/base/checksums.h"
#include "heed/base/error.h"
#include "heed/base/message.h"
#include "heed/base/utf8.h"

namespace heed {

void HeldOutPairs::add(const PairLine& pair, PairOrigin origin) {
  if (utf8::is_blank(pair.source) || utf8::is_blank(pair.target)) return visit_(pair, origin);
  ++pairs_;
  std::string text = std::string(pair.source) + '\t' + std::string(pair.target);
  for (const std::string_view values : pair.features) text.append("\t").append(values);
  const std::string digest = checksum(text);
  if (held_.size() == kMost && digest > held_.rbegin()->first) {
    others_ = true;
    return visit_(pair, origin);
  }
  Held& held = held_[digest];
  if (held.origins.empty()) held.pair = SentencePair(pair);
  held.origins.push_back(origin);
  if (held_.size() > kMost) let_go();
}

void HeldOutPairs::let_go() {
  const auto last = std::prev(held_.end());
  const SentencePair& pair = last->second.pair;
  PairLine line;
  line.source = pair.source;
  line.target = pair.target;
  line.features.assign(pair.features.begin(), pair.features.end());
  for (const PairOrigin origin : last->second.origins) visit_(line, origin);
  held_.erase(last);
  others_ = true;
}

void HeldOutPairs::release() {
  while (!held_.empty()) let_go();
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
  HeldOutPairs pairs(options.held_out, [](const PairLine&, PairOrigin) {});
  for (const CorpusFiles& files : options.corpora()) {
    if (files.source == "-" || files.target == "-" || files.tsv == "-")
      throw Error("pairs that were held out of standard input cannot be read again");
    PairReader reader(files);
    while (const std::optional<PairLine> pair = reader.next_pair()) pairs.add(*pair, {});
  }
  return pairs.finish([](LogLevel, std::string_view) {});
}

}  // namespace heed
