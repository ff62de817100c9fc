#pragma once
#include <string>

#include "heed/record/translation.h"

namespace heed::view {

/// Weights are kept to this many steps of 1, which is what pages print: 4 decimals.
inline constexpr int kWeightSteps = 10000;

/// The weights, row after row, each rounded to 4 decimals, as text of the 64 letters of base64. With v = 10000 w and c
/// the value of a letter:
///   c < 32             v = c
///   32 <= c < 44       2 to 13 zeros: c - 30
///   44 <= c < 48       14 to 269 zeros: 14 + 64 (c - 44) + the next letter
///   48 <= c < 60       v = 32 + 64 (c - 48) + the next letter, up to 799
///   60 <= c            v = 4096 (c - 60) + 64 times the next letter + the one after it
/// Most weights of a trained attention are 0 to 4 decimals, so a matrix takes far less than a letter for each. What is
/// below 0 or not a number is 0; above 1.6383 it is that.
std::string pack_weights(const AttentionWeights& weights);

}  // namespace heed::view
