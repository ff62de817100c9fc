#include "fmt/format.h"
#include "kernel.h"
#include "ways.h"

// Products with packed weights, gradients of weights, packing.
namespace heed::micro {
namespace {

struct Shape {
  std::int64_t in, out;
};
// The gates of 512 hidden units, the output layer over 8000 words, the gates of 128.
constexpr Shape kShapes[] = {{512, 2048}, {512, 8000}, {128, 512}};
// Their backward products, to the inputs' gradients.
constexpr Shape kBackwardShapes[] = {{2048, 512}, {8000, 512}, {512, 128}};

double flop_of(std::int64_t rows, const Shape& shape) { return 2.0 * static_cast<double>(rows * shape.in * shape.out); }

double bytes_of_number(Precision precision) {
  if (precision == Precision::kFloat32) return 4;
  return precision == Precision::kBfloat16 ? 2 : 1;
}

// Weights, input and output, each once: what bounds a product of few rows.
double bytes_of(std::int64_t rows, const Shape& shape, Precision precision) {
  return bytes_of_number(precision) * static_cast<double>(shape.in * shape.out) +
         4.0 * static_cast<double>(rows * (shape.in + shape.out));
}

void add_product(std::int64_t rows, const Shape& shape, const ProductWay& way) {
  const Work work{flop_of(rows, shape), bytes_of(rows, shape, way.precision), way.precision};
  add_kernel(fmt::format("product/{}/{}x{}/rows:{}", way.name, shape.in, shape.out, rows), work, [=, &way] {
    PackedWeights weights;
    weights.pack(random_buffer(shape.in, shape.out).view(), false, way);
    return [weights = std::move(weights), x = random_buffer(rows, shape.in), y = Buffer(rows, shape.out)] {
      matmul(x.view(), weights, y.view(), Accumulate::kNo);
    };
  });
}

void add_product_in_place(const Shape& shape, bool transposed, const ProductWay& way) {
  constexpr std::int64_t kRows = 256;
  const Shape of = transposed ? Shape{shape.out, shape.in} : shape;
  const Work work{flop_of(kRows, of), bytes_of(kRows, of, Precision::kFloat32), Precision::kFloat32};
  const char* how = transposed ? "transposed" : "plain";
  add_kernel(fmt::format("product/{} {}/{}x{}/rows:{}", way.name, how, of.in, of.out, kRows), work, [=, &way] {
    Buffer values = random_buffer(shape.in, shape.out);
    PackedWeights weights;
    weights.pack(values.view(), transposed, way);
    return [values = std::move(values), weights = std::move(weights), x = random_buffer(kRows, of.in),
            y = Buffer(kRows, of.out)] { matmul(x.view(), weights, y.view(), Accumulate::kNo); };
  });
}

// Rows of this many time steps, apart in memory as on a tape.
struct Steps {
  std::int64_t count, rows;
};

void add_gradient(const Steps& steps, const Shape& shape, const ProductWay& way) {
  const std::int64_t rows = steps.count * steps.rows;
  const auto name =
      fmt::format("gradient of weights/{}/{}x{}/rows:{}", way.name, shape.in, shape.out,
                  steps.count == 1 ? fmt::format("{}", rows) : fmt::format("{}x{}", steps.count, steps.rows));
  const Work work{flop_of(rows, shape), 0, way.precision};
  add_kernel(name, work, [=, &way] {
    std::vector<Buffer> owned;
    std::vector<GradientRows> parts;
    for (std::int64_t i = 0; i < steps.count; ++i) {
      owned.push_back(random_buffer(steps.rows, shape.in));
      owned.push_back(random_buffer(steps.rows, shape.out));
      parts.push_back({owned[owned.size() - 2].view(), owned.back().view()});
    }
    return [owned = std::move(owned), parts = std::move(parts), dw = Buffer(shape.in, shape.out), &way] {
      matmul_gradient(parts, dw.view(), Accumulate::kNo, way);
    };
  });
}

void add_packing(const Shape& shape, const ProductWay& way, bool transposed) {
  const double read = 4.0 * static_cast<double>(shape.in * shape.out);
  const auto written = static_cast<double>(way.packed_bytes(shape.in, shape.out));
  const auto name =
      fmt::format("packing of weights/{}{}/{}x{}", way.name, transposed ? " transposed" : "", shape.in, shape.out);
  add_kernel(name, {0, read + written, way.precision}, [=, &way] {
    return [from = random_buffer(shape.in, shape.out), to = PackedWeights(), transposed, &way]() mutable {
      to.pack(from.view(), transposed, way);
    };
  });
}

void add_way(const ProductWay& way) {
  for (const Shape& shape : kShapes) {
    if (way.in_place) {
      for (const bool transposed : {false, true}) add_product_in_place(shape, transposed, way);
      continue;
    }
    for (const std::int64_t rows : {1, 3, 5, 32, 64, 256}) add_product(rows, shape, way);
    add_packing(shape, way, false);
    if (way.gradient == nullptr) continue;  // serves inference, which has no transposed products either
    add_packing(shape, way, true);
    // One step of a worker's half of 64 sentences; 16 words of them all, in one piece and step by step.
    for (const Steps& steps : {Steps{1, 32}, Steps{1, 512}, Steps{16, 32}}) add_gradient(steps, shape, way);
  }
  if (way.gradient == nullptr) return;
  for (const Shape& shape : kBackwardShapes) {
    for (const std::int64_t rows : {32, 256}) add_product(rows, shape, way);
  }
}

}  // namespace

void add_products() {
  for (const ProductWay& way : product_ways()) {
    if (way.available()) add_way(way);
  }
}

}  // namespace heed::micro
