#include "text_checks.h"

#include <fmt/format.h>

#include <algorithm>

#include "heed/base/error.h"
#include "heed/base/settings.h"
#include "heed/model/output.h"
#include "refusal.h"

namespace heed {
namespace {

const std::string kSource = "data.source.";
const std::string kTarget = "data.target.";

void check_joint(const Config& config) {
  if (!config.data.joint_vocabulary) return;
  const std::string& model = config.data.source.model;
  if (!config.data.target.model.empty() && config.data.target.model != model) {
    throw UsageError(
        fmt::format("data.target.model is another than data.source.model, which with data.joint_vocabulary is "
                    "that of both sides: leave it out{}",
                    model.empty() ? ", and set data.source.model" : ""),
        {.key = "data.target.model"});
  }
  Config copy = config;
  const Settings settings = copy.settings();
  for (const std::string& key : settings.keys()) {
    if (!key.starts_with(kSource)) continue;
    const std::string name = key.substr(kSource.size());
    if (!makes_tokens(name) || name == "end") continue;  // which is of the source alone
    const std::string other = kTarget + name;
    if (name == "tokenizer" && (config.data.source.is_auto() || config.data.target.is_auto())) continue;
    if (settings.value(key) == settings.value(other)) continue;
    throw UsageError(
        fmt::format("data.joint_vocabulary is one vocabulary for both sides, but {} is {} and {} is {}: make "
                    "them the same",
                    key, settings.value(key), other, settings.value(other)),
        {.key = key});
  }
}

void check_sampling(const Config& config) {
  for (const auto& [text, side] :
       {std::pair(&config.data.source, &kSource), std::pair(&config.data.target, &kTarget)}) {
    if (text->sampling == 0) continue;
    if (output_kind(config.model).copies) {
      throw UsageError(fmt::format("{}sampling does not go together with copying (model.output '{}'), which looks for "
                                   "the same pieces on both sides: leave it out",
                                   *side, output_kind(config.model).name),
                       {.key = *side + "sampling"});
    }
    if (text->merges() && text->sampling > 1) {
      throw UsageError(
          fmt::format("{}sampling: {} is no probability, which it is with the algorithm bpe; expected 0 to 1", *side,
                      text->sampling),
          {.key = *side + "sampling"});
    }
  }
}

void check_given(const TextOptions& text, const std::string& side, const std::string& model) {
  const TextOptions usual;
  const std::string why = fmt::format("beside {}, which is given: leave it out", model);
  refuse(text.vocabulary != usual.vocabulary, side + "vocabulary", why);
  refuse(text.min_count != usual.min_count, side + "min_count", why);
  refuse(text.algorithm != usual.algorithm, side + "algorithm", why);
  refuse(text.coverage != usual.coverage, side + "coverage", why);
  refuse(text.threads != usual.threads, side + "threads", why);
  refuse(text.sample != usual.sample, side + "sample", why);
}

void check_side(const TextOptions& text, const std::string& side) {
  const TextOptions usual;
  if (!text.uses_sentencepiece()) {
    const std::string why = fmt::format("with the tokenizer {}: it is of sentencepiece{}", text.tokenizer,
                                        text.is_auto() ? fmt::format(", so set {}tokenizer", side) : "");
    refuse(text.algorithm != usual.algorithm, side + "algorithm", why);
    refuse(text.coverage != usual.coverage, side + "coverage", why);
    refuse(text.threads != usual.threads, side + "threads", why);
    refuse(text.sample != usual.sample, side + "sample", why);
    return;
  }
  refuse(text.min_count != usual.min_count, side + "min_count",
         "with the tokenizer sentencepiece, whose vocabulary is chosen by its size: words, characters and spaces read "
         "it");
  if (text.vocabulary == 0) {
    throw UsageError(
        fmt::format("{}vocabulary: 0, all, does not fit the tokenizer sentencepiece, which has no largest vocabulary; "
                    "expected: a size, such as 4000",
                    side),
        {.key = side + "vocabulary"});
  }
}

}  // namespace

bool says_how_text_is_read(std::string_view name) {
  return name == "tokenizer" || name == "lowercase" || name == "normalization" || name == "symbols";
}

bool makes_tokens(std::string_view name) {
  return name != "max_length" && name != "sampling" && name != "model" && !name.starts_with("features.");
}

void check_texts(const Config& config) {
  check_features(config);
  for (const auto& [text, side] :
       {std::pair(&config.data.source, &kSource), std::pair(&config.data.target, &kTarget)}) {
    try {
      check_symbols(text->symbols);
    } catch (const UsageError& error) {
      throw UsageError(fmt::format("{}symbols: {}", *side, error.what()), {.key = *side + "symbols"});
    }
  }
  check_joint(config);
  check_sampling(config);
}

void check_text_effect(const Config& config) {
  const DataOptions& data = config.data;
  check_feature_effect(config);
  const bool keeps = !config.training.start_from.kept_vocabulary().empty();
  for (const auto& [text, side] : {std::pair(&data.source, &kSource), std::pair(&data.target, &kTarget)}) {
    const bool joint = data.joint_vocabulary && !data.source.model.empty();
    refuse(keeps && !text->model.empty(), *side + "model",
           "with training.start_from, whose vocabulary is kept: set training.start_from.vocabulary: new");
    refuse(text->sampling > 0 && !text->uses_sentencepiece(), *side + "sampling",
           fmt::format("with the tokenizer {}: it is of sentencepiece", text->tokenizer));
    if (!text->model.empty() || joint) {
      check_given(*text, *side, (joint ? kSource : *side) + "model");
    } else {
      check_side(*text, *side);
    }
  }
}

}  // namespace heed
