#include <fmt/format.h>

#include "heed/base/error.h"
#include "heed/base/utf8.h"
#include "heed/record/translation.h"
#include "heed/text/spelling.h"

namespace heed {
namespace {

void check_weights(const AttentionWeights& weights, std::size_t rows, std::size_t columns,
                   const std::string& what = "attention") {
  if (weights.size() != rows)
    throw Error(fmt::format("{} has {} rows for {} target tokens", what, weights.size(), rows));
  for (const auto& row : weights) {
    if (row.size() != columns) {
      throw Error(fmt::format("a row of {} has {} columns for {} source tokens", what, row.size(), columns));
    }
  }
}

/// Tokens stand in the text in their order; they may share a character's bytes no more than its parts.
void check_ranges(const char* name, const std::string& text, const std::vector<std::string>& tokens,
                  const std::vector<ByteRange>& ranges) {
  if (ranges.empty()) return;
  if (ranges.size() != tokens.size()) {
    throw Error(fmt::format("{}: length {}, but the number of tokens is {}", name, ranges.size(), tokens.size()));
  }
  const auto is_inside = [&](std::size_t at) { return at < text.size() && utf8::boundary_before(text, at) != at; };
  std::size_t last_end = 0;
  for (std::size_t t = 0; t < tokens.size(); ++t) {
    const auto [begin, end] = ranges[t];
    std::string fault;
    if (begin > end || end > text.size()) {
      fault = fmt::format("is no part of a text of {} bytes", text.size());
    } else if (begin == end) {
      continue;
    } else if (is_eos(tokens, t)) {
      fault = "should be null: EOS has no text";
    } else if (begin < last_end) {
      fault = fmt::format("begins before byte {}, where the previous token ends", last_end);
    } else if (is_inside(begin) || is_inside(end)) {
      fault = "cuts a character of UTF-8";
    }
    if (!fault.empty()) {
      throw Error(fmt::format("{}: that of token {}, '{}', [{}, {}], {}", name, t + 1, tokens[t], begin, end, fault));
    }
    last_end = end;
  }
}

void check_layers(const AttentionLayers& layers, std::size_t names, std::size_t rows, std::size_t columns) {
  for (const auto& layer : layers) {
    if (layer.empty()) throw Error("attention_layers has a layer without heads");
    for (const AttentionWeights& head : layer) check_weights(head, rows, columns);
  }
  if (!layers.empty() && names > 0 && layers.size() != names) {
    throw Error(fmt::format("attention_names has {} names for {} layers", names, layers.size()));
  }
}

void check_member(const Translated& translated, const MemberAttention& member, std::size_t rows) {
  const bool own = !member.source_tokens.empty();
  const std::size_t columns = (own ? member.source_tokens : translated.source_tokens).size();
  if (!own && !member.source_ranges.empty()) throw Error("source_ranges without source_tokens");
  check_ranges("source_ranges", translated.source, member.source_tokens, member.source_ranges);
  if (!member.attention.empty()) check_weights(member.attention, rows, columns);
  check_layers(member.attention_layers, member.attention_names.size(), rows, columns);
}

void check_members(const Translated& translated, const Translation& translation) {
  const std::vector<MemberAttention>& members = translation.attention_members;
  for (std::size_t m = 0; m < members.size(); ++m) {
    try {
      check_member(translated, members[m], translation.tokens.size());
    } catch (const Error& error) {
      throw Error(fmt::format("attention_members: that of model {}: {}", m + 1, error.what()));
    }
  }
}

void check_translation(const Translated& translated, const Translation& translation) {
  const std::size_t rows = translation.tokens.size();
  const std::size_t columns = translated.source_tokens.size();
  check_ranges("ranges", translation.text, translation.tokens, translation.ranges);
  if (!translation.attention.empty()) check_weights(translation.attention, rows, columns);
  for (const TokenMeasure& measure : translation.measures) {
    check_weights(measure.values, rows, columns, "measures: " + measure.name);
  }
  check_layers(translation.attention_layers, translated.attention_names.size(), rows, columns);
  check_members(translated, translation);
  const std::size_t numbers = translation.log_probabilities.size();
  if (numbers > 0 && numbers != rows) {
    throw Error(fmt::format("log_probabilities has {} numbers for {} target tokens", numbers, rows));
  }
  for (const int token : translation.copied.value_or(std::vector<int>())) {
    if (token < 0 || static_cast<std::size_t>(token) >= rows)
      throw Error(fmt::format("copied has {}, but there are {} target tokens", token, rows));
  }
}

void check_trace(const SearchTrace& trace, std::size_t tokens, std::size_t columns) {
  if (trace.candidates.size() != tokens) {
    throw Error(fmt::format("trace has {} candidates, but {} tokens", trace.candidates.size(), tokens));
  }
  for (std::size_t i = 0; i < trace.candidates.size(); ++i) {
    const TracedCandidate& candidate = trace.candidates[i];
    if (candidate.parent < -1 || candidate.parent >= static_cast<int>(i)) {
      throw Error(
          fmt::format("trace: candidate {} has the parent {}, which does not stand before it", i, candidate.parent));
    }
    if (candidate.attention < 0) continue;
    const std::size_t weights = trace.attention.at(static_cast<std::size_t>(candidate.attention)).size();
    if (weights != columns) {
      throw Error(fmt::format("trace: candidate {} has {} weights for {} source tokens", i, weights, columns));
    }
  }
}

}  // namespace

void check_record(const Translated& translated) {
  check_ranges("source_ranges", translated.source, translated.source_tokens, translated.source_ranges);
  for (const Translation& translation : translated.translations) check_translation(translated, translation);
  check_trace(translated.trace, translated.trace_tokens.size(), translated.source_tokens.size());
}

}  // namespace heed
