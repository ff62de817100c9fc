#include "heed/metrics/aer.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>

#include "heed/base/error.h"
#include "heed/base/message.h"

namespace heed {

namespace {

std::vector<Link> links_of(const std::vector<std::string>& lines, std::size_t i, const std::string& name) {
  try {
    return parse_links(lines[i]);
  } catch (const Error& error) {
    throw Error::at({.file = name, .line = static_cast<long>(i) + 1}, error.what());
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

AerScore aer(std::span<const AlignedLinks> sentences) {
  std::size_t all = 0;
  std::size_t all_sure = 0;
  std::size_t in_sure = 0;
  std::size_t in_possible = 0;
  for (const AlignedLinks& sentence : sentences) {
    const std::set<Link> a(sentence.alignment.begin(), sentence.alignment.end());
    const std::set<Link> s(sentence.sure.begin(), sentence.sure.end());
    std::set<Link> p(sentence.possible.begin(), sentence.possible.end());
    p.insert(s.begin(), s.end());
    all += a.size();
    all_sure += s.size();
    in_sure += common(a, s);
    in_possible += common(a, p);
  }
  const std::size_t whole = all + all_sure;
  const double precision = percent(in_possible, all);
  const double recall = percent(in_sure, all_sure);
  const double f1 = precision + recall == 0 ? 0 : 2 * precision * recall / (precision + recall);
  return {whole == 0 ? 0 : 100 - percent(in_sure + in_possible, whole), precision, recall, f1};
}

AerScore aer(const std::vector<std::string>& alignments, const std::vector<std::string>& sure,
             const std::vector<std::string>& possible, const AerNames& names) {
  const bool has_possible = !possible.empty();
  if (alignments.empty()) throw Error("there are no alignments to evaluate");
  if (sure.size() != alignments.size() || (has_possible && possible.size() != alignments.size())) {
    throw Error(fmt::format("{} of alignments but {} of sure{} links", count_of(alignments.size(), "line"), sure.size(),
                            has_possible ? fmt::format(" and {} of possible", possible.size()) : ""));
  }
  std::vector<AlignedLinks> sentences;
  for (std::size_t i = 0; i < alignments.size(); ++i) {
    AlignedLinks& sentence = sentences.emplace_back();
    sentence.alignment = links_of(alignments, i, names.alignments);
    sentence.sure = links_of(sure, i, names.sure);
    if (has_possible) sentence.possible = links_of(possible, i, names.possible);
  }
  return aer(sentences);
}

}  // namespace heed
