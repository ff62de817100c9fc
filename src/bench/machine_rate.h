#pragma once
#include "heed/products/precision.h"

namespace heed::bench {

/// The machine's own rate in GFLOP/s: oneDNN's [64 x 1024] x [1024 x 2048] on numbers of `precision`, with packed
/// weights and `threads` threads inside the product: the yardstick of the benchmarks. Where the precision is not
/// native, the rate of float32, which then computes in its place.
double measure_matmul_gflops(Precision precision, int threads);

}  // namespace heed::bench
