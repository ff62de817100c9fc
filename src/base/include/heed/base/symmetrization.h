#pragma once
#include <span>
#include <string>
#include <vector>

#include "heed/base/export.h"
#include "heed/base/links.h"

namespace HEED_ENGINE_API heed {

/// How the links of two directions become one alignment (Och and Ney 2003, section 4.4; Koehn et al. 2003).
enum class Symmetrization {
  kIntersection,       ///< links of both
  kUnion,              ///< links of either
  kGrowDiagonalFinal,  ///< grow-diag-final-and, see symmetrized()
};

/// intersection, union, grow-diag-final-and.
std::vector<std::string> symmetrization_names();
/// Throws UsageError for another name.
Symmetrization find_symmetrization(const std::string& name);

/// Links of both directions, source-target in both, as one alignment, sorted and each once.
///
/// grow-diag-final-and begins with the intersection. Sweeps over the links of the union, sorted, add each that touches
/// a link, diagonally too, and has a word without a link, until a sweep adds none. Then the links of `forward`, and
/// those of `backward`, are added whose words both have none. The order of the sweeps is that of fast_align's `atools`;
/// Moses' `symal` goes from link to neighbour, which in rare cases ends elsewhere.
std::vector<Link> symmetrized(std::span<const Link> forward, std::span<const Link> backward, Symmetrization how);

}  // namespace heed
