#include "training_text.h"

#include <algorithm>
#include <deque>
#include <filesystem>
#include <tuple>
#include <utility>

#include "byte_source.h"
#include "corpus_links.h"
#include "heed/base/error.h"

namespace heed {
namespace {

TextSide::Builder builder(const DataOptions& options, const std::string& bundle, SideOfPair which) {
  if (std::optional<TextSide> given = given_side(options, bundle, which)) return TextSide::Builder(*std::move(given));
  return TextSide::Builder(which == SideOfPair::kSource ? options.source : options.target);
}

/// The next line that is a pair.
std::optional<PairLine> next_or_fault(PairReader& reader, const FaultSink& on_fault, PairOrigin origin) try {
  while (std::optional<PairLine> pair = reader.next()) {
    if (!pair->fault.empty() || pair->trimmed) on_fault(*pair, origin.corpus);
    if (pair->fault.empty()) return pair;
  }
  return std::nullopt;
} catch (const Error& error) {
  on_fault({.number = error.place().line, .fault = error.what(), .file = error.place().file}, origin.corpus);
  return std::nullopt;
}

/// Whether the pair has links that fit, if any are asked for. That there are too few of them CorpusLinks::check_end()
/// says, once.
bool read_links(CorpusLinks& links, const PairLine& pair, const FaultSink& on_fault, PairOrigin origin) try {
  links.read(pair.number, pair.source, pair.target);
  return true;
} catch (const Error& error) {
  if (!on_fault) throw;
  if (error.place().line > 0)
    on_fault({.number = pair.number, .fault = error.what(), .file = error.place().file}, origin.corpus);
  return false;
}

void check_links(CorpusLinks& links, const CorpusFiles& files, long lines, const FaultSink& on_fault, int corpus) try {
  links.check_end(files.name(), lines);
} catch (const Error& error) {
  if (!on_fault) throw;
  on_fault({.number = error.place().line, .fault = error.what(), .file = shown(files.alignment)}, corpus);
}

std::vector<SentencePair> hold_out(HeldOutPairs& pairs, const LogSink& log, const FaultSink& on_fault) try {
  return pairs.finish(log);
} catch (const Error& error) {
  if (!on_fault) throw;
  on_fault({.fault = error.what()}, kNoCorpus);
  pairs.release();
  return {};
}

}  // namespace

// With a joint vocabulary the target's is the source's, which a bundle may have given.
std::optional<TextSide> given_side(const DataOptions& options, const std::string& bundle, SideOfPair which) {
  const bool is_source = which == SideOfPair::kSource;
  const std::string stem = is_source ? "source" : "target";
  TextOptions side = is_source ? options.source : options.target;
  const bool of_source = options.joint_vocabulary && !options.source.model.empty();
  if (of_source) side.model = options.source.model;
  if (!bundle.empty()) return TextSide::load(side, std::filesystem::path(bundle), stem);
  if (side.model.empty()) return std::nullopt;
  return TextSide::of_model(side, of_source ? "source" : stem);
}

SideBuilders::SideBuilders(const DataOptions& options, const std::string& bundle)
    : source(builder(options, bundle, SideOfPair::kSource)), target(builder(options, bundle, SideOfPair::kTarget)) {
  if (!options.has_links()) return;
  source.keep_words();
  target.keep_words();
}

std::pair<TokenizedText, TokenizedText> SideBuilders::finish(bool joint) {
  if (joint) return TextSide::Builder::finish_joint(source, target);
  TokenizedText first = source.finish();
  return {std::move(first), target.finish()};
}

CorporaEnd for_each_training_pair(const DataOptions& options, const TrainingPairVisit& visit, const LogSink& log,
                                  const FaultSink& on_fault) {
  CorporaEnd out;
  std::deque<CorpusLinks> links;  // of each corpus
  const HeldOutPairs::Visit take = [&](const PairLine& pair, PairOrigin origin) {
    visit(pair, origin, links[static_cast<std::size_t>(origin.corpus)].take(origin.line));
  };
  HeldOutPairs held_out(options.held_out, take);
  PairOrigin origin;
  for (const CorpusFiles& files : options.corpora()) {
    PairReader reader(files);
    links.emplace_back(files.alignment);
    while (const std::optional<PairLine> pair =
               on_fault ? next_or_fault(reader, on_fault, origin) : reader.next_pair()) {
      origin.line = pair->number;
      if (!read_links(links.back(), *pair, on_fault, origin)) continue;
      options.validation.empty() ? held_out.add(*pair, origin) : take(*pair, origin);
    }
    check_links(links.back(), files, reader.lines(), on_fault, origin.corpus);
    out.lines.push_back(reader.lines());
    ++origin.corpus;
  }
  if (options.validation.empty()) out.held_out = hold_out(held_out, log, on_fault);
  out.held_out_origins = held_out.origins();
  return out;
}

TrainingText read_training_text(const DataOptions& options, const std::string& bundle, const LogSink& log,
                                const FaultSink& on_fault) {
  SideBuilders builders(options, bundle);
  TrainingText out;
  const bool linked = options.has_links();
  const auto take = [&](const PairLine& pair, PairOrigin origin, std::span<const int> links) {
    builders.source.add(pair.source, pair.features);
    builders.target.add(pair.target);
    out.origins.push_back(origin);
    if (linked) out.links.add(links);
  };
  CorporaEnd end = for_each_training_pair(options, take, log, on_fault);
  out.lines = std::move(end.lines);
  out.held_out = std::move(end.held_out);
  out.held_out_origins = std::move(end.held_out_origins);
  std::tie(out.source, out.target) = builders.finish(options.joint_vocabulary);
  return out;
}

bool can_be_read_again(const std::string& path) {
  std::error_code ignored;
  return path != "-" && std::filesystem::is_regular_file(path, ignored);
}

void check_training_files(const DataOptions& options) {
  if (options.train.empty()) throw UsageError("data.train is missing: name its source and target files (or tsv)");
  const std::vector<CorpusFiles> corpora = options.corpora();
  std::size_t from_input = 0;
  std::size_t weighted = 0;
  for (const CorpusFiles& files : corpora) {
    check_corpus(files);
    if (!files.alignment.empty()) check_readable(files.alignment);
    from_input += files.source == "-" || files.target == "-" || files.tsv == "-" ? 1 : 0;
    weighted += files.weight > 0 ? 1 : 0;
  }
  if (from_input > 1) throw UsageError("data.train: only one of several corpora can be standard input");
  if (weighted > 0 && weighted < corpora.size()) {
    const auto without = std::find_if(corpora.begin(), corpora.end(), [](auto& files) { return files.weight == 0; });
    throw UsageError(
        "data.train: " + without->name() + " has no weight, but others have: give each corpus one, or none",
        {.key = "data.train.weight"});
  }
}

}  // namespace heed
