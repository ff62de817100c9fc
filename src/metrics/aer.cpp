#include "heed/metrics/aer.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <string_view>
#include <utility>

#include "heed/base/error.h"

namespace heed {

namespace {

using Links = std::set<std::pair<int, int>>;  // source word, target word

bool parse_number(std::string_view text, int& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && value >= 0;
}

std::vector<std::string_view> split_ascii(std::string_view line) {
  constexpr std::string_view kSpace = " \t\r";
  std::vector<std::string_view> fields;
  for (std::size_t at = line.find_first_not_of(kSpace); at != std::string_view::npos;) {
    const std::size_t end = std::min(line.find_first_of(kSpace, at), line.size());
    fields.push_back(line.substr(at, end - at));
    at = line.find_first_not_of(kSpace, end);
  }
  return fields;
}

Links links_of(const std::vector<std::string>& lines, std::size_t i, std::string_view what) {
  Links links;
  for (const std::string_view field : split_ascii(lines[i])) {
    const std::size_t dash = field.find('-');
    std::pair<int, int> link;
    if (dash == std::string_view::npos || !parse_number(field.substr(0, dash), link.first) ||
        !parse_number(field.substr(dash + 1), link.second)) {
      throw Error(fmt::format("{}, line {}: '{}' is no link; it would be like '3-4', word numbers counted from 0", what,
                              i + 1, field));
    }
    links.insert(link);
  }
  return links;
}

std::size_t common(const Links& a, const Links& b) {
  return static_cast<std::size_t>(
      std::count_if(a.begin(), a.end(), [&](const auto& link) { return b.contains(link); }));
}

double percent(std::size_t part, std::size_t whole) {
  return whole == 0 ? 0 : 100 * static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

AerScore aer(const std::vector<std::string>& alignments, const std::vector<std::string>& sure,
             const std::vector<std::string>& possible) {
  const bool has_possible = !possible.empty();
  if (alignments.empty()) throw Error("there are no alignments to evaluate");
  if (sure.size() != alignments.size() || (has_possible && possible.size() != alignments.size())) {
    throw Error(fmt::format("{} lines of alignments but {} of sure{} links", alignments.size(), sure.size(),
                            has_possible ? fmt::format(" and {} of possible", possible.size()) : ""));
  }
  std::size_t all = 0;
  std::size_t all_sure = 0;
  std::size_t in_sure = 0;
  std::size_t in_possible = 0;
  for (std::size_t i = 0; i < alignments.size(); ++i) {
    const Links a = links_of(alignments, i, "alignments");
    const Links s = links_of(sure, i, "sure links");
    Links p = has_possible ? links_of(possible, i, "possible links") : Links();
    p.insert(s.begin(), s.end());
    all += a.size();
    all_sure += s.size();
    in_sure += common(a, s);
    in_possible += common(a, p);
  }
  const std::size_t whole = all + all_sure;
  return {whole == 0 ? 0 : 100 - percent(in_sure + in_possible, whole), percent(in_possible, all),
          percent(in_sure, all_sure)};
}

}  // namespace heed
