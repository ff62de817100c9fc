#include "cache_parts.h"

#include <fmt/format.h>

#include <condition_variable>
#include <deque>
#include <exception>
#include <future>
#include <mutex>
#include <utility>

#include "cache_part.h"
#include "encoded_pairs.h"
#include "heed/base/atomic_file.h"
#include "heed/base/error.h"
#include "training_text.h"

namespace heed {
namespace {

namespace fs = std::filesystem;

constexpr long kTold = 1000000;  // pairs between two messages

/// The text of a part.
struct PartText {
  FlatLists<char> source, target;
  std::vector<FlatLists<char>> features;  // of each feature, the values
  std::vector<PairOrigin> origins;
  FlatLists<int> links;

  void add(const PairLine& pair, PairOrigin origin, std::span<const int> linked) {
    source.add(pair.source);
    target.add(pair.target);
    features.resize(pair.features.size());
    for (std::size_t f = 0; f < features.size(); ++f) features[f].add(pair.features[f]);
    origins.push_back(origin);
    links.add(linked);
  }
};

std::string_view text_of(const FlatLists<char>& lists, std::size_t i) { return {lists[i].data(), lists[i].size()}; }

/// A pipe would be written to, and wait for its reader.
void refuse_special(const fs::path& path) {
  std::error_code unknown;
  const fs::file_status status = fs::status(path, unknown);
  if (!fs::exists(status) || fs::is_regular_file(status)) return;
  throw Error::at({.file = path.string(), .key = "data.cache"},
                  fmt::format("a part of the cache is no regular file: {}", kMakeCacheAnew), ErrorKind::kModel);
}

/// Lets threads do something in the order of their parts.
class Turns {
 public:
  void wait(std::size_t number) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return failure_ || next_ == number; });
    if (next_ != number) std::rethrow_exception(failure_);
  }
  void pass() {
    const std::lock_guard lock(mutex_);
    ++next_;
    changed_.notify_all();
  }
  /// Of the exception at hand: those who wait get it too.
  void fail() {
    const std::lock_guard lock(mutex_);
    if (!failure_) failure_ = std::current_exception();
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t next_ = 0;
  std::exception_ptr failure_;
};

class PartMaker {
 public:
  PartMaker(const CacheRequest& request, const fs::path& folder, CacheManifest& manifest, const LogSink& log)
      : request_(request),
        options_(request.options),
        folder_(folder),
        manifest_(manifest),
        log_(log),
        made_of_(manifest.made_of()),
        source_(TextSide::load(options_.source, folder, "source")),
        target_(TextSide::load(options_.target, folder, "target", &source_)) {
    manifest_.parts.clear();
    manifest_.counts = CacheCounts(options_.corpora().size());
  }

  void run() try {
    PartText text;
    const auto take = [&](const PairLine& pair, PairOrigin origin, std::span<const int> links) {
      text.add(pair, origin, links);
      if (static_cast<long>(text.origins.size()) == manifest_.part_pairs) launch(std::exchange(text, {}));
    };
    for_each_training_pair(options_, take, [](LogLevel, std::string_view) {});
    if (!text.origins.empty()) launch(std::move(text));
    while (!running_.empty()) finish_first();
    if (read_ != manifest_.read) throw Error("the training text changed while a cache was made of it");
  } catch (...) {
    turns_.fail();
    throw;
  }

 private:
  struct Made {
    std::string sum;
    CacheCounts counts;
    long read = 0;
  };

  void launch(PartText text) {
    while (static_cast<int>(running_.size()) >= request_.threads) finish_first();
    running_.push_back(std::async(std::launch::async, [this, number = launched_++, text = std::move(text)]() mutable {
      try {
        return make(number, std::move(text));
      } catch (...) {
        turns_.fail();
        throw;
      }
    }));
  }

  void finish_first() {
    const Made made = running_.front().get();
    running_.pop_front();
    manifest_.parts.push_back(made.sum);
    manifest_.counts.add(made.counts);
    const long before = read_;
    read_ += made.read;
    if (before / kTold < read_ / kTold && read_ < manifest_.read)
      log_(LogLevel::kInfo, fmt::format("data.cache: {} of {} pairs are done", read_, manifest_.read));
  }

