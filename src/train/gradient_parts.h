#pragma once
#include <cstdint>
#include <vector>

#include "heed/autograd/parameter.h"
#include "heed/optim/optimizer.h"
#include "worker_shares.h"

namespace heed {

/// Which numbers of the gradient each of several ranks sums: neighbours in the flat gradient, about as many each.
/// Tables (embeddings that are not tied) are left out, of which only some rows have a gradient, and so are frozen
/// parameters.
struct GradientParts {
  /// Numbers whose squares are summed by themselves, as GradientStore does.
  static constexpr std::int64_t kChunk = 2048;
  struct Chunk {
    Parameter* parameter;
    std::int64_t offset;  ///< in the flat gradient
    std::int64_t count;
    std::int64_t at = 0;  ///< in its part
    int rank = 0;         ///< whose part it is
  };
  /// What a rank sums of a parameter.
  struct Run {
    Parameter* parameter;
    std::int64_t first;  ///< in it
    std::int64_t offset;
    std::int64_t count;
    std::int64_t at;  ///< in its part
  };
  struct Part {
    Share chunks;
    std::vector<Run> runs = {};  ///< in the order of the parameters
    std::int64_t size = 0;
    std::int64_t begin = 0;  ///< where all parts lie one after the other

    std::vector<UpdateRange> ranges() const;
  };

  GradientParts(const ParameterList& parameters, int ranks);
  const Part& of(int rank) const { return parts[static_cast<std::size_t>(rank)]; }
  /// Of all parts.
  std::int64_t size() const { return parts.back().begin + parts.back().size; }
  /// Where all parts lie one after the other.
  std::int64_t place_of(const Chunk& chunk) const { return of(chunk.rank).begin + chunk.at; }
  Share all_chunks() const { return {0, static_cast<int>(chunks.size())}; }

  std::vector<Parameter*> tables;
  std::vector<Chunk> chunks;
  std::vector<Part> parts;  ///< by rank
};

}  // namespace heed
