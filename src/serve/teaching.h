#pragma once
#include <atomic>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "held_out.h"

namespace heed::serve {

/// A lesson for a copy of a model: a few updates by plain gradient descent, whose steps are as long as the pairs are
/// surprising, which is what works best for one sentence after the other (Turchi et al. 2017, "Continuous learning from
/// human post-edits for neural machine translation"; Peris and Casacuberta 2019, "Online learning for effort reduction
/// in interactive neural machine translation").
struct Teaching {
  std::string program;                   ///< whose `train` and `average` compute it, in processes of their own
  std::filesystem::path base;            ///< bundle that the copy was at first,
  std::filesystem::path from;            ///< and what it is now
  const Config& config;                  ///< of the base
  Precision precision;                   ///< in which copies are judged
  std::span<const SentencePair> fresh;   ///< what is to be learnt,
  std::span<const SentencePair> recent;  ///< and what was learnt before, which is learnt again
  double rate = 0;
  std::span<const SentencePair> held_out;
  Quality most;                ///< of the copy on the held-out text
  std::filesystem::path work;  ///< folder for its files; all absolute, since the training has another current folder
};

struct Taught {
  std::filesystem::path bundle;  ///< empty: whatever was tried would forget too much
  Quality held_out;              ///< of it, or of what was tried last
  std::size_t said = 0;          ///< how many of the fresh ones it translates so itself
};

/// The updates are made again, up to three times, until the copy says itself what it was taught. Where it would forget
/// too much, it goes a quarter of the way back to the base, as often as six times (Wortsman et al. 2022, "Robust
/// fine-tuning of zero-shot models"). Throws Error with what a process said that failed, and Cancelled.
Taught teach(const Teaching& teaching, const std::atomic<bool>& stop);

/// The pairs as a file of columns with tabs between them, and which columns they are: those of the source's features
/// are where the config says.
struct Columns {
  std::string text;
  std::vector<int> of_pair;  ///< source and target
};
Columns columns_of(std::span<const SentencePair> pairs, const TextOptions& source);

}  // namespace heed::serve
