#include "heed/metrics/references.h"

namespace heed {

const std::string kNoReference(1, '\0');

std::vector<std::vector<std::string>> without_empty(std::vector<std::vector<std::string>> references) {
  if (references.size() < 2) return references;
  for (auto& lines : references) {
    for (std::string& line : lines) {
      if (line.empty()) line = kNoReference;
    }
  }
  return references;
}

}  // namespace heed
