#include "gradient_parts.h"

#include <algorithm>

namespace heed {

GradientParts::GradientParts(const ParameterList& parameters, int ranks) : of_parameter(parameters.all().size()) {
  for (Parameter* parameter : parameters.all()) {
    if (parameter->frozen) continue;
    if (parameter->role == ParameterRole::kEmbedding && !parameter->tied) {
      tables.push_back(parameter);
      continue;
    }
    by_size.push_back(parameter);
    const int begin = static_cast<int>(chunks.size());
    const std::int64_t offset = parameters.offset(parameter->index);
    for (std::int64_t first = 0; first < parameter->size(); first += kChunk)
      chunks.push_back({parameter, offset + first, std::min(kChunk, parameter->size() - first)});
    of_parameter[static_cast<std::size_t>(parameter->index)] = {begin, static_cast<int>(chunks.size())};
  }
  std::stable_sort(by_size.begin(), by_size.end(),
                   [](const Parameter* a, const Parameter* b) { return a->size() > b->size(); });
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

const GradientParts::Run* GradientParts::Part::run_of(const Parameter& parameter) const {
  const auto found =
      std::find_if(runs.begin(), runs.end(), [&](const Run& run) { return run.parameter == &parameter; });
  return found != runs.end() ? &*found : nullptr;
}

std::vector<UpdateRange> GradientParts::Part::ranges() const {
  std::vector<UpdateRange> out;
  for (const Run& run : runs) out.push_back({run.parameter, run.first, run.count});
  return out;
}

}  // namespace heed
