#include "scores.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "heed/base/error.h"
#include "heed/base/length_limit.h"

namespace heed {

int max_target_length(int source_length, const SearchOptions& options) {
  if (options.forced_length > 0) return options.forced_length;
  return length_limit(options.max_length_factor, options.max_length_extra, source_length);
}

double normalised_score(double log_probability, int length, double length_penalty) {
  return log_probability / std::pow(length, length_penalty);
}

void check_continuations(std::span<const Continuation> continuations, std::size_t rows, int k) {
  if (continuations.size() != rows * static_cast<std::size_t>(k)) {
    throw Error(ErrorKind::kArgument, "the scorer returned " + std::to_string(continuations.size()) +
                                          " continuations for " + std::to_string(rows) + " rows x " +
                                          std::to_string(k));
  }
  for (const Continuation& c : continuations) {
    if (!(c.log_probability < std::numeric_limits<float>::infinity())) {
      throw Error(ErrorKind::kNumeric, "the model's scores are not finite");
    }
  }
}

void throw_no_continuation(int sentence) {
  throw Error(ErrorKind::kNumeric, "the model's scores are not finite: nothing can follow in sentence " +
                                       std::to_string(sentence + 1) + " of the batch");
}

}  // namespace heed
