#include "pair_lines.h"

#include "common_options.h"
#include "continuation.h"
#include "heed/base/error.h"
#include "heed/data/lines.h"
#include "heed/data/pair_reader.h"
#include "heed/record/source_line.h"
#include "progress_line.h"

namespace heed::app {

void PairFiles::add(CLI::App& command, const std::string& source) {
  add_pair_files(command, files, source);
  command
      .add_option(
          "--jsonl", jsonl,
          "instead of two files: JSON lines with \"source\" and \"target\", or those of `heed translate`, whose "
          "best translations are the targets")
      ->type_name("FILE");
}

void PairFiles::check(const CLI::App& command) const {
  refuse_input_twice(inputs());
  if (jsonl.empty()) return check_pair_files(command, files);
  for (const char* flag : {"--source", "--target", "--tsv", "--columns"})
    refuse_idle(command, flag, true, "beside --jsonl, which has both sides");
}

std::string PairFiles::source_name() const {
  return shown(!jsonl.empty() ? jsonl : files.tsv.empty() ? files.source : files.tsv);
}

std::string PairFiles::target_name() const {
  return shown(!jsonl.empty() ? jsonl : files.tsv.empty() ? files.target : files.tsv);
}

PairLines::PairLines(const PairFiles& files, const DataOptions* trained)
    : jsonl_(files.jsonl), part_(files.part), reads_features_(trained != nullptr) {
  if (trained != nullptr) features_ = trained->source.features();
  if (jsonl_.empty()) {
    pairs_ = std::make_unique<PairReader>(
        trained != nullptr ? trained->with_features(files.files, "--columns") : files.files, part_);
  } else {
    lines_ = std::make_unique<LineReader>(jsonl_, part_);
  }
}

PairLines::~PairLines() = default;

long PairLines::before() { return lines_ ? lines_->before() : pairs_->before(); }

void PairLines::add_to(StreamChecksum& sum) { lines_ ? lines_->add_to(sum) : pairs_->add_to(sum); }

std::optional<SentencePair> PairLines::next() {
  if (lines_) return next_of_json();
  const std::optional<PairLine> pair = pairs_->next_pair();
  return pair ? std::optional(SentencePair(*pair)) : std::nullopt;
}

std::optional<SentencePair> PairLines::next_of_json() {
  const std::optional<Line> line = lines_->next_text();
  if (!line) {
    if (lines_->lines() == 0 && part_.is_whole())
      throw Error(ErrorKind::kData, shown(jsonl_) + " is empty", {.file = shown(jsonl_)});
    return std::nullopt;
  }
  try {
    PairOfLine pair = read_pair_line(line->text);
    FeatureValues values;
    if (reads_features_) values = feature_values(features_, std::move(pair.features), pair.source);
    return SentencePair{.source = std::move(pair.source),
                        .target = std::move(pair.target),
                        .features = std::move(values),
                        .target_tokens = std::move(pair.target_tokens)};
  } catch (const Error& error) {
    throw Error::at({.file = shown(jsonl_), .line = before() + line->number}, error.what(), ErrorKind::kData);
  }
}

namespace {

// That are held, and of blocks of long lines, not more pairs.
constexpr std::size_t kMostBytes = std::size_t{1} << 22;

/// Reads the pairs that earlier runs have answered, and returns how many.
long skip_answered(PairLines& lines, Continuation* continuation, const std::string& input, LineProgress& progress) {
  if (continuation == nullptr) return 0;
  if (continuation->read() != nullptr) lines.add_to(*continuation->read());
  long out = 0;
  for (; out < continuation->answered(); ++out) {
    const std::optional<SentencePair> pair = lines.next();
    if (!pair) break;
    progress.skip(pair->source.size() + 1);
  }
  continuation->begin(input);
  return out;
}

}  // namespace

void for_each_block(const PairFiles& files, const DataOptions* trained, const PairBlocks& blocks,
                    const std::function<void(std::span<const SentencePair> pairs, long first_line)>& take) {
  PairLines lines(files, trained);
  // Of columns and JSON lines, what the lines have besides is not counted.
  LineProgress answered(blocks.progress, files.files.source, blocks.most, files.part.count);
  long first_line = 1 + lines.before() + skip_answered(lines, blocks.continuation, files.source_name(), answered);
  std::size_t held = 0;  // bytes
  std::vector<SentencePair> block;
  const auto answer = [&] {
    take(block, first_line);
    first_line += static_cast<long>(block.size());
    std::size_t bytes = block.size();
    for (const SentencePair& pair : block) bytes += pair.source.size();
    answered.add(static_cast<long>(block.size()), bytes);
    if (blocks.continuation != nullptr) blocks.continuation->add(static_cast<long>(block.size()));
    block.clear();
    held = 0;
  };
  for (long read = 0; blocks.most == 0 || read < blocks.most; ++read) {
    std::optional<SentencePair> pair = lines.next();
    if (!pair) break;
    held += pair->source.size() + pair->target.size();
    block.push_back(std::move(*pair));
    if (block.size() == blocks.pairs || held >= kMostBytes) answer();
  }
  if (!block.empty()) answer();
  answered.finish();
}

}  // namespace heed::app
