#include "heed/metrics/aer.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>

#include "heed/base/error.h"
#include "heed/base/message.h"

namespace heed {

namespace {

std::vector<Link> links_of(const std::string& line, std::size_t before, const std::string& name) {
  try {
    return parse_links(line);
  } catch (const Error& error) {
    throw Error::at({.file = name, .line = static_cast<long>(before) + 1}, error.what());
  }
}

std::size_t common(const std::set<Link>& a, const std::set<Link>& b) {
  return static_cast<std::size_t>(
      std::count_if(a.begin(), a.end(), [&](const Link& link) { return b.contains(link); }));
}

double percent(std::size_t part, std::size_t whole) {
  return whole == 0 ? 0 : 100 * static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

void AerCounts::add(const AlignedLinks& sentence) {
  const std::set<Link> a(sentence.alignment.begin(), sentence.alignment.end());
  const std::set<Link> s(sentence.sure.begin(), sentence.sure.end());
  std::set<Link> p(sentence.possible.begin(), sentence.possible.end());
  p.insert(s.begin(), s.end());
  ++sentences_;
  all_ += a.size();
  all_sure_ += s.size();
  in_sure_ += common(a, s);
  in_possible_ += common(a, p);
}

void AerCounts::add(const std::vector<std::string>& alignments, const std::vector<std::string>& sure,
                    const std::vector<std::string>& possible, const AerNames& names) {
  const bool has_possible = !possible.empty();
  if (alignments.empty()) throw Error("there are no alignments to evaluate");
  if (sure.size() != alignments.size() || (has_possible && possible.size() != alignments.size())) {
    throw Error(fmt::format("{} of alignments but {} of sure{} links", count_of(alignments.size(), "line"), sure.size(),
                            has_possible ? fmt::format(" and {} of possible", possible.size()) : ""));
  }
  for (std::size_t i = 0; i < alignments.size(); ++i) {
    AlignedLinks sentence;
    sentence.alignment = links_of(alignments[i], sentences_, names.alignments);
    sentence.sure = links_of(sure[i], sentences_, names.sure);
    if (has_possible) sentence.possible = links_of(possible[i], sentences_, names.possible);
    add(sentence);
  }
}

AerScore AerCounts::score() const {
  const std::size_t whole = all_ + all_sure_;
  const double precision = percent(in_possible_, all_);
  const double recall = percent(in_sure_, all_sure_);
  const double f1 = precision + recall == 0 ? 0 : 2 * precision * recall / (precision + recall);
  return {whole == 0 ? 0 : 100 - percent(in_sure_ + in_possible_, whole), precision, recall, f1};
}

AerScore aer(std::span<const AlignedLinks> sentences) {
  AerCounts counts;
  for (const AlignedLinks& sentence : sentences) counts.add(sentence);
  return counts.score();
}

AerScore aer(const std::vector<std::string>& alignments, const std::vector<std::string>& sure,
             const std::vector<std::string>& possible, const AerNames& names) {
  AerCounts counts;
  counts.add(alignments, sure, possible, names);
  return counts.score();
}

}  // namespace heed
