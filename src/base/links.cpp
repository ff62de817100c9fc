#include "heed/base/links.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "heed/base/error.h"
#include "heed/base/utf8.h"

namespace heed {
namespace {

bool parse_word(std::string_view text, int& word) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), word);
  return error == std::errc() && end == text.data() + text.size() && word >= 0;
}

Link parse_link(std::string_view text) {
  Link link;
  const std::size_t dash = text.find('-');
  if (dash != text.npos && parse_word(text.substr(0, dash), link.source) &&
      parse_word(text.substr(dash + 1), link.target)) {
    return link;
  }
  throw Error(fmt::format("'{}' is no link; it would be like '3-4', word numbers counted from 0", text));
}

}  // namespace

std::vector<Link> parse_links(std::string_view line) {
  std::vector<Link> links;
  for (const std::string_view word : utf8::words(line)) links.push_back(parse_link(word));
  return links;
}

std::string to_pharaoh(std::span<const Link> links) {
  std::string out;
  for (const Link& link : links) {
    if (!out.empty()) out += ' ';
    out += fmt::format("{}-{}", link.source, link.target);
  }
  return out;
}

WordTokens tokens_of_words(std::string_view text, std::span<const ByteRange> tokens) {
  WordTokens out;
  for (const std::string_view word : utf8::words(text)) {
    const auto begin = static_cast<std::size_t>(word.data() - text.data());
    out.emplace_back();
    for (std::size_t t = 0; t < tokens.size(); ++t) {
      if (tokens[t].begin < begin + word.size() && tokens[t].end > begin) out.back().push_back(static_cast<int>(t));
    }
  }
  return out;
}

WordAttention attention_of_words(const WordTokens& source, const WordTokens& target,
                                 std::span<const std::vector<float>> attention) {
  WordAttention out{std::vector(target.size(), std::vector<float>(source.size())), std::vector<float>(target.size())};
  if (attention.empty() || attention.front().empty()) return out;
  const int last = static_cast<int>(attention.front().size()) - 1;
  const bool ends = std::none_of(source.begin(), source.end(), [&](const std::vector<int>& tokens) {
    return std::find(tokens.begin(), tokens.end(), last) != tokens.end();
  });
  for (std::size_t j = 0; j < target.size(); ++j) {
    const float share = target[j].empty() ? 0 : 1 / static_cast<float>(target[j].size());
    for (const int row : target[j]) {
      for (std::size_t i = 0; i < source.size(); ++i) {
        for (const int token : source[i]) out.weights[j][i] += share * attention[row][token];
      }
      if (ends) out.eos[j] += share * attention[row][last];
    }
  }
  return out;
}

std::vector<Link> align_words(const WordAttention& attention, float threshold) {
  std::vector<Link> links;
  for (std::size_t j = 0; j < attention.weights.size(); ++j) {
    const std::vector<float>& row = attention.weights[j];
    const auto best = std::max_element(row.begin(), row.end());
    if (best == row.end() || *best <= attention.eos[j] || *best < threshold) continue;
    links.push_back({static_cast<int>(best - row.begin()), static_cast<int>(j)});
  }
  return links;
}

}  // namespace heed
