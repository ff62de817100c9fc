#include "heed/text/features.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "heed/base/error.h"
#include "heed/base/message.h"
#include "heed/base/settings.h"
#include "heed/base/utf8.h"
#include "heed/text/text_side.h"
#include "word_places.h"

namespace heed {

std::string feature_fault(std::string_view values, std::string_view sentence) {
  const std::size_t count = utf8::words(values).size();
  const std::size_t words = utf8::words(sentence).size();
  if (count == 1 || count == words) return "";
  return fmt::format("{}, but the source has {}: expected one for each word, or one for all", count_of(count, "value"),
                     count_of(words, "word"));
}

void check_features(const std::vector<FeatureOptions>& features, const FeatureValues& values,
                    const std::string& sentence) {
  for (std::size_t f = 0; f < features.size(); ++f) {
    if (const std::string fault = feature_fault(values[f], sentence); !fault.empty())
      throw Error(fmt::format("feature '{}' has {}", features[f].name, fault));
  }
}

FeatureValues feature_values(const std::vector<FeatureOptions>& features, std::map<std::string, std::string> given,
                             const std::string& source) {
  if (utf8::is_blank(source)) return FeatureValues(features.size());
  FeatureValues out;
  for (const FeatureOptions& feature : features) {
    const auto found = given.find(feature.name);
    if (found == given.end()) throw Error(fmt::format("features: '{}' is missing", feature.name));
    out.push_back(std::move(found->second));
  }
  check_features(features, out, source);
  return out;
}

void refuse_other_features(const std::vector<FeatureOptions>& features,
                           const std::map<std::string, std::string>& given) {
  for (const auto& [name, value] : given) {
    if (std::ranges::find(features, name, &FeatureOptions::name) != features.end()) continue;
    std::string names;
    for (const FeatureOptions& each : features) names += (names.empty() ? "" : ", ") + each.name;
    throw Error(fmt::format("features: the model has no '{}'; it reads {}", name, names.empty() ? "none" : names));
  }
}

std::vector<int> words_of_pieces(std::string_view sentence, std::span<const Piece> pieces) {
  const std::vector<std::string_view> words = utf8::words(sentence);
  std::vector<int> out;
  std::size_t word = 0;
  for (const Piece& piece : pieces) {
    const auto end_of = [&](std::size_t w) {
      return static_cast<std::size_t>(words[w].data() - sentence.data()) + words[w].size();
    };
    while (word + 1 < words.size() && end_of(word) <= piece.begin) ++word;
    out.push_back(static_cast<int>(word));
  }
  return out;
}

void spread_values(std::span<const int> values, std::span<const int> words, std::vector<int>& out) {
  for (const int word : words) out.push_back(values.size() == 1 ? values[0] : values[static_cast<std::size_t>(word)]);
}

void TextOptions::describe_features(Settings& settings, const std::string& section) {
  const auto bind = [section](Settings& table, FeatureOptions& each) {
    table.text(section + ".name", &each.name, "name of a feature; empty: feature1, feature2, ... by its place");
    table.integer(section + ".column", &each.column, {0, 1000},
                  "of TSV files: a value for each line, or for each word of the source, from 1; 0: no feature");
    table.integer_or_auto(section + ".embedding", &each.embedding, {1, 65536},
                          "width of the embeddings of its values; auto: 16, or with join sum that of the tokens'");
    table.choice(section + ".join", &each.join, {"concatenate", "sum"}, "with the embedding of each token");
  };
  bind(settings, feature);
  settings.list_of_sections(section, {[this] { return 1 + more_features.size(); },
                                      [this](std::size_t count) {
                                        feature = {};
                                        more_features.assign(count - 1, {});
                                      },
                                      [this, bind](Settings& table, std::size_t i) {
                                        bind(table, i == 0 ? feature : more_features[i - 1]);
                                      }});
}

std::vector<FeatureOptions> TextOptions::features() const {
  std::vector<FeatureOptions> out;
  if (feature.column == 0 && more_features.empty()) return out;
  out.push_back(feature);
  out.insert(out.end(), more_features.begin(), more_features.end());
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (out[i].name.empty()) out[i].name = fmt::format("feature{}", i + 1);
  }
  return out;
}

std::string TextOptions::feature_names() const {
  std::vector<std::string> names;
  for (const FeatureOptions& each : features()) names.push_back(each.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

bool TextSide::has_features_of(const TextSide& other) const {
  if (options_.feature_names() != other.options_.feature_names()) return false;
  for (std::size_t f = 0; f < features_.size(); ++f) {
    if (features_[f].tokens() != other.features_[f].tokens()) return false;
  }
  return true;
}

int TextSide::feature_id(std::size_t feature, std::string_view value) const {
  const int found = features_[feature].id(value);
  return found < Vocabulary::kSpecials ? Vocabulary::kUnknown : found;  // a value is no special
}

std::vector<int> TextSide::feature_ids(std::string_view sentence, std::span<const Piece> pieces,
                                       const FeatureValues& values) const {
  if (values.size() != features_.size()) {
    const std::string read = features_.empty() ? "no features" : "features (" + options_.feature_names() + ")";
    throw UsageError(fmt::format("the model reads {}, but the sentence has {}", read,
                                 values.empty() ? "none" : fmt::format("values of {}", values.size())));
  }
  std::vector<int> out;
  if (values.empty()) return out;
  const std::vector<int> words = words_of_pieces(sentence, pieces);
  for (std::size_t f = 0; f < values.size(); ++f) {
    if (const std::string fault = feature_fault(values[f], sentence); !fault.empty())
      throw Error(fmt::format("feature '{}': {}", options_.features()[f].name, fault));
    std::vector<int> ids;
    for (const std::string_view value : utf8::words(values[f])) ids.push_back(feature_id(f, value));
    spread_values(ids, words, out);
    if (options_.end.follows(words.size())) out.push_back(Vocabulary::kEnd);
  }
  return out;
}

}  // namespace heed
