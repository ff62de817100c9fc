#pragma once
#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include "heed/base/atomic_file.h"
#include "heed/base/error.h"
#include "heed/base/rng.h"
#include "heed/model/seq2seq.h"
#include "heed/train/trainer.h"
#include "sanitized.h"
#include "test_seed.h"

namespace heed {

/// Makes weights of which each is finite, but the next loss is not: biases of the output layer, as vectors are never
/// read as they were packed before. Each token but the first gets a probability of 0.
inline void spoil_loss(const ValidationView& view) {
  constexpr float kMost = std::numeric_limits<float>::max();
  for (Parameter* parameter : view.model.parameters().all()) {
    const Tensor& value = parameter->value.view();
    if (parameter->role == ParameterRole::kVector) std::fill_n(value.data, value.size(), -kMost);
    value.data[0] = kMost;
  }
}

/// A test with a folder for corpora and runs that goes with it.
class RunTest : public testing::Test {
 protected:
  RunTest() {
    std::string name = (std::filesystem::temp_directory_path() / "heed-train-XXXXXX").string();
    root = mkdtemp(name.data());
  }
  ~RunTest() override { std::filesystem::remove_all(root); }

  struct Task {
    int symbols = 12;
    int shortest = 3;
    int longest = 8;
    bool reverse = false;
  };

  /// `count` strings of symbols and what is to be said, as lines of a TSV file.
  std::string write_pairs(const std::string& name, const Task& task, int count, std::uint64_t seed) const {
    Rng rng(test_seed(seed));
    const std::string path = (root / name).string();
    std::ofstream out(path);
    for (int i = 0; i < count; ++i) {
      std::vector<std::string> words(task.shortest + rng.below(task.longest - task.shortest + 1));
      for (std::string& word : words) word = std::string(1, static_cast<char>('a' + rng.below(task.symbols)));
      const auto write = [&](char end) {
        for (std::size_t w = 0; w < words.size(); ++w) out << (w > 0 ? " " : "") << words[w];
        out << end;
      };
      write('\t');
      if (task.reverse) std::reverse(words.begin(), words.end());
      write('\n');
    }
    return path;
  }

  /// A run over `train` training pairs.
  Config config(const Task& task, int train, int validation) const {
    Config out;
    out.data.train.tsv = write_pairs("train.tsv", task, train, 1);
    out.data.validation.tsv = write_pairs("validation.tsv", task, validation, 2);
    out.training.seed = static_cast<int>(test_seed(1));
    out.data.source.tokenizer = out.data.target.tokenizer = "spaces";
    out.training.threads = 2;  // whatever machine this is
    out.training.label_smoothing = 0;
    out.training.average_decay = 0;
    out.training.schedule.kind = "plateau";
    out.output = (root / "run").string();
    return out;
  }

  static std::string bytes(const Config& config, const std::string& file) {
    return read_file(std::filesystem::path(config.output) / file);
  }

  std::filesystem::path root;
  std::atomic<bool> stop{false};
};

}  // namespace heed
