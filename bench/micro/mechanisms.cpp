#include <algorithm>

#include "fmt/format.h"
#include "heed/kernels/coverage.h"
#include "heed/kernels/gru.h"
#include "heed/kernels/layer_norm.h"
#include "heed/kernels/location.h"
#include "heed/kernels/monotonic.h"
#include "heed/kernels/sparse_normalizers.h"
#include "kernel.h"
#include "sentences.h"

// GRU and layer normalisation, and what the mechanisms beyond dot and additive do in a step of 32 sentences.
namespace heed::micro {
namespace {

constexpr std::int64_t kRows = 32;
constexpr std::int64_t kHidden = 512;
constexpr int kLength = 26;
constexpr std::int64_t kFeatures = 10;
constexpr int kFilterWidth = 15;
constexpr std::int64_t kGated = 10;  // values of each position in the gated coverage

double bytes_of(std::int64_t floats) { return sizeof(float) * static_cast<double>(floats); }
double source_bytes() { return bytes_of(kRows * kLength * kHidden); }
double weights_bytes() { return bytes_of(kRows * kLength); }

void add_gru() {
  // Gates and recurrent products in and out, both states.
  add_kernel("gru/forward/rows:32/512", {0, bytes_of(kRows * kHidden * (6 + 4 + 2))}, [] {
    return [sums = random_buffer(kRows, 3 * kHidden), products = random_buffer(kRows, 3 * kHidden),
            gates = Buffer(kRows, 3 * kHidden), recurrent = Buffer(kRows, 3 * kHidden),
            bias = random_buffer(2, 3 * kHidden), previous = random_buffer(kRows, kHidden),
            hidden = Buffer(kRows, kHidden)] {
      copy_values(sums, gates);
      copy_values(products, recurrent);
      return seconds_of([&] {
        gru_forward(
            {gates.view(), bias.view().row(0), recurrent.view(), bias.view().row(1), previous.view(), hidden.view()});
      });
    };
  });
  // Gates in and out, u_n in and gradients out, three states, the previous one's gradient read and written.
  add_kernel("gru/backward/rows:32/512", {0, bytes_of(kRows * kHidden * (6 + 4 + 2 + 2))}, [] {
    return [activated = random_buffer(kRows, 3 * kHidden, 0.2), products = random_buffer(kRows, 3 * kHidden),
            gates = Buffer(kRows, 3 * kHidden), recurrent = Buffer(kRows, 3 * kHidden),
            previous = random_buffer(kRows, kHidden), d_hidden = random_buffer(kRows, kHidden),
            d_previous = Buffer(kRows, kHidden)] {
      copy_values(activated, gates);
      copy_values(products, recurrent);
      return seconds_of([&] {
        gru_backward({gates.view(), recurrent.view(), previous.view(), d_hidden.view(), d_previous.view()});
      });
    };
  });
}

void add_layer_norm() {
  constexpr std::int64_t kColumns = 4 * kHidden;  // the gates of an LSTM
  add_kernel("layer norm/forward/rows:32/2048", {0, bytes_of(kRows * kColumns * 3)}, [] {
    return [original = random_buffer(kRows, kColumns), x = Buffer(kRows, kColumns), gain = random_buffer(1, kColumns),
            scale = Buffer(1, kRows), y = Buffer(kRows, kColumns)] {
      copy_values(original, x);
      return seconds_of([&] {
        layer_norm_forward({x.view(), gain.view().data, nullptr, scale.view().data, y.view()});
      });
    };
  });
  add_kernel("layer norm/backward/rows:32/2048", {0, bytes_of(kRows * kColumns * 5)}, [] {
    return [original = random_buffer(kRows, kColumns), normalized = Buffer(kRows, kColumns),
            gain = random_buffer(1, kColumns), scale = random_buffer(1, kRows), dy = random_buffer(kRows, kColumns),
            dx = Buffer(kRows, kColumns)] {
      copy_values(original, normalized);
      return seconds_of([&] {
        layer_norm_backward({normalized.view(), gain.view().data, scale.view().data, dy.view(), dx.view()});
      });
    };
  });
}

// A step's operands that most of these kernels share.
struct Operands {
  Sentences sentences{static_cast<int>(kRows), kLength, 1};
  Buffer query = random_buffer(kRows, kHidden);
  Buffer keys = random_buffer(kRows * kLength, kHidden);
  Buffer v = random_buffer(1, kHidden, 0.1);
  Buffer scores = random_buffer(kRows, kLength);
  Buffer weights = Buffer(kRows, kLength);
  Buffer previous = Buffer(kRows, kLength);
  Buffer features = random_buffer(kRows, kLength* kFeatures);
  Buffer of_features = random_buffer(kFeatures, kHidden);
  Buffer filters = random_buffer(kFilterWidth, kFeatures);

