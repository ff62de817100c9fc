#include "heed/view/page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "heed/base/error.h"
#include "heed/record/json_lines.h"
#include "heed/text/escapes.h"
#include "heed/text/spelling.h"
#include "heed/view/markup.h"
#include "heed/view/visible_text.h"
#include "labels.h"
#include "packed_weights.h"
#include "page_data.h"
#include "page_files.h"
#include "words.h"

namespace heed {
namespace {

using Json = nlohmann::ordered_json;

/// 4 decimals.
Json short_number(double value) {
  if (!std::isfinite(value)) return nullptr;
  return std::round(value * 1e4) / 1e4;
}

/// Tokens and the words that they are parts of; the words' labels where they are not those of their tokens joined:
/// without the marks of sub-words, and with the accents and bytes that only alone have to be made visible.
void add_tokens(Json& to, const std::string& text, const std::vector<std::string>& tokens,
                const std::vector<ByteRange>& ranges) {
  const std::vector<std::string> labels = view::visible_labels(tokens);
  const std::vector<int> words = words_of(text, tokens, ranges);
  const std::vector<int> groups = view::groups_of(words);
  const std::vector<std::string> merged = view::visible_labels(view::merge_labels(tokens, groups));
  to["tokens"] = labels;
  to["words"] = words;
  if (merged != view::join_labels(labels, groups)) to["word_labels"] = merged;
}

Json links_of(const std::vector<Link>& links) {
  Json out = Json::array();
  for (const Link& link : links) out.push_back({link.source, link.target});
  return out;
}

Json layers_of(const AttentionLayers& layers, const std::vector<std::string>& names) {
  Json out = Json::array();
  for (std::size_t layer = 0; layer < layers.size(); ++layer) {
    Json heads = Json::array();
    for (const AttentionWeights& head : layers[layer]) heads.push_back(view::pack_weights(head));
    const std::string name = names.empty() ? fmt::format("layer {}", layer + 1) : visible_text(names[layer], true);
    out.push_back({{"name", name}, {"heads", std::move(heads)}});
  }
  return out;
}

Json translation_of(const Translation& translation, const std::vector<std::string>& layer_names) {
  Json out = {{"text", visible_text(translation.text, true)},
              {"score", short_number(translation.score)},
              {"log_probability", short_number(translation.log_probability)},
              {"attention", view::pack_weights(translation.attention)}};
  add_tokens(out, translation.text, translation.tokens, translation.ranges);
  if (translation.attention.empty()) out["attention"] = nullptr;
  for (const TokenMeasure& measure : translation.measures) {
    out["measures"].push_back(
        {{"name", visible_text(measure.name, true)}, {"values", view::pack_weights(measure.values)}});
  }
  if (!translation.attention_layers.empty()) out["layers"] = layers_of(translation.attention_layers, layer_names);
  if (translation.copied && !translation.copied->empty()) out["copied"] = *translation.copied;
  if (!translation.log_probabilities.empty()) {
    Json& numbers = out["log_probabilities"] = Json::array();
    for (const double value : translation.log_probabilities) numbers.push_back(short_number(value));
  }
  return out;
}

/// Columns instead of objects: candidates are many.
Json trace_of(const SearchTrace& trace, const std::vector<std::string>& tokens) {
  Json out;
  for (const char* name : {"parent", "token", "log_probability", "score", "state", "row"}) out[name] = Json::array();
  const view::BranchWords branches = view::branch_words(trace, tokens);
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const TracedCandidate& candidate = trace.candidates[i];
    out["parent"].push_back(candidate.parent);
    out["token"].push_back(view::visible_label(tokens[i], true));
    out["log_probability"].push_back(short_number(candidate.log_probability));
    out["score"].push_back(short_number(candidate.score));
    out["state"].push_back(name_of(candidate.fate));
    out["row"].push_back(candidate.attention);
  }
  out["attention"] = view::pack_weights(trace.attention);
  out["word"] = branches.words;
  out["word_label"] = view::visible_labels(branches.labels);
  return out;
}

Json sentence_of(const ViewedSentence& sentence) {
  check_record(sentence);
  Json out = {{"source", visible_text(sentence.source, true)}};
  add_tokens(out, sentence.source, sentence.source_tokens, sentence.source_ranges);
  if (sentence.number > 0) out["number"] = sentence.number;
  for (const std::string& reference : sentence.references) out["references"].push_back(visible_text(reference, true));
  Json& translations = out["translations"] = Json::array();
  for (const Translation& translation : sentence.translations)
    translations.push_back(translation_of(translation, sentence.attention_names));
  if (sentence.has_gold) {
    out["sure"] = links_of(sentence.sure);
    out["possible"] = links_of(sentence.possible);
  }
  if (sentence.error_rate >= 0) out["error_rate"] = short_number(sentence.error_rate);
  if (!sentence.trace.candidates.empty()) out["trace"] = trace_of(sentence.trace, sentence.trace_tokens);
  if (sentence.trace.cut) out["trace_cut"] = true;
  return out;
}

/// Whether a model's tokens are parts of words, by the marks of its tokenizers, and its sentences have several words:
/// the page then shows words first.
bool shows_words_first(const PageModel& model) {
  constexpr std::size_t kTelling = 200;  // sentences
  const auto some = std::span(model.sentences).first(std::min(model.sentences.size(), kTelling));
  const auto has_piece = [](const std::vector<std::string>& tokens) {
    return std::any_of(tokens.begin(), tokens.end(), is_piece);
  };
  const auto has_pieces = [&](const ViewedSentence& sentence) {
    return has_piece(sentence.source_tokens) ||
           std::any_of(sentence.translations.begin(), sentence.translations.end(),
                       [&](const Translation& translation) { return has_piece(translation.tokens); });
  };
  const auto has_words = [](const ViewedSentence& sentence) {
    const std::vector<int> words = words_of(sentence.source, sentence.source_tokens, sentence.source_ranges);
    return std::any_of(words.begin(), words.end(), [](int word) { return word > 0; });
  };
  return std::any_of(some.begin(), some.end(), has_pieces) && std::any_of(some.begin(), some.end(), has_words);
}

std::string escaped_html(const std::string& text) { return escaped_markup(visible_text(text, true)); }

Json table_of(const std::vector<std::vector<std::string>>& rows) {
  Json out = Json::array();
  for (const std::vector<std::string>& row : rows) {
    Json& cells = out.emplace_back(Json::array());
    for (const std::string& cell : row) cells.push_back(visible_text(cell, true));
  }
  return out;
}

void check_models(std::span<const PageModel> models) {
  if (models.empty() || models.size() > 2)
    throw Error(fmt::format("a page shows one model or two, not {}", models.size()));
  if (models.size() == 1) return;
  const auto& first = models[0].sentences;
  const auto& second = models[1].sentences;
  if (first.size() != second.size()) {
    throw Error(fmt::format("'{}' has {} sentences but '{}' has {}: they are not translations of the same text",
                            models[0].name, first.size(), models[1].name, second.size()));
  }
  for (std::size_t i = 0; i < first.size(); ++i) {
    if (first[i].source == second[i].source) continue;
    throw Error(fmt::format("sentence {} of '{}' and of '{}' have different sources: they cannot be compared", i + 1,
                            models[0].name, models[1].name));
  }
}

}  // namespace

std::string render_page(std::span<const PageModel> models, const PageOptions& options) {
  check_models(models);
  Json data = view::page_basis();
  data["title"] = visible_text(options.title, true);
  data["words_first"] = std::any_of(models.begin(), models.end(), shows_words_first);
  data["models"] = Json::array();
  if (!options.table.empty()) data["table"] = table_of(options.table);
  for (const PageModel& model : models) {
    Json& to = data["models"].emplace_back(Json{{"name", visible_text(model.name, true)}});
    if (model.error_rate >= 0) to["error_rate"] = short_number(model.error_rate);
    Json& sentences = to["sentences"] = Json::array();
    for (const ViewedSentence& sentence : model.sentences) sentences.push_back(sentence_of(sentence));
  }
  return view::fill_page(view::kPageFiles, escaped_html(options.title), data);
}

}  // namespace heed
