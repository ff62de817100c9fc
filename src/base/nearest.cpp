#include "heed/base/nearest.h"

#include <algorithm>
#include <cctype>
#include <vector>

#include "foreign_words.h"

namespace heed {
namespace {

std::string folded(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

// Optimal string alignment distance: insertions, deletions, substitutions, swaps of neighbours.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0u : 1u)});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

/// The length of the sections, dots included, that two keys begin with.
std::size_t common_prefix(std::string_view a, std::string_view b) {
  std::size_t out = 0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()) && a[i] == b[i]; ++i) {
    if (a[i] == '.') out = i + 1;
  }
  return out;
}

std::string_view last_part(std::string_view key) { return key.substr(key.rfind('.') + 1); }

bool ends_with_part(const std::string& candidate, const std::string& end) {
  const std::string plain = plain_word(candidate);
  const std::string sought = plain_word(end);
  return plain == sought || plain.ends_with("." + sought);
}

/// How many of the sections that `key` stands in are named by the candidate too.
int common_sections(std::string_view key, const std::string& candidate) {
  int count = 0;
  for (std::size_t at = 0, dot = key.find('.'); dot != std::string_view::npos; at = dot + 1, dot = key.find('.', at)) {
    const std::string section = std::string(key.substr(at, dot - at)) + ".";
    if (candidate.starts_with(section) || candidate.find("." + section) != std::string::npos) ++count;
  }
  return count;
}

/// Of the candidates that end with one of `ends`, those nearest to where the word stands.
std::vector<std::string> of_section(std::string_view word, std::span<const std::string> candidates,
                                    const std::vector<std::string>& ends) {
  std::vector<std::string> out;
  int best = 0;
  for (const std::string& candidate : candidates) {
    const auto is_end = [&](const std::string& end) { return ends_with_part(candidate, end); };
    if (std::none_of(ends.begin(), ends.end(), is_end)) continue;
    const int common = common_sections(word, candidate);
    if (common > best) out.clear();
    if (common >= best) out.push_back(candidate);
    best = std::max(best, common);
  }
  return out;
}

}  // namespace

std::string nearest(std::string_view word, std::span<const std::string> candidates) {
  constexpr std::size_t kLongestWord = 200;  // nobody meant that: keeps the table small
  if (word.size() > kLongestWord) return "";
  const std::string sought = folded(word);
  std::string best;
  std::size_t best_distance = std::string::npos;
  for (const std::string& candidate : candidates) {
    // The sections that both stand in make no two keys alike.
    const std::string other = folded(candidate);
    const std::size_t common = common_prefix(sought, other);
    const std::size_t distance = edit_distance(sought, other);
    const std::size_t longer = std::max(word.size(), candidate.size()) - common;
    const bool near = distance < longer && (distance <= 2 || distance * 3 <= longer);
    if (near && distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

std::vector<std::string> meant(std::string_view word, std::span<const std::string> candidates) {
  const ForeignWord foreign = foreign_word(last_part(word));
  if (auto out = of_section(word, candidates, foreign.means); !out.empty()) return out;
  if (auto out = of_section(word, candidates, {std::string(last_part(word))}); !out.empty()) return {out.front()};
  const std::string best = nearest(word, candidates);
  return best.empty() ? std::vector<std::string>{} : std::vector{best};
}

std::string did_you_mean(std::string_view word, std::span<const std::string> candidates) {
  std::string note = foreign_word(last_part(word)).note;
  if (!note.empty()) note.insert(0, "; ");
  std::string names;
  for (const std::string& name : meant(word, candidates)) names += (names.empty() ? "'" : " or '") + name + "'";
  return names.empty() ? note : note + "; did you mean " + names + "?";
}

}  // namespace heed
