#pragma once
#include "heed/nn/attention.h"

// Factories of the mechanisms, one file each; table.cpp lists them.
namespace heed {

std::unique_ptr<Attention> make_additive(const AttentionSizes& sizes, Rng& rng);
std::unique_ptr<Attention> make_luong_dot(const AttentionSizes& sizes, Rng& rng);
std::unique_ptr<Attention> make_luong_general(const AttentionSizes& sizes, Rng& rng);

}  // namespace heed
