#include "heed/data/pair_filter.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>

#include "heed/base/error.h"

namespace heed {
namespace {

constexpr long kFewest = 20;  // more than one in so many left out is a warning
constexpr PairFate kFaults[] = {PairFate::kEmpty, PairFate::kTooLong, PairFate::kTooShort, PairFate::kRatio,
                                PairFate::kDuplicate};

bool exceeds(std::size_t tokens, int limit) { return limit > 0 && tokens > static_cast<std::size_t>(limit); }

// "a", "a and b", "a, b and c"
std::string listed(const std::vector<std::string>& items) {
  if (items.size() == 1) return items.front();
  const std::vector<std::string> first(items.begin(), items.end() - 1);
  return fmt::format("{} and {}", fmt::join(first, ", "), items.back());
}

}  // namespace

const char* words_of(PairFate fate) {
  constexpr const char* kWords[kPairFates] = {"trained on",
                                              "with an empty side",
                                              "longer than max_length",
                                              "shorter than filter.min_length",
                                              "beyond filter.max_ratio",
                                              "with the tokens of an earlier one"};
  return kWords[static_cast<std::size_t>(fate)];
}

PairFilter::PairFilter(const DataOptions& options)
    : options_(options), corpora_(options.corpora()), counts_(corpora_.size()), seen_(std::make_shared<SeenPairs>()) {}

PairFilter::PairFilter(const DataOptions& options, SeenPairs& seen)
    : options_(options),
      corpora_(options.corpora()),
      counts_(corpora_.size()),
      seen_(std::shared_ptr<SeenPairs>(), &seen) {}

PairFate PairFilter::judge(const TokenizedText& source, const TokenizedText& target, std::size_t i,
                           std::size_t corpus) {
  const PairFate fate = fate_of(source, target, i);
  ++counts_[corpus][static_cast<std::size_t>(fate)];
  return fate;
}

PairFate PairFilter::fate_of(const TokenizedText& source, const TokenizedText& target, std::size_t i) {
  const FilterOptions& filter = options_.filter;
  const std::size_t source_tokens = source.sentences[i].size();
  const std::size_t target_tokens = target.sentences[i].size();
  const auto [fewest, most] = std::minmax(source_tokens, target_tokens);
  if (source.cut[i] || target.cut[i]) return PairFate::kTooLong;
  if (fewest == 0) return PairFate::kEmpty;
  if (is_too_long(source_tokens, target_tokens)) return PairFate::kTooLong;
  if (fewest < static_cast<std::size_t>(filter.min_length)) return PairFate::kTooShort;
  const bool ragged = static_cast<double>(most) > filter.max_ratio * static_cast<double>(fewest);
  if (filter.max_ratio > 0 && ragged) return PairFate::kRatio;
  if (filter.drops_duplicates() && was_seen(source, target, i)) return PairFate::kDuplicate;
  return PairFate::kTaken;
}

Digest PairFilter::digest_of(const TokenizedText& source, const TokenizedText& target, std::size_t i) {
  std::string bytes;
  const auto add_size = [&](std::size_t size) { bytes.append(reinterpret_cast<const char*>(&size), sizeof(size)); };
  for (const TokenizedText* text : {&source, &target}) {
    add_size(text->sentences[i].size());
    for (const int place : text->sentences[i]) {
      const std::string& token = text->tokens[static_cast<std::size_t>(place)];
      add_size(token.size());
      bytes += token;
    }
  }
  if (!source.features.empty()) {
    const std::span<const int> features = source.features[i];
    bytes.append(reinterpret_cast<const char*>(features.data()), features.size_bytes());
  }
  return digest(bytes);
}

bool PairFilter::was_seen(const TokenizedText& source, const TokenizedText& target, std::size_t i) {
  return !seen_->add(digest_of(source, target, i));
}

bool PairFilter::is_too_long(std::size_t source_tokens, std::size_t target_tokens) const {
  return exceeds(source_tokens, options_.source.max_length) || exceeds(target_tokens, options_.target.max_length);
}

PairFilter::Counts PairFilter::sum() const {
  Counts out{};
  for (const Counts& counts : counts_) {
    for (std::size_t fate = 0; fate < kPairFates; ++fate) out[fate] += counts[fate];
  }
  return out;
}

// Empty and overlong ones always, others where something is asked of them.
std::string PairFilter::faults(const Counts& counts) const {
  std::vector<std::string> items;
  for (const PairFate fate : kFaults) {
    const bool asked = fate == PairFate::kEmpty || fate == PairFate::kTooLong ||
                       (fate == PairFate::kTooShort && options_.filter.min_length > 1) ||
                       (fate == PairFate::kRatio && options_.filter.max_ratio > 0) ||
                       (fate == PairFate::kDuplicate && options_.filter.drops_duplicates());
    if (asked) items.push_back(fmt::format("{} {}", counts[static_cast<std::size_t>(fate)], words_of(fate)));
  }
  return listed(items);
}

std::string PairFilter::text(const Counts& counts) const {
  return fmt::format("{} training pairs ({} left out)", counts[static_cast<std::size_t>(PairFate::kTaken)],
                     faults(counts));
}

void PairFilter::report(const LogSink& log) const {
  const Counts all = sum();
  const auto in = [](const Counts& counts, PairFate fate) { return counts[static_cast<std::size_t>(fate)]; };
  if (in(all, PairFate::kTaken) == 0) throw Error(fmt::format("no training pair is left: {}", faults(all)));
  for (std::size_t c = 0; c < corpora_.size() && corpora_.size() > 1; ++c) {
    const std::string line = fmt::format("{}: {}", corpora_[c].name(), text(counts_[c]));
    if (corpora_[c].weight > 0 && in(counts_[c], PairFate::kTaken) == 0) throw Error(line + ", and it has a weight");
    log(LogLevel::kInfo, line);
  }
  log(LogLevel::kInfo, text(all));
  const long too_long = in(all, PairFate::kTooLong);
  const long pairs = std::accumulate(all.begin(), all.end(), 0L);
  if (too_long * kFewest > pairs) {
    log(LogLevel::kWarning,
        fmt::format("{} of {} training pairs are longer than data.source.max_length ({}) or data.target.max_length "
                    "({}) and are left out: raise these, if the machine has the memory",
                    too_long, pairs, options_.source.max_length, options_.target.max_length));
  }
}

}  // namespace heed
