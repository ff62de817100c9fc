#include "gradient_parts.h"

#include <algorithm>

namespace heed {

GradientParts::GradientParts(const ParameterList& parameters, int ranks) {
  for (Parameter* parameter : parameters.all()) {
    if (parameter->frozen) continue;
    if (parameter->role == ParameterRole::kEmbedding && !parameter->tied) {
      tables.push_back(parameter);
      continue;
    }
    const std::int64_t offset = parameters.offset(parameter->index);
    for (std::int64_t first = 0; first < parameter->size(); first += kChunk)
      chunks.push_back({parameter, offset + first, std::min(kChunk, parameter->size() - first)});
  }
  for (int rank = 0; rank < ranks; ++rank) {
    Part part{WorkerShares::share_of(static_cast<int>(chunks.size()), rank, ranks)};
    if (rank > 0) part.begin = parts.back().begin + parts.back().size;
    for (int i = part.chunks.first; i < part.chunks.last; ++i) {
      Chunk& chunk = chunks[static_cast<std::size_t>(i)];
      chunk.rank = rank;
      chunk.at = part.size;
      if (part.runs.empty() || part.runs.back().parameter != chunk.parameter) {
        const std::int64_t first = chunk.offset - parameters.offset(chunk.parameter->index);
        part.runs.push_back({chunk.parameter, first, chunk.offset, 0, chunk.at});
      }
      part.runs.back().count += chunk.count;
      part.size += chunk.count;
    }
    parts.push_back(std::move(part));
  }
}

std::vector<UpdateRange> GradientParts::Part::ranges() const {
  std::vector<UpdateRange> out;
  for (const Run& run : runs) out.push_back({run.parameter, run.first, run.count});
  return out;
}

}  // namespace heed
