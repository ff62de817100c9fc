#include "samples.h"

#include <algorithm>

#include "heed/model/seq2seq.h"

namespace heed {
namespace {

constexpr std::size_t kShortest = 5;
constexpr std::size_t kLongest = 25;

}  // namespace

std::vector<std::size_t> choose_samples(const TrainingData& data, int count) {
  std::vector<std::size_t> fitting;
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < data.validation.examples.size(); ++i) {
    const std::size_t length = data.validation.examples[i].source.size();
    if (length >= kShortest && length <= kLongest) fitting.push_back(i);
    all.push_back(i);
  }
  const auto wanted = static_cast<std::size_t>(count);
  const std::vector<std::size_t>& from = fitting.size() >= wanted ? fitting : all;
  std::vector<std::size_t> out;
  const std::size_t places = std::min(wanted, from.size());
  for (std::size_t k = 0; k < places; ++k) out.push_back(from[(2 * k + 1) * from.size() / (2 * places)]);
  return out;
}

std::vector<ValidationSample> translate_samples(const TrainingData& data, const std::vector<std::size_t>& chosen,
                                                const Config& config, const std::shared_ptr<Seq2Seq>& model) {
  std::vector<ValidationSample> out;
  if (chosen.empty()) return out;
  std::vector<std::string> sources;
  std::vector<FeatureValues> features;
  for (const std::size_t i : chosen) {
    sources.push_back(data.validation.text[i].source);
    features.push_back(data.validation.text[i].features);
  }
  const Translator translator({Bundle{config, data.source, data.target, model}});
  TranslateOptions options;
  options.beam = config.training.validation_beam;
  options.attention = model->decoder().attends();
  std::vector<Translated> translated = translator.translate(sources, options, features);
  for (std::size_t k = 0; k < chosen.size(); ++k) {
    out.push_back({data.validation.text[chosen[k]].target, std::move(translated[k])});
  }
  return out;
}

}  // namespace heed
