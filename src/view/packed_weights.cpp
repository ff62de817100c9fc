#include "packed_weights.h"

#include <algorithm>
#include <cmath>

namespace heed::view {
namespace {

constexpr char kLetters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr int kMost = 4 * 4096 - 1;
constexpr int kLongestRun = 14 + 4 * 64 - 1;

int rounded(float weight) {
  if (!(weight > 0)) return 0;
  return static_cast<int>(std::lround(std::min(static_cast<double>(weight) * kWeightSteps, double{kMost})));
}

class Packer {
 public:
  void add(int value) {
    if (value == 0 && zeros_ < kLongestRun) {
      ++zeros_;
      return;
    }
    flush();
    if (value == 0) {
      zeros_ = 1;
    } else if (value < 32) {
      letter(value);
    } else if (value < 800) {
      letter(48 + (value - 32) / 64);
      letter((value - 32) % 64);
    } else {
      letter(60 + value / 4096);
      letter(value / 64 % 64);
      letter(value % 64);
    }
  }

  std::string finish() {
    flush();
    return std::move(out_);
  }

 private:
  void letter(int value) { out_ += kLetters[value]; }

  void flush() {
    if (zeros_ == 1) letter(0);
    if (zeros_ >= 2 && zeros_ < 14) letter(zeros_ + 30);
    if (zeros_ >= 14) {
      letter(44 + (zeros_ - 14) / 64);
      letter((zeros_ - 14) % 64);
    }
    zeros_ = 0;
  }

  std::string out_;
  int zeros_ = 0;
};

}  // namespace

std::string pack_weights(const AttentionWeights& weights) {
  Packer packer;
  for (const auto& row : weights) {
    for (const float weight : row) packer.add(rounded(weight));
  }
  return packer.finish();
}

}  // namespace heed::view
