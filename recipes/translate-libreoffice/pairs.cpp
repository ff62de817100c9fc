#include "pairs.h"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <map>
#include <set>

#include "heed/base/utf8.h"
#include "sentences.h"

namespace heed::recipes {
namespace {

constexpr std::size_t kMinimumWords = 2;
constexpr std::size_t kMaximumWords = 40;
constexpr double kMaximumCharacters = 300;
constexpr double kLengthSlack = 8;      ///< characters by which short texts may differ beyond the factor
constexpr double kMaximumFactor = 1.9;  ///< between the length of a target and what its source lets expect
constexpr double kSplitFactor = 1.6;    ///< the same for sentences of a paragraph, which may be cut in other places
constexpr double kMinimumLetterShare = 0.5;

/// Text of each block whose key has an id and occurs once.
std::map<std::string, std::string> unique_blocks(const std::vector<Block>& blocks) {
  std::map<std::string, std::string> found;
  std::set<std::string> repeated;
  for (const Block& block : blocks) {
    if (block.key.back() != '#' && !found.emplace(block.key, block.text).second) repeated.insert(block.key);
  }
  for (const std::string& key : repeated) found.erase(key);
  return found;
}

double letter_share(const std::string& text) {
  std::size_t letters = 0;
  std::size_t visible = 0;
  for (const std::string_view character : utf8::chars(text)) {
    const char32_t c = utf8::decode(character);
    letters += utf8::is_letter_or_mark(c) ? 1 : 0;
    visible += utf8::is_space(c) ? 0 : 1;
  }
  return visible == 0 ? 0 : static_cast<double>(letters) / static_cast<double>(visible);
}

/// "<b>", "</p>", "<img ...>": the page shows mark-up as text, or the page itself was broken.
bool has_markup(const std::string& text) {
  for (std::size_t at = text.find('<'); at != std::string::npos; at = text.find('<', at + 1)) {
    const std::size_t next = at + 1;
    if (next >= text.size()) return false;
    const bool opens =
        std::isalpha(static_cast<unsigned char>(text[next])) != 0 || text[next] == '/' || text[next] == '!';
    if (opens && text.find('>', next) != std::string::npos) return true;
  }
  return false;
}

bool lengths_fit(const Pair& pair, double usual_ratio, double factor) {
  const double expected = static_cast<double>(count_characters(pair.source)) * usual_ratio;
  const auto length = static_cast<double>(count_characters(pair.target));
  return length <= expected * factor + kLengthSlack && expected <= length * factor + kLengthSlack;
}

/// The share of the source's words that stand in the target as they are.
double copied_share(const Pair& pair) {
  const auto words = word_tokens(pair.source);
  const auto others = word_tokens(pair.target);
  const std::set<std::string_view> there(others.begin(), others.end());
  const auto copied =
      std::count_if(words.begin(), words.end(), [&](std::string_view word) { return there.contains(word); });
  return words.empty() ? 1 : static_cast<double>(copied) / static_cast<double>(words.size());
}

}  // namespace

bool have_same_structure(const std::vector<Block>& a, const std::vector<Block>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const Block& x, const Block& y) { return x.key == y.key; });
}

std::vector<Pair> align_blocks(const std::vector<Block>& source, const std::vector<Block>& target) {
  std::vector<Pair> pairs;
  if (have_same_structure(source, target)) {
    for (std::size_t i = 0; i < source.size(); ++i) pairs.push_back({source[i].text, target[i].text});
    return pairs;
  }
  const auto translations = unique_blocks(target);
  const auto originals = unique_blocks(source);
  for (const Block& block : source) {
    const auto translation = translations.find(block.key);
    if (originals.contains(block.key) && translation != translations.end()) {
      pairs.push_back({block.text, translation->second});
    }
  }
  return pairs;
}

double usual_length_ratio(const std::vector<Pair>& blocks) {
  std::vector<double> ratios;
  for (const Pair& block : blocks) {
    const std::size_t length = count_characters(block.source);
    if (length < 20 || block.source == block.target) continue;
    ratios.push_back(static_cast<double>(count_characters(block.target)) / static_cast<double>(length));
  }
  if (ratios.empty()) return 1;
  const auto middle = ratios.begin() + static_cast<std::ptrdiff_t>(ratios.size() / 2);
  std::nth_element(ratios.begin(), middle, ratios.end());
  return std::max(*middle, 0.1);
}

bool is_clean(const Pair& pair, double usual_ratio) {
  const std::size_t words = count_words(pair.source);
  if (words < kMinimumWords || words > kMaximumWords || pair.target.empty() || pair.source == pair.target) return false;
  if (static_cast<double>(count_characters(pair.source)) > kMaximumCharacters) return false;
  if (letter_share(pair.source) < kMinimumLetterShare || letter_share(pair.target) < kMinimumLetterShare) return false;
  if (has_markup(pair.source) || has_markup(pair.target)) return false;
  if (words >= 5 && copied_share(pair) > 0.8) return false;  // not translated, or program text
  return lengths_fit(pair, usual_ratio, kMaximumFactor);
}

std::vector<Pair> split_block(const Pair& block, double usual_ratio) {
  std::vector<std::string> source = split_sentences(block.source);
  std::vector<std::string> target = split_sentences(block.target);
  std::vector<Pair> pairs;
  if (source.size() == target.size()) {
    const double factor = source.size() == 1 ? kMaximumFactor : kSplitFactor;
    bool all_fit = true;
    for (std::size_t i = 0; i < source.size(); ++i) {
      pairs.push_back({std::move(source[i]), std::move(target[i])});
      all_fit = all_fit && lengths_fit(pairs.back(), usual_ratio, factor);
    }
    if (all_fit) {
      std::erase_if(pairs, [&](const Pair& pair) { return !is_clean(pair, usual_ratio); });
      return pairs;
    }
  }
  pairs.clear();
  if (is_clean(block, usual_ratio)) pairs.push_back(block);
  return pairs;
}

}  // namespace heed::recipes