  Made make(std::size_t number, PartText text) {
    const fs::path path = folder_ / part_name(number);
    const auto read = static_cast<long>(text.origins.size());
    if (std::optional<CachePart::Head> head = standing(path, number)) {
      take_turn(number, [&] {
        for (const Digest& digest : head->met) seen_.add(digest);
        (void)seen_.take_new();
      });
      return {to_text(head->sum), std::move(head->counts), read};
    }
    refuse_special(path);
    write_file_atomically(path, part_bytes(content_of(number, std::move(text))));
    const CachePart written(path, static_cast<std::uint32_t>(number));
    return {to_text(written.head().sum), written.head().counts, read};
  }

  /// What an earlier process made; nothing if it is not there, or damaged, or of another cache.
  std::optional<CachePart::Head> standing(const fs::path& path, std::size_t number) const try {
    if (!fs::exists(path)) return std::nullopt;
    CachePart part(path, static_cast<std::uint32_t>(number));
    part.check_of(made_of_, options_.corpora().size());
    part.check_all();
    return part.head();
  } catch (const Error&) {
    return std::nullopt;
  }

  template <typename Act>
  void take_turn(std::size_t number, const Act& act) {
    if (!options_.filter.drops_duplicates()) return;
    turns_.wait(number);
    act();
    turns_.pass();
  }

  CachePartContent content_of(std::size_t number, PartText given) {
    TrainingText text = tokenize(std::move(given));
    CachePartContent out;
    out.made_of = made_of_;
    out.number = number;
    out.counts = CacheCounts(options_.corpora().size());
    PairFilter filter(options_, seen_);
    if (options_.filter.drops_duplicates()) {
      take_turn(number, [&] {
        drop_refused(text, filter);
        out.met = seen_.take_new();
      });
    } else {
      drop_refused(text, filter);
    }
    for (std::size_t c = 0; c < out.counts.fates.size(); ++c) {
      for (std::size_t fate = 0; fate < kPairFates; ++fate)
        out.counts.fates[c][fate] = filter.count(c, static_cast<PairFate>(fate));
    }
    out.counts.unknown = {unknown_tokens(text.source), unknown_tokens(text.target)};
    for (const PairOrigin origin : text.origins) out.corpora.push_back(origin.corpus);
    out.pairs = training_examples(std::move(text), request_.copies);
    for (std::size_t i = 0; i < out.pairs.size(); ++i) {
      const Example pair = out.pairs[i];
      out.counts.lengths[static_cast<std::size_t>(out.corpora[i])].add(
          {static_cast<int>(pair.source.size()), static_cast<int>(pair.target.size())});
    }
    return out;
  }

  TrainingText tokenize(PartText text) const {
    TextSide::Builder source(source_), target(target_);
    const bool linked = options_.has_links();
    if (linked) {
      source.keep_words();
      target.keep_words();
    }
    std::vector<std::string_view> features(text.features.size());
    for (std::size_t i = 0; i < text.origins.size(); ++i) {
      for (std::size_t f = 0; f < features.size(); ++f) features[f] = text_of(text.features[f], i);
      source.add(text_of(text.source, i), features);
      target.add(text_of(text.target, i));
    }
    TrainingText out;
    out.source = source.finish();
    out.target = target.finish();
    out.origins = std::move(text.origins);
    if (linked) out.links = std::move(text.links);
    return out;
  }

  const CacheRequest& request_;
  const DataOptions& options_;
  const fs::path folder_;
  CacheManifest& manifest_;
  const LogSink& log_;
  const Digest made_of_;
  const TextSide source_, target_;
  SeenPairs seen_{true};  // by the thread whose turn it is
  Turns turns_;
  std::size_t launched_ = 0;
  long read_ = 0;                          // pairs of parts that are done
  std::deque<std::future<Made>> running_;  // the last member: its threads use the others
};

}  // namespace

void make_parts(const CacheRequest& request, const fs::path& folder, CacheManifest& manifest, const LogSink& log) {
  PartMaker(request, folder, manifest, log).run();
}

}  // namespace heed
