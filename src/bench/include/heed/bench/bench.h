#pragma once
#include <functional>
#include <string>
#include <vector>

// What `heed bench` measures, on random data. Each returns its figures as a line of JSON (docs/benchmarks.md), or with
// `profile` as Markdown where the time goes.
namespace heed {
class Ranks;
}

namespace heed::bench {

/// A model, and the work to measure.
struct ModelSizes {
  int vocabulary = 8000;  ///< of both sides
  int embedding = 512;
  int hidden = 512;
  int layers = 2;
  int batch = 64;
  int source_length = 26;  ///< EOS included, as in target_length
  int target_length = 26;
  std::string attention = "luong-general";
  std::string cell = "lstm";
  std::string precision = "float32";
  int threads = 2;
};

struct TrainingBench {
  ModelSizes model;
  int accumulate = 1;  ///< gradient accumulation steps
  int updates = 20;    ///< that are timed
  bool profile = false;
  Ranks* ranks = nullptr;  ///< processes that make each update together; `threads` of each
};
/// Of several ranks the first has figures, the others an empty text.
std::string measure_training(const TrainingBench& bench);

struct DecodingBench {
  ModelSizes model{.batch = 1, .threads = 1};
  int beam = 1;
  int sentences = 50;
  bool profile = false;
};
std::string measure_decoding(const DecodingBench& bench);

/// The cost of each mechanism, alone and as a share of an update.
struct AttentionBench {
  std::vector<std::string> kinds;  ///< empty: all of the table
  std::vector<int> source_lengths = {10, 30, 100, 300, 1000};
  int hidden = 256;
  int batch = 8;
  int target_length = 16;
  int vocabulary = 1000;
  int repetitions = 3;
  bool updates = true;  ///< whole updates too
  /// Called before each measurement.
  std::function<void(const std::string& kind, int source_length)> begins = {};
};
std::string measure_attention(const AttentionBench& bench);

}  // namespace heed::bench
