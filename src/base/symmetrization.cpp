#include "heed/base/symmetrization.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <set>
#include <utility>

#include "heed/base/error.h"
#include "heed/base/nearest.h"

namespace heed {
namespace {

constexpr std::array<std::pair<const char*, Symmetrization>, 3> kNames = {{
    {"intersection", Symmetrization::kIntersection},
    {"union", Symmetrization::kUnion},
    {"grow-diag-final-and", Symmetrization::kGrowDiagonalFinal},
}};

/// An alignment that grows: its links, and the words that have one.
class Grown {
 public:
  explicit Grown(const std::set<Link>& links) {
    for (const Link& link : links) add(link);
  }
  void add(const Link& link) {
    links_.insert(link);
    sources_.insert(link.source);
    targets_.insert(link.target);
  }
  bool has_source(const Link& link) const { return sources_.contains(link.source); }
  bool has_target(const Link& link) const { return targets_.contains(link.target); }
  bool touches(const Link& link) const {
    for (int i = -1; i <= 1; ++i) {
      for (int j = -1; j <= 1; ++j) {
        if ((i != 0 || j != 0) && links_.contains({link.source + i, link.target + j})) return true;
      }
    }
    return false;
  }
  std::vector<Link> links() const { return {links_.begin(), links_.end()}; }

 private:
  std::set<Link> links_;
  std::set<int> sources_;
  std::set<int> targets_;
};

/// Adds what touches, of a source or a target word that has no link.
void grow(Grown& grown, std::set<Link> candidates) {
  for (bool added = true; added;) {
    added = false;
    for (auto link = candidates.begin(); link != candidates.end();) {
      if (!grown.touches(*link) || (grown.has_source(*link) && grown.has_target(*link))) {
        ++link;
        continue;
      }
      grown.add(*link);
      link = candidates.erase(link);
      added = true;
    }
  }
}

void add_last(Grown& grown, const std::set<Link>& links) {
  for (const Link& link : links) {
    if (!grown.has_source(link) && !grown.has_target(link)) grown.add(link);
  }
}

}  // namespace

std::vector<std::string> symmetrization_names() {
  std::vector<std::string> out;
  out.reserve(kNames.size());
  for (const auto& [name, how] : kNames) out.emplace_back(name);
  return out;
}

Symmetrization find_symmetrization(const std::string& name) {
  for (const auto& [known, how] : kNames) {
    if (name == known) return how;
  }
  throw UsageError(fmt::format("unknown symmetrization '{}'{}", name, did_you_mean(name, symmetrization_names())));
}

std::vector<Link> symmetrized(std::span<const Link> forward, std::span<const Link> backward, Symmetrization how) {
  const std::set<Link> f(forward.begin(), forward.end());
  const std::set<Link> b(backward.begin(), backward.end());
  std::set<Link> both;
  std::set<Link> either = f;
  either.insert(b.begin(), b.end());
  std::set_intersection(f.begin(), f.end(), b.begin(), b.end(), std::inserter(both, both.end()));
  if (how == Symmetrization::kIntersection) return {both.begin(), both.end()};
  if (how == Symmetrization::kUnion) return {either.begin(), either.end()};
  Grown grown(both);
  for (const Link& link : both) either.erase(link);
  grow(grown, std::move(either));
  add_last(grown, f);
  add_last(grown, b);
  return grown.links();
}

}  // namespace heed
