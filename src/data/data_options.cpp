#include "heed/data/data_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "heed/base/atomic_file.h"
#include "heed/base/error.h"
#include "heed/base/settings.h"

namespace heed {
namespace {

void describe_training(CorpusFiles& files, Settings& settings) {
  files.describe(settings, "data.train");
  settings.real("data.train.weight", &files.weight, {0, 1e9},
                "of a corpus in a list: its share of what an epoch draws; 0, of all: by size");
  settings.text("data.train.alignment", &files.alignment,
                "file of links, a Pharaoh line for each pair, for training.guided_alignment");
}

void describe_cache(DataOptions& data, Settings& settings) {
  settings.text("data.cache", &data.cache,
                "folder of the training pairs as ids, made where it is missing, for data larger than memory; auto: the "
                "folder data in the output; empty: in memory");
  settings.integer("data.cache_sample", &data.cache_sample, {1, 1e9},
                   "of a cache: vocabularies and SentencePiece are made of this many training pairs, drawn at random");
  settings.real("data.cache_memory", &data.cache_memory, {0.01, 1e9},
                "of a training from a cache: most megabytes of ids in memory, which are shuffled together");
}

void describe_filter(FilterOptions& filter, Settings& settings) {
  settings.integer("data.filter.min_length", &filter.min_length, {1, 1000000}, "least tokens of a side of a pair");
  settings.real("data.filter.max_ratio", &filter.max_ratio, {0, 1000000},
                "most tokens of the longer side for each token of the shorter; 0: any");
  settings.choice("data.filter.duplicates", &filter.duplicates, {"keep", "drop"},
                  "training pairs with the tokens of an earlier one");
}

}  // namespace

void DataOptions::describe(Settings& settings) {
  describe_training(train, settings);
  settings.list_of_sections("data.train", {[this] { return 1 + more_train.size(); },
                                           [this](std::size_t count) {
                                             train = {};
                                             more_train.assign(count - 1, {});
                                           },
                                           [this](Settings& table, std::size_t i) {
                                             describe_training(i == 0 ? train : more_train[i - 1], table);
                                           }});
  validation.describe_references(settings, "data.validation");
  settings.real("data.held_out", &held_out, {1e-6, 0.5},
                "share of the training pairs that is validated on, 2,000 at most, where data.validation is not given");
  test.describe_references(settings, "data.test");
  describe_filter(filter, settings);
  source.describe(settings, "data.source");
  source.describe_end(settings, "data.source");
  source.describe_features(settings, "data.source.features");
  target.describe(settings, "data.target");
  target.describe_direction(settings, "data.target");
  describe_cache(*this, settings);
  settings.boolean("data.joint_vocabulary", &joint_vocabulary,
                   "one vocabulary or SentencePiece model, made of both sides, which are cut alike");
  settings.checked_text(
      "data.max_output", &max_output,
      "auto | N | xR | xR+N: the most tokens of an answer, R for each of the source's; auto: from the training pairs",
      [](const std::string& text) {
        if (text != kAuto) (void)OutputLimit::parse(text);
      },
      "most tokens of an answer");
}

std::vector<CorpusFiles> DataOptions::corpora() const {
  std::vector<CorpusFiles> out = more_train;
  out.insert(out.begin(), train);
  for (CorpusFiles& files : out) files = with_features(std::move(files), "data.train.columns");
  return out;
}

CorpusFiles DataOptions::with_features(CorpusFiles files, const std::string& name) const {
  const std::vector<FeatureOptions> features = source.features();
  if (files.empty()) return files;
  const std::size_t all = 2 + features.size();
  if (files.columns.size() != 2 && files.columns.size() != all) {
    throw UsageError(
        fmt::format("{}: {} numbers are not right; two are expected, of source and target{}", name,
                    files.columns.size(),
                    features.empty() ? "" : fmt::format(", or {} with the features ({})", all, source.feature_names())),
        {.key = name});
  }
  if (features.empty()) return files;
  if (files.tsv.empty()) {
    throw UsageError(fmt::format("{} are two files; the features ({}) are columns of one: name a tsv", files.name(),
                                 source.feature_names()),
                     {.key = name});
  }
  const bool given = files.columns.size() == all;
  for (std::size_t f = 0; f < features.size(); ++f) {
    const auto place = static_cast<std::ptrdiff_t>(2 + f);
    const int column = given ? files.columns[2 + f] : features[f].column;
    const auto before = files.columns.begin() + place;
    if (const auto found = std::find(files.columns.begin(), before, column); found != before) {
      const std::ptrdiff_t other = found - files.columns.begin();
      throw UsageError(
          fmt::format("{}: column {} of {} is the {} already: feature '{}' needs its own", name, column, files.name(),
                      other == 0   ? "source"
                      : other == 1 ? "target"
                                   : "feature '" + features[static_cast<std::size_t>(other) - 2].name + "'",
                      features[f].name),
          {.key = name});
    }
    if (!given) files.columns.push_back(column);
  }
  return files;
}

bool DataOptions::is_weighted() const {
  const std::vector<CorpusFiles> all = corpora();
  return std::any_of(all.begin(), all.end(), [](const CorpusFiles& files) { return files.weight > 0; });
}

bool DataOptions::has_links() const {
  const std::vector<CorpusFiles> all = corpora();
  return std::any_of(all.begin(), all.end(), [](const CorpusFiles& files) { return !files.alignment.empty(); });
}

void DataOptions::settle_cache(const std::string& output) {
  namespace fs = std::filesystem;
  if (cache == kAuto) cache = (fs::path(output) / "data").string();
  if (cache.empty()) return;
  const fs::path folder = directory_behind(fs::absolute(cache)), out = directory_behind(fs::absolute(output));
  const auto [rest, of_output] = std::mismatch(folder.begin(), folder.end(), out.begin(), out.end());
  if (rest != folder.end()) return;
  throw UsageError(fmt::format("data.cache: '{}' is {} of the training, '{}': a cache needs a folder of its own, "
                               "which auto makes",
                               cache, of_output == out.end() ? "the output" : "a folder around the output", output),
                   {.file = cache, .key = "data.cache"});
}

OutputLimit DataOptions::output_limit() const {
  return max_output == kAuto ? OutputLimit{} : OutputLimit::parse(max_output);
}

}  // namespace heed
