// Scheduled sampling: what the decoder reads in training in the place of the truth.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "heed/autograd/gradient_store.h"
#include "heed/model/seq2seq.h"
#include "heed/tensor/worker_pool.h"

namespace heed {
namespace {

constexpr int kTokens = 12;
constexpr int kForced = 7;

class InputSampling : public testing::Test {
 protected:
  InputSampling() : model_(options(), SourceTables(kTokens), kTokens, 5) {
    const std::vector<std::vector<int>> sources = {{3, 4, 5}, {6}, {7, 8}};
    const std::vector<std::vector<int>> targets = {{4, 5, 6, 8}, {3}, {9, 4, 3}};
    source_ = pack_sources(sources, kTokens);
    target_ = pack_targets(targets, kTokens);
    pack();
  }
  static ModelOptions options() {
    ModelOptions out;
    out.embedding = 6;
    out.encoder_hidden = out.decoder_hidden = 8;
    out.dropout = 0;
    return out;
  }
  void pack() { model_.parameters().pack(Precision::kFloat32, true); }
  Parameter& parameter(const std::string& name) {
    for (Parameter* each : model_.parameters().all()) {
      if (each->name == name) return *each;
    }
    throw std::logic_error(name);
  }
  double loss(const TargetBatch& target, double sampling, std::uint64_t seed = 1) {
    tape_.clear();
    arena_.reset();
    Rng rng(seed);
    return model_.teacher_force(tape_, source_, target, {.rng = &rng, .sampling = sampling}).loss;
  }

  Seq2Seq model_;
  SourceBatch source_;
  TargetBatch target_;
  Arena arena_;
  Tape tape_{arena_, true};
};

TEST_F(InputSampling, ReadsWhatTheStepBeforeGave) {
  // Nearly all probability is on one token, whatever the decoder reads.
  parameter("generator.bias").value.view().data[kForced] = 50;
  pack();
  TargetBatch read = target_;
  std::replace_if(
      read.inputs.begin(), read.inputs.end(), [](int id) { return id >= Vocabulary::kSpecials; }, kForced);
  EXPECT_FLOAT_EQ(static_cast<float>(loss(target_, 1)), static_cast<float>(loss(read, 0)));
  EXPECT_NE(static_cast<float>(loss(target_, 1)), static_cast<float>(loss(target_, 0)));
}

TEST_F(InputSampling, ReplacesAShareOfTheTokens) {
  EXPECT_EQ(loss(target_, 0.5, 3), loss(target_, 0.5, 3)) << "the same random numbers, the same choices";
  std::vector<double> seen;
  for (std::uint64_t seed = 0; seed < 20; ++seed) seen.push_back(loss(target_, 0.5, seed));
  std::sort(seen.begin(), seen.end());
  EXPECT_GT(std::unique(seen.begin(), seen.end()) - seen.begin(), 10);
  EXPECT_NEAR(loss(target_, 1e-9), loss(target_, 0), 1e-5) << "nothing is replaced";
}

// What is drawn is a constant: around it the gradient is that of teacher forcing.
TEST_F(InputSampling, GradientsAreThoseOfTheTokensThatWereRead) {
  const std::uint64_t seed = 4;
  loss(target_, 0.7, seed);
  tape_.backward();
  GradientStore gradients(model_.parameters());
  gradients.collect(tape_);
  for (const char* name : {"target.embedding", "decoder.0.recurrent", "encoder.0.forward.input", "generator.weight"}) {
    Parameter& weight = parameter(name);
    const Tensor value = weight.value.view();
    const Tensor gradient = gradients.of(weight);
    const auto largest = std::max_element(gradient.data, gradient.data + gradient.size(),
                                          [](float a, float b) { return std::abs(a) < std::abs(b); });
    float& number = value.data[largest - gradient.data];
    const float before = number;
    constexpr double kStep = 1e-3;
    const auto loss_at = [&](double x) {
      number = static_cast<float>(x);
      pack();
      return loss(target_, 0.7, seed);
    };
    const double up = loss_at(before + kStep), down = loss_at(before - kStep);
    loss_at(before);
    EXPECT_NEAR((up - down) / (2 * kStep), *largest, 0.02 * std::abs(*largest)) << name;
  }
}

}  // namespace
}  // namespace heed
