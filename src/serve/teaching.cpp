#include "teaching.h"

#include <fmt/format.h>

#include <algorithm>

#include "child.h"
#include "fields.h"
#include "heed/base/atomic_file.h"
#include "heed/base/error.h"
#include "heed/base/regular_file.h"
#include "heed/model/file_names.h"
#include "heed/translate/translator.h"

namespace heed::serve {
namespace {

constexpr std::chrono::seconds kMost{60};       // of a process,
constexpr std::chrono::seconds kMostOfPair{6};  // and for each pair
constexpr std::size_t kTogether = 8;            // pairs of an update, beside one
constexpr int kUpdates = 4;                     // on each pair
constexpr std::size_t kMostRounds = 3;
constexpr int kMostPulls = 6;  // after which less than a fifth of what was learnt is left

struct Run {
  std::filesystem::path from, pairs;
  std::vector<int> columns;
  std::filesystem::path output;
};

/// JSON, which is YAML too.
std::string config_of(const Run& run, double rate) {
  const OrderedJson files = {{"tsv", run.pairs}, {"columns", run.columns}};
  const OrderedJson out = {{"data", {{"train", files}, {"validation", files}}},
                           {"training",
                            {{"start_from", run.from},
                             {"optimizer", "sgd"},
                             {"learning_rate", rate},
                             {"schedule", {{"kind", "constant"}}},
                             {"batch_sentences", kTogether + 1},
                             {"epochs", kUpdates},
                             {"average_decay", 0},
                             {"validate_every", fmt::format("{} epochs", kUpdates)},
                             {"checkpoint_every", "0 minutes"},
                             {"validation_samples", 0},
                             {"metrics", {"token-accuracy"}},
                             {"best_by", "perplexity"},
                             {"threads", 1}}},
                           {"output", run.output}};
  return dump(out) + "\n";
}

void run_heed(const Teaching& teaching, const std::vector<std::string>& words, const std::atomic<bool>& stop) {
  const std::filesystem::path said = teaching.work / "log";
  std::vector<std::string> all = {teaching.program};
  all.insert(all.end(), words.begin(), words.end());
  const int status = run({.words = all, .output = said, .most = kMost + teaching.fresh.size() * kMostOfPair}, stop);
  if (status == 0) return;
  const std::string text = read_front(said, kMostOfSmallFile);
  const std::string begin = fmt::format("heed: {}: ", words.front());
  const std::size_t fault = text.rfind(begin);
  throw Error(ErrorKind::kSystem,
              fmt::format("'heed {}' ended with status {}: {}", words.front(), status,
                          fault == text.npos
                              ? "it says nothing"
                              : text.substr(fault + begin.size(), text.find('\n', fault) - fault - begin.size())));
}

std::filesystem::path updated(const Teaching& teaching, const std::filesystem::path& from, std::size_t round,
                              const std::atomic<bool>& stop) {
  const std::filesystem::path config = teaching.work / "train.yaml";
  const std::filesystem::path file = teaching.work / "pairs.tsv";
  std::filesystem::path out = teaching.work / fmt::format("copy{}", round);
  std::vector<SentencePair> pairs(teaching.fresh.begin(), teaching.fresh.end());
  pairs.insert(pairs.end(), teaching.recent.begin(), teaching.recent.end());
  const Columns columns = columns_of(pairs, teaching.config.data.source);
  write_file_atomically(file, columns.text);
  write_file_atomically(config, config_of({from, file, columns.of_pair, out}, teaching.rate));
  run_heed(teaching, {"train", config}, stop);
  std::filesystem::remove_all(out / kTrainingState);
  std::filesystem::remove(out / kTrainingLog);
  return out;
}

Quality quality_of(const Teaching& teaching, const std::filesystem::path& copy, const std::atomic<bool>& stop) {
  return quality(Bundle::load(copy, teaching.precision), teaching.held_out, stop);
}

/// How many of the fresh ones a copy translates so itself.
std::size_t said(const Teaching& teaching, const std::filesystem::path& copy, const std::atomic<bool>& stop) {
  const Bundle bundle = Bundle::load(copy, teaching.precision);
  const std::vector<std::string> answers = translations(bundle, teaching.fresh, TranslateOptions().beam, stop);
  const std::vector<std::string> wanted = targets(bundle, teaching.fresh);
  std::size_t out = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) out += answers[i] == wanted[i] ? 1 : 0;
  return out;
}

void pull_back(const Teaching& teaching, const std::filesystem::path& copy, const std::atomic<bool>& stop) {
  const std::filesystem::path mean = teaching.work / "mean";
  run_heed(teaching, {"average", "-m", copy, "-m", copy, "-m", copy, "-m", teaching.base, "-o", mean}, stop);
  std::filesystem::remove_all(copy);
  std::filesystem::rename(mean, copy);
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

Taught teach(const Teaching& teaching, const std::atomic<bool>& stop) {
  struct Round {
    std::filesystem::path copy;
    std::size_t said = 0;
  };
  std::vector<Round> rounds;
  const std::size_t most = teaching.fresh.size() <= kTogether ? kMostRounds : 1;
  while (rounds.size() < most && (rounds.empty() || rounds.back().said < teaching.fresh.size())) {
    const std::filesystem::path from = rounds.empty() ? teaching.from : rounds.back().copy;
    const std::filesystem::path copy = updated(teaching, from, rounds.size(), stop);
    rounds.push_back({copy, said(teaching, copy, stop)});
  }
  Taught out;
  for (auto round = rounds.rbegin(); round != rounds.rend(); ++round) {  // what forgets too much was one too many
    out = {round->copy, quality_of(teaching, round->copy, stop), round->said};
    if (out.held_out.is_within(teaching.most)) return out;
  }
  for (int pulls = 0; pulls < kMostPulls; ++pulls) {
    pull_back(teaching, out.bundle, stop);
    out.held_out = quality_of(teaching, out.bundle, stop);
    if (!out.held_out.is_within(teaching.most)) continue;
    out.said = said(teaching, out.bundle, stop);
    return out;
  }
  return {"", out.held_out, 0};
}

}  // namespace heed::serve
