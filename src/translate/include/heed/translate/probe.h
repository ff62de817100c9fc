#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "heed/base/export.h"
#include "heed/data/corpus.h"
#include "heed/model/bundle.h"
#include "heed/record/translation.h"

// Is the attention to be believed? How far it agrees with what moves the output, at each token of given targets under
// teacher forcing (docs/probe.md).
namespace HEED_ENGINE_API heed {

/// What becomes of a source token that is erased.
enum class Erasure {
  kRemove,   ///< it is left out, with its features: leave-one-out, as Jain and Wallace 2019 do
  kUnknown,  ///< <unk> stands in its place, with the features of the token
};

struct ProbeOptions {
  Erasure erasure = Erasure::kRemove;
  int permutations = 20;   ///< of the weights of each target token, at least 1
  int deletions = 5;       ///< the most source tokens that are deleted one after the other, at least 1
  std::uint64_t seed = 1;  ///< of permutations and random orders; the results of a pair depend on it and `first_line`
  int threads = 1;         ///< at least 1
  int max_length = 1000;   ///< a side of more tokens is an Error; 0: no limit
  std::string source_name = "source";  ///< names of the files in errors,
  std::string target_name = "target";
  long first_line = 1;  ///< and line number of the first pair
};

/// What is measured of each target token.
enum class ProbeFigure {
  kAttentionErasure,    ///< Kendall's tau-b of the ranks that attention and erasure give the source tokens, EOS aside
  kAttentionSaliency,   ///< likewise
  kErasureSaliency,     ///< what two measures without attention agree
  kAttentionRandom,     ///< attention and a random order
  kTopErasure,          ///< 1 if the token that is attended to most is the one whose erasure moves the output most
  kTopSaliency,         ///< 1 if it is the most salient
  kTopRandom,           ///< the expectation for a random token
  kPermuted,            ///< total variation distance of the output with permuted weights, median of the permutations
  kUniform,             ///< likewise with equal weights
  kDeletedByAttention,  ///< area: fall of log p(token), mean of 1, 2, ... deletions of the most attended
  kDeletedBySaliency,
  kDeletedByErasure,
  kDeletedAtRandom,
};
constexpr std::size_t kProbeFigures = 13;
/// The name of a figure in tables and JSON: "attention_erasure".
const char* name_of(ProbeFigure figure);
/// What it is, in a few words.
const char* describe(ProbeFigure figure);

/// The figures of a target token, by ProbeFigure; NaN where one is not defined: a rank correlation of fewer than two
/// source tokens, or of equal values.
using ProbedToken = std::array<double, kProbeFigures>;

/// A pair with what was found. Its one translation has the attention (mean of layers and heads), and as measures
/// "erasure": the total variation distance of the output without the source token; "saliency": |gradient of
/// log p(token) * embedding|, as a share of the row's sum. EOS, which cannot be erased, has 0 in both, where it is
/// read.
struct Probed {
  Translated pair;
  std::vector<ProbedToken> tokens;  ///< none for a pair whose source is blank
};

/// Probes pairs; answer i belongs to pair i, and does not depend on the others or the threads. The model attends and
/// has float32 weights, else Error. A mechanism of your own that is no WeightedAttention must call
/// AttentionStep::change.
class Prober {
 public:
  explicit Prober(const Bundle& bundle);
  ~Prober();
  Prober(const Prober&) = delete;
  Prober& operator=(const Prober&) = delete;
  std::vector<Probed> probe(std::span<const SentencePair> pairs, const ProbeOptions& options) const;

 private:
  Bundle bundle_;
  std::unique_ptr<const Seq2Seq> undropped_;  // for gradients
};

/// Of a figure, over the target tokens that have it.
struct ProbeResult {
  double mean = 0;  ///< NaN without tokens
  double low = 0;   ///< 95 % interval: percentiles of 1,000 samples of the sentences (bootstrap)
  double high = 0;
  long tokens = 0;
};

/// The means of many pairs.
class ProbeSummary {
 public:
  void add(const Probed& probed);
  std::array<ProbeResult, kProbeFigures> results(std::uint64_t seed) const;
  long pairs() const { return static_cast<long>(sums_.size()); }  ///< with source tokens
  long tokens() const { return tokens_; }

 private:
  struct Sums {
    ProbedToken sum = {};
    std::array<long, kProbeFigures> count = {};
  };
  std::vector<Sums> sums_;  // of each pair
  long tokens_ = 0;
};

/// Kendall's tau-b (1945) of two lists of equal length; NaN for fewer than two, or if all values of one are equal.
double kendall_tau(std::span<const float> a, std::span<const float> b);

}  // namespace heed
