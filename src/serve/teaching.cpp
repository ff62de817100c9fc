#include "teaching.h"

#include <fmt/format.h>

#include <algorithm>

#include "child.h"
#include "fields.h"
#include "heed/base/atomic_file.h"
#include "heed/base/error.h"
#include "heed/base/regular_file.h"
#include "heed/base/utf8.h"
#include "heed/model/file_names.h"

namespace heed::serve {
namespace {

constexpr std::chrono::minutes kMost{10};

/// JSON, which is YAML too.
std::string config_of(const Teaching& teaching, const std::string& pairs, const std::vector<int>& columns,
                      const std::filesystem::path& output) {
  const OrderedJson files = {{"tsv", pairs}, {"columns", columns}};
  const std::string updates = fmt::format("{} epochs", teaching.updates);
  const OrderedJson out = {{"data", {{"train", files}, {"validation", files}}},
                           {"training",
                            {{"start_from", teaching.from},
                             {"optimizer", "sgd"},
                             {"learning_rate", teaching.rate},
                             {"schedule", {{"kind", "constant"}}},
                             {"batch_sentences", std::max<std::size_t>(1, teaching.pairs.size())},
                             {"epochs", teaching.updates},
                             {"average_decay", 0},
                             {"validate_every", updates},
                             {"checkpoint_every", "0 minutes"},
                             {"validation_samples", 0},
                             {"metrics", {"token-accuracy"}},
                             {"best_by", "perplexity"},
                             {"threads", 1}}},
                           {"output", output}};
  return dump(out) + "\n";
}

void run_heed(const Teaching& teaching, const std::vector<std::string>& words, const std::atomic<bool>& stop) {
  const std::filesystem::path said = teaching.work / "log";
  std::vector<std::string> all = {teaching.program};
  all.insert(all.end(), words.begin(), words.end());
  const int status = run({.words = all, .output = said, .most = kMost}, stop);
  if (status == 0) return;
  const std::string text = read_front(said, kMostOfSmallFile);
  const std::string begin = fmt::format("heed: {}: ", words.front());
  const std::size_t fault = text.rfind(begin);
  throw Error(status == 1 ? ErrorKind::kData : ErrorKind::kSystem,
              fmt::format("`heed {}` ended with status {}: {}", words.front(), status,
                          fault == text.npos
                              ? "it says nothing"
                              : text.substr(fault + begin.size(), text.find('\n', fault) - fault - begin.size())));
}

}  // namespace

Columns columns_of(std::span<const SentencePair> pairs, const TextOptions& source) {
  const std::vector<FeatureOptions> features = source.features();
  std::vector<int> of_features;
  of_features.reserve(features.size());
  for (const FeatureOptions& feature : features) of_features.push_back(feature.column);
  Columns out;
  for (int column = 1; out.of_pair.size() < 2; ++column) {
    if (std::ranges::find(of_features, column) == of_features.end()) out.of_pair.push_back(column);
  }
  int most = out.of_pair[1];
  for (const int column : of_features) most = std::max(most, column);
  for (const SentencePair& pair : pairs) {
    std::vector<std::string_view> cells(static_cast<std::size_t>(most), "-");
    cells[static_cast<std::size_t>(out.of_pair[0]) - 1] = pair.source;
    cells[static_cast<std::size_t>(out.of_pair[1]) - 1] = pair.target;
    for (std::size_t f = 0; f < of_features.size(); ++f)
      cells[static_cast<std::size_t>(of_features[f]) - 1] = pair.features[f];
    out.text += fmt::format("{}\n", fmt::join(cells, "\t"));
  }
  return out;
}

std::filesystem::path teach(const Teaching& teaching, const std::atomic<bool>& stop) {
  const std::filesystem::path config = teaching.work / "train.yaml";
  const std::filesystem::path pairs = teaching.work / "pairs.tsv";
  std::filesystem::path out = teaching.work / "model";
  const Columns columns = columns_of(teaching.pairs, teaching.config.data.source);
  write_file_atomically(pairs, columns.text);
  write_file_atomically(config, config_of(teaching, pairs, columns.of_pair, out));
  run_heed(teaching, {"train", config}, stop);
  std::filesystem::remove_all(out / kTrainingState);
  std::filesystem::remove(out / kTrainingLog);
  return out;
}

std::filesystem::path pull_back(const Teaching& teaching, const std::filesystem::path& copy,
                                const std::filesystem::path& base, const std::atomic<bool>& stop) {
  const std::filesystem::path out = teaching.work / "mean";
  run_heed(teaching, {"average", "-m", copy, "-m", base, "-o", out}, stop);
  std::filesystem::remove_all(copy);
  std::filesystem::rename(out, copy);
  return copy;
}

}  // namespace heed::serve
