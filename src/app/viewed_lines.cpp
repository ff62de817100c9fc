#include "viewed_lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "heed/base/error.h"
#include "heed/base/json_depth.h"
#include "heed/base/json_fault.h"
#include "heed/base/links.h"
#include "heed/data/lines.h"
#include "heed/metrics/aer.h"

namespace heed::app {
namespace {

using Parsed = nlohmann::json;  // finds a key at once, however many there are; ordered_json does not

constexpr float kMostWeight = 1.001f;  // sums of rounded numbers

std::vector<float> weights_of_row(const Parsed& json, std::size_t row) {
  auto weights = json.get<std::vector<float>>();
  for (const float weight : weights) {
    if (weight >= 0 && weight <= kMostWeight) continue;
    throw Error(fmt::format("attention: row {} has {}; weights lie between 0 and 1", row, weight));
  }
  return weights;
}

Weights weights_of(const Parsed& json) {
  Weights weights;
  for (const Parsed& row : json.get_ref<const Parsed::array_t&>())
    weights.push_back(weights_of_row(row, weights.size()));
  return weights;
}

/// Empty where the line has none: it is older, or of another program.
std::vector<ByteRange> read_ranges(const Parsed& json, const char* key) {
  std::vector<ByteRange> out;
  if (!json.contains(key)) return out;
  for (const Parsed& range : json.at(key)) {
    ByteRange& to = out.emplace_back();
    if (range.is_null()) continue;
    if (range.size() != 2 || !range.at(0).is_number_unsigned() || !range.at(1).is_number_unsigned()) {
      throw Error(fmt::format("{}: that of token {} is no [begin, end]", key, out.size()));
    }
    to = {range.at(0).get<std::size_t>(), range.at(1).get<std::size_t>()};
  }
  return out;
}

void read_attention(const Parsed& json, ViewedTranslation& to) {
  if (json.contains("attention")) to.attention = weights_of(json.at("attention"));
  if (json.contains("attention_layers")) {
    for (const Parsed& layer : json.at("attention_layers")) {
      auto& heads = to.layers.emplace_back();
      for (const Parsed& head : layer) heads.push_back(weights_of(head));
    }
  }
  if (json.contains("attention_names")) to.layer_names = json.at("attention_names").get<std::vector<std::string>>();
  if (json.contains("copied")) to.copied = json.at("copied").get<std::vector<int>>();
  std::sort(to.copied.begin(), to.copied.end());
  if (json.contains("log_probabilities"))
    to.log_probabilities = json.at("log_probabilities").get<std::vector<double>>();
  to.log_probability = json.value("log_probability", 0.0);
}

ViewedTranslation read_translation(const Parsed& json) {
  ViewedTranslation to;
  to.text = json.at("text").get<std::string>();
  to.tokens = json.at("tokens").get<std::vector<std::string>>();
  to.ranges = read_ranges(json, "ranges");
  to.score = json.value("score", 0.0);
  read_attention(json, to);
  return to;
}

/// A line of `heed score`: the target is the one translation.
ViewedTranslation read_scored(const Parsed& json) {
  ViewedTranslation to;
  to.text = json.at("target").get<std::string>();
  to.tokens = json.at("target_tokens").get<std::vector<std::string>>();
  to.ranges = read_ranges(json, "ranges");
  read_attention(json, to);
  to.score = to.tokens.empty() ? 0 : to.log_probability / static_cast<double>(to.tokens.size());
  return to;
}

ViewedCandidate read_candidate(const Parsed& json) {
  ViewedCandidate to;
  to.parent = json.at("parent").get<int>();
  to.token = json.at("token").get<std::string>();
  to.log_probability = json.at("log_probability").get<double>();
  to.score = json.at("score").get<double>();
  to.state = json.at("state").get<std::string>();
  if (to.state != "kept" && to.state != "finished" && to.state != "cut" && to.state != "pruned")
    throw Error(fmt::format("trace: '{}' is no state; there are kept, finished, cut and pruned", to.state));
  if (json.contains("attention")) to.attention = weights_of_row(json.at("attention"), 0);
  return to;
}

ViewedSentence read_sentence(const Parsed& json) {
  ViewedSentence out;
  out.source = json.at("source").get<std::string>();
  out.source_tokens = json.at("source_tokens").get<std::vector<std::string>>();
  out.source_ranges = read_ranges(json, "source_ranges");
  if (json.contains("translations")) {
    for (const Parsed& translation : json.at("translations")) out.translations.push_back(read_translation(translation));
    // A line that was no text is shown as an empty one is; its "error" was told when it was translated.
    if (out.translations.empty() && json.contains("error")) out.translations.emplace_back();
    if (out.translations.empty()) throw Error("translations is empty: there is nothing to show");
  } else {
    out.translations.push_back(read_scored(json));
  }
  // Names may also stand once for all translations.
  if (json.contains("attention_names") && json.contains("translations")) {
    const auto names = json.at("attention_names").get<std::vector<std::string>>();
    for (ViewedTranslation& translation : out.translations) {
      if (!translation.layers.empty() && translation.layer_names.empty()) translation.layer_names = names;
    }
  }
  if (json.contains("trace")) {
    for (const Parsed& candidate : json.at("trace")) out.trace.push_back(read_candidate(candidate));
  }
  out.trace_cut = json.value("trace_cut", false);
  return out;
}

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
  const ViewedTranslation& target = sentence.translations.front();
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
  return {strongest_links(sentence, sentence.translations.front()), sentence.sure, sentence.possible};
}

}  // namespace

ViewedSentence read_viewed_line(std::string_view line, bool attention) {
  ViewedSentence out;
  try {
    check_json_depth(line);
    out = read_sentence(Parsed::parse(line));
  } catch (const Parsed::exception& error) {
    throw Error(fmt::format("expected a line of `heed translate` or `heed score --format jsonl --attention`: {}",
                            json_fault(error.what())));
  }
  check(out);
  for (const ViewedTranslation& translation : out.translations) {
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
    } catch (const Error& error) {
      throw Error(fmt::format("{}:{}: {}", shown(path), number, error.what()));
    }
  });
  if (out.empty()) throw Error(fmt::format("{} is empty: there is no sentence to show", shown(path)));
  return out;
}

void add_gold(std::vector<ViewedSentence>& sentences, const std::string& sure, const std::string& possible) {
  const auto add = [&](const std::string& path, std::vector<Link> ViewedSentence::*links) {
    const std::vector<std::string> lines = read_partner_lines(path, sentences.size(), "links");
    for (std::size_t i = 0; i < lines.size(); ++i) {
      ViewedSentence& sentence = sentences[i];
      if (sentence.translations.empty()) continue;
      try {
        sentence.*links = read_links(lines[i], sentence);
        sentence.has_gold = true;
      } catch (const Error& error) {
        throw Error(fmt::format("{}:{}: {}", shown(path), i + 1, error.what()));
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

void add_references(std::vector<ViewedSentence>& sentences, const std::string& path) {
  std::vector<std::string> lines = read_partner_lines(path, sentences.size(), "references");
  for (std::size_t i = 0; i < lines.size(); ++i) sentences[i].references.push_back(std::move(lines[i]));
}

double error_rate(const std::vector<ViewedSentence>& sentences) {
  std::vector<AlignedLinks> links;
  for (const ViewedSentence& sentence : sentences) {
    if (sentence.has_gold && !sentence.translations.front().attention.empty()) links.push_back(links_of(sentence));
  }
  return links.empty() ? -1 : aer(links).score;
}

}  // namespace heed::app