  Operands() {
    for (const Buffer* each : {&weights, &previous})
      std::fill_n(each->view().data, each->view().size(), 1.0F / kLength);
  }
  AdditivePairs pairs() const { return {query.view(), keys.view(), v.view().data}; }
};

template <typename Run>
void add_step(const char* name, const Work& work, Run run) {
  add_kernel(fmt::format("mechanism/{}/32x26x512", name), work,
             [=] { return [=, operands = Operands()] { run(operands.sentences.pairing(), operands); }; });
}

void add_scores() {
  add_step("pair_scores, 10 features", {0, source_bytes()}, [](const Pairing& pairing, const Operands& of) {
    pair_scores(pairing, of.pairs(), {of.features.view(), of.of_features.view()}, of.scores.view());
  });
  add_step("location features, 10 filters of 15", {0, weights_bytes() * (1 + kFeatures)},
           [](const Pairing& pairing, const Operands& of) {
             add_location_features(pairing, of.weights.view(), of.filters.view(), of.features.view());
           });
}

void add_normalizers() {
  const Work work{0, 2 * weights_bytes()};
  add_step("sparsemax_forward", work, [](const Pairing& pairing, const Operands& of) {
    sparsemax_forward(pairing, of.scores.view(), of.weights.view());
  });
  add_step("entmax15_forward", work, [](const Pairing& pairing, const Operands& of) {
    entmax15_forward(pairing, of.scores.view(), of.weights.view());
  });
}

void add_monotonic() {
  add_step("monotonic_alignment", {0, 3 * weights_bytes()}, [](const Pairing& pairing, const Operands& of) {
    monotonic_alignment(pairing, of.weights.view(), of.previous.view(), of.scores.view());
  });
  add_kernel("mechanism/chunk_weights, chunks of 4/32x26x512", {0, 3 * weights_bytes()}, [] {
    return [of = Operands(), out = Buffer(kRows, kLength)] {
      chunk_weights(of.sentences.pairing(), of.weights.view(), of.scores.view(), 4, out.view());
    };
  });
}

void add_coverage() {
  add_kernel("mechanism/add_covered/32x26x512", {0, 4 * weights_bytes()}, [] {
    return [of = Operands(), x = random_buffer(kRows * kLength, 1), covered = Buffer(kRows, kLength)] {
      add_covered(of.sentences.pairing(), of.weights.view(), x.view(), 2.0F, covered.view());
    };
  });
  // Positions, gates, both coverages.
  const Work work{2.0 * kRows * kLength * kGated * 3 * kGated, weights_bytes() * kGated * (3 + 3 + 2)};
  add_kernel("mechanism/gated_coverage, 10 values/32x26x512", work, [] {
    return [of = Operands(), previous = random_buffer(kRows, kLength * kGated),
            query = random_buffer(kRows, 3 * kGated), positions = random_buffer(kRows * kLength, 3 * kGated),
            of_weight = random_buffer(1, 3 * kGated), recurrent = random_buffer(kGated, 3 * kGated),
            gates = Buffer(kRows, kLength * 3 * kGated), coverage = Buffer(kRows, kLength * kGated)] {
      gated_coverage(
          of.sentences.pairing(),
          {of.weights.view(), previous.view(), query.view(), positions.view(), of_weight.view().data, recurrent.view()},
          gates.view(), coverage.view());
    };
  });
}

}  // namespace

void add_mechanisms() {
  add_gru();
  add_layer_norm();
  add_scores();
  add_normalizers();
  add_monotonic();
  add_coverage();
}

}  // namespace heed::micro
