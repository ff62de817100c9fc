#include "heed/record/merge_subwords.h"

#include <algorithm>
#include <span>
#include <utility>

#include "heed/text/spelling.h"

namespace heed {
namespace {

/// First and one past the last token of each word.
using Groups = std::vector<std::pair<std::size_t, std::size_t>>;

Groups groups_of(const std::string& text, const std::vector<std::string>& tokens, std::span<const ByteRange> ranges) {
  const std::vector<int> words = words_of(text, tokens, ranges);
  Groups out;
  for (std::size_t t = 0; t < words.size(); ++t) {
    if (t > 0 && words[t] >= 0 && words[t] == words[t - 1]) {
      out.back().second = t + 1;
    } else {
      out.emplace_back(t, t + 1);
    }
  }
  return out;
}

/// The bytes from the first token of a group with text to the last.
ByteRange range_of(std::span<const ByteRange> tokens) {
  ByteRange out;
  for (const ByteRange& range : tokens) {
    if (range.begin == range.end) continue;
    if (out.begin == out.end) out.begin = range.begin;
    out.end = range.end;
  }
  return out;
}

void merge_tokens(const Groups& groups, const std::string& text, std::vector<std::string>& tokens,
                  std::vector<ByteRange>& ranges) {
  std::vector<std::string> merged;
  std::vector<ByteRange> merged_ranges;
  for (const auto& [first, last] : groups) {
    ByteRange range = ranges.empty() ? ByteRange() : range_of(std::span(ranges).subspan(first, last - first));
    while (range.begin + 1 < range.end && text[range.begin] == ' ') ++range.begin;  // of a piece that is a space
    const bool has_text = range.begin < range.end;
    const auto own = std::span(tokens).subspan(first, last - first);
    merged.push_back(has_text          ? text.substr(range.begin, range.end - range.begin)
                     : own.size() == 1 ? own.front()
                                       : word_label(own));
    merged_ranges.push_back(range);
  }
  tokens = std::move(merged);
  if (!ranges.empty()) ranges = std::move(merged_ranges);
}

void merge_weights(const Groups& target, const Groups& source, AttentionWeights& weights) {
  if (weights.empty()) return;
  AttentionWeights merged;
  for (const auto& [first_row, last_row] : target) {
    std::vector<float>& row = merged.emplace_back();
    for (const auto& [first, last] : source) {
      double sum = 0;
      for (std::size_t t = first_row; t < last_row; ++t) {
        for (std::size_t s = first; s < last; ++s) sum += static_cast<double>(weights[t][s]);
      }
      row.push_back(static_cast<float>(sum / static_cast<double>(last_row - first_row)));
    }
  }
  weights = std::move(merged);
}

void merge_layers(const Groups& target, const Groups& source, AttentionLayers& layers) {
  for (auto& layer : layers) {
    for (AttentionWeights& head : layer) merge_weights(target, source, head);
  }
}

void merge_member(const std::string& source, const Groups& target, const Groups& of_line, MemberAttention& member) {
  const bool own = !member.source_tokens.empty();
  const Groups groups = own ? groups_of(source, member.source_tokens, member.source_ranges) : of_line;
  if (own) merge_tokens(groups, source, member.source_tokens, member.source_ranges);
  merge_weights(target, groups, member.attention);
  merge_layers(target, groups, member.attention_layers);
}

void merge_numbers(const Groups& groups, std::vector<double>& numbers) {
  if (numbers.empty()) return;
  std::vector<double> sums;
  for (const auto& [first, last] : groups) {
    double sum = 0;
    for (std::size_t t = first; t < last; ++t) sum += numbers[t];
    sums.push_back(sum);
  }
  numbers = std::move(sums);
}

void merge_copied(const Groups& groups, std::vector<int>& copied) {
  std::vector<int> words;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const auto [first, last] = groups[g];
    const auto is_of_word = [&, begin = static_cast<int>(first), end = static_cast<int>(last)](int token) {
      return token >= begin && token < end;
    };
    const auto count = static_cast<std::size_t>(std::count_if(copied.begin(), copied.end(), is_of_word));
    if (count == last - first) words.push_back(static_cast<int>(g));
  }
  copied = std::move(words);
}

void merge_translation(const std::string& source, const Groups& columns, Translation& to) {
  const Groups groups = groups_of(to.text, to.tokens, to.ranges);
  merge_tokens(groups, to.text, to.tokens, to.ranges);
  merge_weights(groups, columns, to.attention);
  merge_layers(groups, columns, to.attention_layers);
  for (MemberAttention& member : to.attention_members) merge_member(source, groups, columns, member);
  merge_numbers(groups, to.log_probabilities);
  if (to.copied) merge_copied(groups, *to.copied);
}

}  // namespace

Translated merge_subwords(Translated translated) {
  const Groups columns = groups_of(translated.source, translated.source_tokens, translated.source_ranges);
  for (Translation& translation : translated.translations) merge_translation(translated.source, columns, translation);
  merge_tokens(columns, translated.source, translated.source_tokens, translated.source_ranges);
  translated.trace = {};
  translated.trace_tokens.clear();
  return translated;
}

}  // namespace heed
