#include "heed/metrics/wer.h"

#include <fmt/format.h>

#include "bit_parallel.h"
#include "counts.h"
#include "heed/base/utf8.h"
#include "segments.h"
#include "words.h"

namespace heed {
namespace {

/// Between spaces, and between two or more blanks of any kind; no blank stands at the ends of `line`.
std::vector<std::string_view> spaced_words(std::string_view line) {
  std::vector<std::string_view> out;
  std::size_t begin = 0;
  for (std::size_t at = 0; at < line.size();) {
    const std::size_t blank = at;
    int blanks = 0;
    while (at < line.size() && utf8::is_space(utf8::decode(line.substr(at)))) {
      at += utf8::char_length(line, at);
      ++blanks;
    }
    if (blanks > 1 || (blanks == 1 && line[blank] == ' ')) {
      out.push_back(line.substr(begin, blank - begin));
      begin = at;
    }
    if (at < line.size()) at += utf8::char_length(line, at);
  }
  if (!line.empty()) out.push_back(line.substr(begin));
  return out;
}

/// What the edits are of.
struct Units {
  const char* metric;
  const char* name;
  std::vector<std::string_view> (*of)(std::string_view line);
};

// A row: errors against the closest reference, and its units.
SentenceCounts count_errors(const Texts& texts, const WerOptions& options, const Units& units) {
  const Segments segments = segments_of(texts);
  SentenceCounts counts{.width = 2, .references = segments.count};
  for (std::size_t i = 0; i < texts.hypotheses.size(); ++i) {
    WordIds ids;
    const auto words = [&](std::string_view line) {
      const std::string text = options.lowercase ? utf8::lowercase(line) : std::string(line);
      return ids(ComparedWords{units.metric, 200'000, texts.before + i, units.name}(units.of(strip(text))));
    };
    const std::vector<int> hypothesis = words(texts.hypotheses[i]);
    long errors = -1;
    long length = 0;
    for (const std::string_view line : segments.references[i]) {
      const std::vector<int> reference = words(line);
      const long distance = edit_distance(hypothesis, reference);
      const long words_of_it = static_cast<long>(reference.size());
      if (errors < 0 || distance < errors || (distance == errors && words_of_it > length)) {
        errors = distance;
        length = words_of_it;
      }
    }
    counts.rows.insert(counts.rows.end(), {static_cast<double>(errors), static_cast<double>(length)});
  }
  return counts;
}

WerScore error_rate(Sums sums, const std::string& signature) {
  return {rate_of(sums[0], sums[1]), static_cast<long>(sums[0]), static_cast<long>(sums[1]), signature};
}

std::string fields(const WerOptions& options, const char* tokenize) {
  return fmt::format("case:{}|tok:{}", case_field(options.lowercase), tokenize);
}

}  // namespace

SentenceCounts count_wer(const Texts& texts, const WerOptions& options) {
  return count_errors(texts, options, {"wer", "words", spaced_words});
}

WerScore wer_of(Sums sums, const std::string& references, const WerOptions& options) {
  return error_rate(sums, signature("WER", references, fields(options, "none")));
}

SentenceCounts count_cer(const Texts& texts, const WerOptions& options) {
  return count_errors(texts, options, {"cer", "characters", utf8::chars});
}

WerScore cer_of(Sums sums, const std::string& references, const WerOptions& options) {
  return error_rate(sums, signature("CER", references, fields(options, "char")));
}

SentenceCounts count_edits(const Texts& texts, const WerOptions& options) {
  SentenceCounts counts = count_errors(texts, options, {"edit-distance", "characters", utf8::chars});
  for (std::size_t i = 1; i < counts.rows.size(); i += counts.width) counts.rows[i] = 1;  // lines divide
  return counts;
}

EditDistanceScore edit_distance_of(Sums sums, const std::string& references, const WerOptions& options) {
  return {sums[0] / sums[1], static_cast<long>(sums[0]), static_cast<long>(sums[1]),
          signature("edit-distance", references, fields(options, "char"))};
}

WerScore wer(const Lines& hypotheses, const std::vector<Lines>& references, const WerOptions& options) {
  const SentenceCounts counts = count_wer({hypotheses, references}, options);
  return wer_of(counts.sum(), counts.references, options);
}

WerScore cer(const Lines& hypotheses, const std::vector<Lines>& references, const WerOptions& options) {
  const SentenceCounts counts = count_cer({hypotheses, references}, options);
  return cer_of(counts.sum(), counts.references, options);
}

EditDistanceScore mean_edit_distance(const Lines& hypotheses, const std::vector<Lines>& references,
                                     const WerOptions& options) {
  const SentenceCounts counts = count_edits({hypotheses, references}, options);
  return edit_distance_of(counts.sum(), counts.references, options);
}

}  // namespace heed
