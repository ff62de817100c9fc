#pragma once
#include <CLI/CLI.hpp>

namespace heed::app {

/// Adds `attention` to the commands of `heed bench`.
void add_bench_attention(CLI::App& bench);

}  // namespace heed::app
