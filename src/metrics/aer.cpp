#include "heed/metrics/aer.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <string_view>

#include "counts.h"
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

std::set<Link> common(const std::set<Link>& a, const std::set<Link>& b) {
  std::set<Link> out;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::inserter(out, out.end()));
  return out;
}

std::set<int> source_words(const std::set<Link>& links) {
  std::set<int> out;
  for (const Link& link : links) out.insert(link.source);
  return out;
}

double percent(double part, double whole) { return whole == 0 ? 0 : 100 * part / whole; }

double link_error_rate(double right, double all) { return all == 0 ? 0 : 100 - percent(right, all); }

// Rows: |A|, |S|, |A and S|, |A and P|, the links of A whose source word has a gold link, the source words that have a
// sure link, and those of them that have one in A.
enum LinkCount { kLinks, kSure, kInSure, kInPossible, kContentLinks, kSureWords, kHits };
using LinkRow = std::array<double, kHits + 1>;

LinkRow row_of(const AlignedLinks& sentence) {
  const std::set<Link> a(sentence.alignment.begin(), sentence.alignment.end());
  const std::set<Link> s(sentence.sure.begin(), sentence.sure.end());
  std::set<Link> p(sentence.possible.begin(), sentence.possible.end());
  p.insert(s.begin(), s.end());
  const std::set<Link> in_sure = common(a, s);
  const std::set<int> content = source_words(p);
  const auto is_content = [&](const Link& link) { return content.contains(link.source); };
  const std::size_t counts[] = {a.size(),
                                s.size(),
                                in_sure.size(),
                                common(a, p).size(),
                                static_cast<std::size_t>(std::count_if(a.begin(), a.end(), is_content)),
                                source_words(s).size(),
                                source_words(in_sure).size()};
  LinkRow out;
  std::copy(std::begin(counts), std::end(counts), out.begin());
  return out;
}

}  // namespace

SentenceCounts count_alignments(std::span<const AlignedLinks> sentences) {
  SentenceCounts counts{.width = std::tuple_size_v<LinkRow>};
  for (const AlignedLinks& sentence : sentences) {
    const LinkRow row = row_of(sentence);
    counts.rows.insert(counts.rows.end(), row.begin(), row.end());
  }
  return counts;
}

SentenceCounts count_alignments(const Texts& texts, const AerNames& names) {
  const std::vector<std::string>& alignments = texts.hypotheses;
  const std::vector<std::string>& sure = texts.references.at(0);
  const bool has_possible = texts.references.size() > 1 && !texts.references[1].empty();
  if (alignments.empty()) throw Error("there are no alignments to evaluate");
  if (sure.size() != alignments.size() || (has_possible && texts.references[1].size() != alignments.size())) {
    throw Error(fmt::format("{} of alignments but {} of sure{} links", count_of(alignments.size(), "line"), sure.size(),
                            has_possible ? fmt::format(" and {} of possible", texts.references[1].size()) : ""));
  }
  std::vector<AlignedLinks> sentences(alignments.size());
  for (std::size_t i = 0; i < alignments.size(); ++i) {
    AlignedLinks& sentence = sentences[i];
    sentence.alignment = links_of(alignments[i], texts.before + i, names.alignments);
    sentence.sure = links_of(sure[i], texts.before + i, names.sure);
    if (has_possible) sentence.possible = links_of(texts.references[1][i], texts.before + i, names.possible);
  }
  return count_alignments(sentences);
}

AerScore alignments_of(Sums sums) {
  const double right = sums[kInSure] + sums[kInPossible];
  AerScore out;
  out.score = link_error_rate(right, sums[kLinks] + sums[kSure]);
  out.precision = percent(sums[kInPossible], sums[kLinks]);
  out.recall = percent(sums[kInSure], sums[kSure]);
  const double both = out.precision + out.recall;
  out.f1 = both == 0 ? 0 : 2 * out.precision * out.recall / both;
  out.content = link_error_rate(right, sums[kContentLinks] + sums[kSure]);
  out.content_precision = percent(sums[kInPossible], sums[kContentLinks]);
  out.hit = percent(sums[kHits], sums[kSureWords]);
  return out;
}

void AerCounts::add(const AlignedLinks& sentence) {
  add_rows(row_of(sentence), sums_);
  ++sentences_;
}

void AerCounts::add(const std::vector<std::string>& alignments, const std::vector<std::string>& sure,
                    const std::vector<std::string>& possible, const AerNames& names) {
  add_rows(count_alignments({alignments, {sure, possible}, sentences_}, names).rows, sums_);
  sentences_ += alignments.size();
}

AerScore AerCounts::score() const { return alignments_of(sums_); }

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
