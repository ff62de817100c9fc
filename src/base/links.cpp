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

/// The sum of the rows of a target word; its mean would have the same largest word.
std::vector<float> sum_of_rows(std::span<const std::vector<float>> attention, const std::vector<int>& tokens) {
  std::vector<float> out(attention.front().size());
  for (const int token : tokens) {
    for (std::size_t s = 0; s < out.size(); ++s) out[s] += attention[token][s];
  }
  return out;
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

std::vector<Link> align_words(const WordTokens& source, const WordTokens& target,
                              std::span<const std::vector<float>> attention) {
  std::vector<Link> links;
  if (attention.empty() || attention.front().empty()) return links;
  const int last = static_cast<int>(attention.front().size()) - 1;
  const bool ends = std::none_of(source.begin(), source.end(), [&](const std::vector<int>& tokens) {
    return std::find(tokens.begin(), tokens.end(), last) != tokens.end();
  });
  for (std::size_t j = 0; j < target.size(); ++j) {
    if (target[j].empty()) continue;
    const std::vector<float> weights = sum_of_rows(attention, target[j]);
    int best = -1;
    float largest = ends ? weights.back() : 0;
    for (std::size_t i = 0; i < source.size(); ++i) {
      float weight = 0;
      for (const int token : source[i]) weight += weights[token];
      if (weight <= largest) continue;
      largest = weight;
      best = static_cast<int>(i);
    }
    if (best >= 0) links.push_back({best, static_cast<int>(j)});
  }
  return links;
}

}  // namespace heed
