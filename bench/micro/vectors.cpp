#include "fmt/format.h"
#include "heed/kernels/elementwise.h"
#include "heed/kernels/lstm.h"
#include "heed/kernels/optimizers.h"
#include "kernel.h"

// Element by element, Adam, the LSTM step.
namespace heed::micro {
namespace {

constexpr double kFloat = sizeof(float);
constexpr std::int64_t kNear = 32 * 512;              // a step's state: in the nearest caches
constexpr std::int64_t kFar = std::int64_t{4} << 20;  // 16 MB an array

double bytes_of(std::int64_t count, int arrays) { return kFloat * arrays * static_cast<double>(count); }

// An operation on `arrays` arrays, of which it reads or writes `moved`.
template <typename Run>
void add_elementwise(const char* name, std::int64_t count, int moved, Run run) {
  const char* where = count == kNear ? "16 k" : "4 M";
  add_kernel(fmt::format("element by element/{}/{}", name, where), {0, bytes_of(count, moved)}, [=] {
    return [=, a = random_buffer(1, count), b = random_buffer(1, count), c = random_buffer(1, count)] {
      run(a.view().data, b.view().data, c.view().data, count);
    };
  });
}

void add_elementwise_kernels() {
  using Floats = float*;
  add_elementwise("tanh_forward", kNear, 2, [](Floats x, Floats y, Floats, std::int64_t n) { tanh_forward(x, y, n); });
  add_elementwise("tanh_backward", kNear, 4,
                  [](Floats y, Floats dy, Floats dx, std::int64_t n) { tanh_backward(y, dy, dx, n); });
  add_elementwise("sigmoid_forward", kNear, 2,
                  [](Floats x, Floats y, Floats, std::int64_t n) { sigmoid_forward(x, y, n); });
  add_elementwise("sigmoid_backward", kNear, 4,
                  [](Floats y, Floats dy, Floats dx, std::int64_t n) { sigmoid_backward(y, dy, dx, n); });
  for (const std::int64_t count : {kNear, kFar}) {
    add_elementwise("add_scaled", count, 3,
                    [](Floats x, Floats y, Floats, std::int64_t n) { add_scaled(x, 1e-3F, y, n); });
    add_elementwise("add_product", count, 4,
                    [](Floats a, Floats b, Floats y, std::int64_t n) { add_product(a, b, y, n); });
    add_elementwise("multiply", count, 3, [](Floats a, Floats b, Floats y, std::int64_t n) { multiply(a, b, y, n); });
    add_elementwise("sum_of_squares", count, 1,
                    [](Floats x, Floats, Floats, std::int64_t n) { benchmark::DoNotOptimize(sum_of_squares(x, n)); });
  }
  add_kernel("element by element/dropout_mask/16 k", {0, bytes_of(kNear, 1)}, [] {
    return [rng = Rng(3), mask = Buffer(1, kNear)]() mutable { dropout_mask(0.3, rng, mask.view().data, kNear); };
  });
}

void add_row_kernels() {
  constexpr std::int64_t kRows = 832;  // 26 words of 32 sentences
  constexpr std::int64_t kColumns = 2048;
  add_kernel("element by element/add_bias/832x2048", {0, bytes_of(kRows * kColumns, 2)}, [] {
    return [y = random_buffer(kRows, kColumns), bias = random_buffer(1, kColumns, 1e-3)] {
      add_bias(bias.view().data, y.view());
    };
  });
  add_kernel("element by element/add_column_sums/832x2048", {0, bytes_of(kRows * kColumns, 1)}, [] {
    return [x = random_buffer(kRows, kColumns), sums = Buffer(1, kColumns)] {
      add_column_sums(x.view(), sums.view().data);
    };
  });
}

void add_adam(std::int64_t count) {
  constexpr int kMoved = 7;  // the gradient is read, both moments and the weight are read and written
  add_kernel(fmt::format("optimizer/adam/{}", count == kNear ? "16 k" : "4 M"), {0, bytes_of(count, kMoved)}, [=] {
    return [=, gradient = random_buffer(1, count, 0.01), mean = Buffer(1, count), variance = Buffer(1, count),
            weight = random_buffer(1, count)] {
      adam_step({.learning_rate = 1e-3F}, 0.9F, 0.999F, 1e-8F,
                {gradient.view().data, weight.view().data, mean.view().data, variance.view().data, count});
    };
  });
}

void add_lstm_forward(std::int64_t rows, std::int64_t hidden) {
  constexpr int kMoved = 4 + 4 + 3;  // gates in and out, both cells, hidden
  add_kernel(fmt::format("lstm/forward/rows:{}/{}", rows, hidden), {0, bytes_of(rows * hidden, kMoved)}, [=] {
    return
        [sums = random_buffer(rows, 4 * hidden), gates = Buffer(rows, 4 * hidden), bias = random_buffer(1, 4 * hidden),
         previous = random_buffer(rows, hidden), cell = Buffer(rows, hidden), out = Buffer(rows, hidden)] {
          copy_values(sums, gates);
          return seconds_of([&] {
            lstm_forward({gates.view(), bias.view().data, previous.view(), cell.view(), out.view()});
          });
        };
  });
}

void add_lstm_backward(std::int64_t rows, std::int64_t hidden) {
  constexpr int kMoved =
      4 + 4 + 6;  // gates in and out, both cells, both gradients, and the previous one read and written
  add_kernel(fmt::format("lstm/backward/rows:{}/{}", rows, hidden), {0, bytes_of(rows * hidden, kMoved)}, [=] {
    return [activated = random_buffer(rows, 4 * hidden, 0.2), gates = Buffer(rows, 4 * hidden),
            cell = random_buffer(rows, hidden), previous = random_buffer(rows, hidden),
            d_hidden = random_buffer(rows, hidden), d_cell = random_buffer(rows, hidden),
            d_previous = Buffer(rows, hidden)] {
      copy_values(activated, gates);
      return seconds_of([&] {
        lstm_backward({gates.view(), cell.view(), previous.view(), d_hidden.view(), d_cell.view(), d_previous.view()});
      });
    };
  });
}

}  // namespace

void add_vectors() {
  add_elementwise_kernels();
  add_row_kernels();
  for (const std::int64_t count : {kNear, kFar}) add_adam(count);
  for (const std::int64_t hidden : {512, 128}) {
    for (const std::int64_t rows : {5, 32}) add_lstm_forward(rows, hidden);
    add_lstm_backward(32, hidden);
  }
}

}  // namespace heed::micro
