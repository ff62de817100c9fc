#pragma once
#include <cstdint>
#include <string>

#include "heed/products/precision.h"

// The machine's own rates, one thread, measured in this process: what the kernels are held against. They are measured
// when they are first asked for, and again after a few seconds: a machine that others share is not the same for long.
namespace heed::micro {

constexpr std::int64_t kFarMemory = std::int64_t{64} << 20;  ///< bytes that no near cache holds

/// GFLOP/s of oneDNN's own product with packed weights.
double product_rate(Precision precision);
/// GB/s, read and written together, of the plainest vector code (y += 1) over an array of `bytes`.
double memory_rate(std::int64_t bytes);
/// The rate of an array of which one pass moves about `traffic` bytes; never of a larger one than kFarMemory.
double memory_rate_of_traffic(double traffic);

/// The rates of now in a line.
std::string describe_machine();

}  // namespace heed::micro
