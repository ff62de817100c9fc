#pragma once
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "heed/base/export.h"
#include "heed/base/log.h"
#include "heed/data/data_options.h"
#include "heed/data/pair_reader.h"

namespace HEED_ENGINE_API heed {

/// Where a training pair stands.
struct PairOrigin {
  int corpus = 0;
  long line = 0;
  bool operator<(const PairOrigin& other) const { return std::tie(corpus, line) < std::tie(other.corpus, other.line); }
};

/// Sets a share of the training pairs apart while they are read once, for want of a validation text: those whose text
/// has the smallest checksums. So they are spread over all corpora, the same for the same pairs in whatever order, and
/// a pair that is there several times is on one side only.
class HeldOutPairs {
 public:
  static constexpr std::size_t kMost = 2000;
  using Visit = std::function<void(const PairLine& pair, PairOrigin origin)>;

  /// `visit` gets each pair that is left to train on, some of them late.
  HeldOutPairs(double share, Visit visit) : share_(share), visit_(std::move(visit)) {}
  void add(const PairLine& pair, PairOrigin origin);
  /// The pairs that are held out, each once, in the order of their checksums; says how many. Throws Error if there are
  /// too few to hold one out.
  std::vector<SentencePair> finish(const LogSink& log);
  /// Leaves all pairs to train on, where none can be held out.
  void release();
  /// After finish(): where the pairs that are not trained on stand, copies too.
  const std::vector<PairOrigin>& origins() const { return origins_; }

 private:
  struct Held {
    SentencePair pair;
    std::vector<PairOrigin> origins;  // of each copy
  };
  void let_go();

  double share_;
  Visit visit_;
  std::map<std::string, Held> held_;  // by checksum
  std::size_t pairs_ = 0;             // with text on both sides
  bool others_ = false;               // are left to train on
  std::vector<PairOrigin> origins_;
};

/// What the pairs of a training without data.validation are validated on. Reads the training corpora.
std::vector<SentencePair> read_held_out(const DataOptions& options);

}  // namespace heed
