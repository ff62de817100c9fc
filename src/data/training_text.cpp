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

/// The bundle's, the given one, or a new one.
TextSide::Builder builder(const TextOptions& options, const std::string& bundle, const std::string& stem) {
  if (!bundle.empty()) return TextSide::Builder(TextSide::load(options, std::filesystem::path(bundle), stem));
  if (!options.model.empty()) return TextSide::Builder(TextSide::of_model(options, stem));
  return TextSide::Builder(options);
}

/// With a joint vocabulary the source's, which a bundle may have given.
TextSide::Builder target_builder(const DataOptions& options, const std::string& bundle) {
  TextOptions target = options.target;
  const bool given = options.joint_vocabulary && !options.source.model.empty();
  if (given) target.model = options.source.model;
  return builder(target, bundle, given && bundle.empty() ? "source" : "target");
}

std::pair<TokenizedText, TokenizedText> finish(TextSide::Builder& source, TextSide::Builder& target, bool joint) {
  if (joint) return TextSide::Builder::finish_joint(source, target);
  TokenizedText first = source.finish();
  return {std::move(first), target.finish()};
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

TrainingText read_training_text(const DataOptions& options, const std::string& bundle, const LogSink& log,
                                const FaultSink& on_fault) {
  TextSide::Builder sources = builder(options.source, bundle, "source");
  TextSide::Builder targets = target_builder(options, bundle);
  TrainingText out;
  std::deque<CorpusLinks> links;  // of each corpus
  const bool linked = options.has_links();
  if (linked) {
    sources.keep_words();
    targets.keep_words();
  }
  const HeldOutPairs::Visit take = [&](const PairLine& pair, PairOrigin origin) {
    sources.add(pair.source, pair.features);
    targets.add(pair.target);
    out.origins.push_back(origin);
    if (linked) out.links.add(links[static_cast<std::size_t>(origin.corpus)].of(origin.line));
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
  std::tie(out.source, out.target) = finish(sources, targets, options.joint_vocabulary);
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
