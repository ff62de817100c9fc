#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <numeric>

#include "heed/base/error.h"
#include "heed/text/spelling.h"
#include "heed/view/page.h"
#include "words.h"

namespace heed {
namespace {

using view::groups_of;
using view::merge_labels;

std::string layer_name(const Translated& sentence, int layer) {
  if (!sentence.attention_names.empty()) return sentence.attention_names[static_cast<std::size_t>(layer)];
  return fmt::format("layer {}", layer + 1);
}

AttentionWeights mean_of(const std::vector<AttentionWeights>& heads) {
  AttentionWeights mean = heads.front();
  for (std::size_t t = 0; t < mean.size(); ++t) {
    for (std::size_t s = 0; s < mean[t].size(); ++s) {
      double sum = 0;
      for (const AttentionWeights& head : heads) sum += head[t][s];
      mean[t][s] = static_cast<float>(sum / static_cast<double>(heads.size()));
    }
  }
  return mean;
}

/// Weights and what to call them.
void choose(const Translated& sentence, const Translation& translation, const PictureChoice& choice,
            AttentionPicture& out) {
  const auto layers = static_cast<int>(translation.attention_layers.size());
  if (choice.layer < 0 && choice.head < 0) {
    out.weights = translation.attention;
    std::vector<int> heads;
    for (const auto& layer : translation.attention_layers) heads.push_back(static_cast<int>(layer.size()));
    out.measure = name_of_mean(heads);
    return;
  }
  const int layer = choice.layer < 0 && layers == 1 ? 0 : choice.layer;
  if (layer < 0) throw UsageError("a head is of a layer: say which layer");
  if (layer >= layers && !(layers == 0 && layer == 0)) {
    throw Error(
        fmt::format("there is no layer {}: there {} {}", layer + 1, layers < 2 ? "is" : "are", std::max(layers, 1)));
  }
  const std::vector<AttentionWeights> only = {translation.attention};
  const auto& heads = layers == 0 ? only : translation.attention_layers[static_cast<std::size_t>(layer)];
  if (choice.head >= static_cast<int>(heads.size())) {
    throw Error(fmt::format("there is no head {}: {} has {}", choice.head + 1,
                            layers == 0 ? "the model" : layer_name(sentence, layer), heads.size()));
  }
  out.weights = choice.head < 0 ? mean_of(heads) : heads[static_cast<std::size_t>(choice.head)];
  if (layers == 0) return;
  out.measure = layer_name(sentence, layer);
  if (choice.head >= 0) out.measure += fmt::format(", head {}", choice.head + 1);
  if (choice.head < 0 && heads.size() > 1) out.measure += fmt::format(", mean of {} heads", heads.size());
}

std::size_t count_of(const std::vector<int>& groups) {
  return groups.empty() ? 0 : static_cast<std::size_t>(groups.back()) + 1;
}

AttentionWeights merge(const AttentionWeights& weights, const std::vector<int>& source,
                       const std::vector<int>& target) {
  std::vector<std::vector<double>> sums(count_of(target), std::vector<double>(count_of(source)));
  std::vector<int> rows(count_of(target));
  for (std::size_t t = 0; t < weights.size(); ++t) {
    auto& sum = sums[static_cast<std::size_t>(target[t])];
    ++rows[static_cast<std::size_t>(target[t])];
    for (std::size_t s = 0; s < weights[t].size(); ++s) sum[static_cast<std::size_t>(source[s])] += weights[t][s];
  }
  AttentionWeights out;
  for (std::size_t t = 0; t < sums.size(); ++t) {
    out.emplace_back();
    for (const double sum : sums[t]) out.back().push_back(static_cast<float>(sum / rows[t]));
  }
  return out;
}

void merge_words(AttentionPicture& picture, const std::vector<int>& source_words,
                 const std::vector<int>& target_words) {
  const std::vector<int> source = groups_of(source_words);
  const std::vector<int> target = groups_of(target_words);
  picture.weights = merge(picture.weights, source, target);
  picture.source = merge_labels(picture.source, source);
  picture.target = merge_labels(picture.target, target);
  std::vector<int> copied;
  for (const int token : picture.copied) {
    const int word = target[static_cast<std::size_t>(token)];
    if (copied.empty() || copied.back() != word) copied.push_back(word);
  }
  picture.copied = std::move(copied);
}

/// Links of words as links of what the picture shows: of each token of the words, or of the merged words.
std::vector<Link> spread(const std::vector<Link>& links, const std::vector<int>& source,
                         const std::vector<int>& target) {
  std::vector<Link> out;
  for (const Link& link : links) {
    for (std::size_t t = 0; t < target.size(); ++t) {
      for (std::size_t s = 0; s < source.size(); ++s) {
        if (source[s] == link.source && target[t] == link.target)
          out.push_back({static_cast<int>(s), static_cast<int>(t)});
      }
    }
  }
  return out;
}

bool merges(Merging merging, const AttentionPicture& picture, const std::vector<int>& source_words) {
  if (merging != Merging::kPieces) return merging == Merging::kAlways;
  const bool several = std::any_of(source_words.begin(), source_words.end(), [](int word) { return word > 0; });
  return several && (std::any_of(picture.source.begin(), picture.source.end(), is_piece) ||
                     std::any_of(picture.target.begin(), picture.target.end(), is_piece));
}

std::vector<int> without_repeats(const std::vector<int>& words) {
  std::vector<int> out;
  for (const int word : words) {
    if (out.empty() || word < 0 || out.back() != word) out.push_back(word);
  }
  return out;
}

AttentionPicture make_picture(const Translated& sentence, const PictureChoice& choice, const std::vector<Link>& sure,
                              const std::vector<Link>& possible) {
  if (choice.translation < 0 || static_cast<std::size_t>(choice.translation) >= sentence.translations.size()) {
    throw Error(
        fmt::format("there is no translation {}: there are {}", choice.translation + 1, sentence.translations.size()));
  }
  const Translation& translation = sentence.translations[static_cast<std::size_t>(choice.translation)];
  AttentionPicture out;
  out.source = sentence.source_tokens;
  out.target = translation.tokens;
  if (translation.copied) out.copied = *translation.copied;
  choose(sentence, translation, choice, out);
  check_shape(out);
  std::vector<int> source = words_of(sentence.source, sentence.source_tokens, sentence.source_ranges);
  std::vector<int> target = words_of(translation.text, translation.tokens, translation.ranges);
  if (merges(choice.merging, out, source)) {
    merge_words(out, source, target);
    source = without_repeats(source);
    target = without_repeats(target);
  }
  out.sure = spread(sure, source, target);
  out.possible = spread(possible, source, target);
  return out;
}

}  // namespace

void check_shape(const AttentionPicture& picture) {
  const std::size_t rows = picture.target.size();
  const std::size_t columns = picture.source.size();
  if (picture.weights.size() != rows) {
    throw Error(
        fmt::format("attention picture: {} rows of weights for {} target tokens", picture.weights.size(), rows));
  }
  for (std::size_t t = 0; t < rows; ++t) {
    if (picture.weights[t].size() != columns) {
      throw Error(fmt::format("attention picture: row {} has {} weights for {} source tokens", t,
                              picture.weights[t].size(), columns));
    }
  }
}

std::string name_of_mean(std::span<const int> heads) {
  const int all = std::accumulate(heads.begin(), heads.end(), 0);
  if (all < 2) return "";
  const bool equal = std::adjacent_find(heads.begin(), heads.end(), std::not_equal_to<>()) == heads.end();
  return equal ? fmt::format("mean of {} heads", all) : fmt::format("mean of {} layers", heads.size());
}

AttentionPicture picture_of(const Translated& sentence, const PictureChoice& choice) {
  return make_picture(sentence, choice, {}, {});
}

AttentionPicture picture_of(const ViewedSentence& sentence, const PictureChoice& choice) {
  if (choice.translation > 0) return make_picture(sentence, choice, {}, {});
  return make_picture(sentence, choice, sentence.sure, sentence.possible);
}

}  // namespace heed
