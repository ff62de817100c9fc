#include "viewed_lines.h"

#include <fmt/format.h>

#include <algorithm>

#include "heed/base/error.h"
#include "heed/data/lines.h"
#include "heed/metrics/aer.h"
#include "heed/record/json_lines.h"

namespace heed::app {
namespace {

std::vector<std::string> read_partner_lines(const std::string& path, std::size_t sentences, const char* what) {
  std::vector<std::string> lines = read_lines(path);
  if (lines.size() == sentences) return lines;
  throw Error(fmt::format("{} has {} lines of {} for {} sentences", shown(path), lines.size(), what, sentences));
}

int word_count(const std::string& text, const std::vector<std::string>& tokens, const std::vector<ByteRange>& ranges) {
  int count = 0;
  for (const int word : words_of(text, tokens, ranges)) count = std::max(count, word + 1);
  return count;
}

std::vector<Link> read_links(const std::string& line, const ViewedSentence& sentence) {
  const Translation& target = sentence.translations.front();
  const int source_words = word_count(sentence.source, sentence.source_tokens, sentence.source_ranges);
  const int target_words = word_count(target.text, target.tokens, target.ranges);
  std::vector<Link> links = parse_links(line);
  for (const Link& link : links) {
    if (link.source < source_words && link.target < target_words) continue;
    throw Error(
        fmt::format("the link {}-{} is outside of {} source and {} target words; gold links are of given pairs: "
                    "see `heed score`",
                    link.source, link.target, source_words, target_words));
  }
  return links;
}

/// The links of a sentence with gold, as the metric reads them.
AlignedLinks links_of(const ViewedSentence& sentence) {
  return {align_words(sentence, sentence.translations.front()), sentence.sure, sentence.possible};
}

}  // namespace

ViewedSentence read_viewed_line(std::string_view line, bool attention) {
  ViewedSentence out{read_json_line(line)};
  for (const Translation& translation : out.translations) {
    if (!attention || !translation.attention.empty() || translation.tokens.empty()) continue;
    throw Error("no attention to show; make the file with --format jsonl --attention");
  }
  return out;
}

std::vector<ViewedSentence> read_viewed_file(const std::string& path, bool attention) {
  std::vector<ViewedSentence> out;
  for_each_line(path, [&](std::string_view line, long number) {
    try {
      out.push_back(read_viewed_line(line, attention));
      out.back().number = static_cast<int>(number);
    } catch (const Error& error) {
      throw Error::at({.file = shown(path), .line = number}, error.what(), error.kind());
    }
  });
  if (out.empty()) throw Error(fmt::format("{} is empty: there is no sentence to show", shown(path)));
  return out;
}

void add_gold(std::vector<ViewedSentence>& sentences, std::size_t of, const std::string& sure,
              const std::string& possible) {
  const auto add = [&](const std::string& path, std::vector<Link> ViewedSentence::*links) {
    const std::vector<std::string> lines = read_partner_lines(path, of, "links");
    for (ViewedSentence& sentence : sentences) {
      if (sentence.translations.empty()) continue;
      try {
        sentence.*links = read_links(lines[sentence.number - 1], sentence);
        sentence.has_gold = true;
      } catch (const Error& error) {
        throw Error::at({.file = shown(path), .line = sentence.number}, error.what(), error.kind());
      }
    }
  };
  add(sure, &ViewedSentence::sure);
  if (!possible.empty()) add(possible, &ViewedSentence::possible);
  for (ViewedSentence& sentence : sentences) {
    if (sentence.sure.empty() || sentence.translations.front().attention.empty()) continue;
    sentence.error_rate = aer(std::vector{links_of(sentence)}).score;
  }
}

void add_references(std::vector<ViewedSentence>& sentences, std::size_t of, const std::string& path) {
  const std::vector<std::string> lines = read_partner_lines(path, of, "references");
  for (ViewedSentence& sentence : sentences) sentence.references.push_back(lines[sentence.number - 1]);
}

double error_rate(const std::vector<ViewedSentence>& sentences) {
  std::vector<AlignedLinks> links;
  for (const ViewedSentence& sentence : sentences) {
    if (sentence.has_gold && !sentence.translations.front().attention.empty()) links.push_back(links_of(sentence));
  }
  return links.empty() ? -1 : aer(links).score;
}

}  // namespace heed::app
