#include "pair_lines.h"

#include "common_options.h"
#include "heed/base/error.h"
#include "heed/data/lines.h"
#include "heed/data/pair_reader.h"
#include "heed/record/source_line.h"
#include "progress_line.h"
#include "source_lines.h"

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
    : jsonl_(files.jsonl), reads_features_(trained != nullptr) {
  if (trained != nullptr) features_ = trained->source.features();
  if (jsonl_.empty()) {
    pairs_ = std::make_unique<PairReader>(trained != nullptr ? trained->with_features(files.files, "--columns")
                                                             : files.files);
  } else {
    lines_ = std::make_unique<LineReader>(jsonl_);
  }
}

PairLines::~PairLines() = default;

std::optional<SentencePair> PairLines::next() {
  if (lines_) return next_of_json();
  const std::optional<PairLine> pair = pairs_->next_pair();
  return pair ? std::optional(SentencePair(*pair)) : std::nullopt;
}

std::optional<SentencePair> PairLines::next_of_json() {
  const std::optional<Line> line = lines_->next_text();
  if (!line) {
    if (lines_->lines() == 0) throw Error(ErrorKind::kData, shown(jsonl_) + " is empty", {.file = shown(jsonl_)});
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
    throw Error::at({.file = shown(jsonl_), .line = line->number}, error.what(), ErrorKind::kData);
  }
}

void for_each_block(const PairFiles& files, const DataOptions* trained, const PairBlocks& blocks,
                    const std::function<void(std::span<const SentencePair> pairs, long first_line)>& take) {
  PairLines lines(files, trained);
  // Of columns and JSON lines, what the lines have besides is not counted.
  LineProgress answered(blocks.progress, files.files.source, blocks.most);
  long first_line = 1;
  std::vector<SentencePair> block;
  const auto answer = [&] {
    take(block, first_line);
    first_line += static_cast<long>(block.size());
    std::size_t bytes = block.size();
    for (const SentencePair& pair : block) bytes += pair.source.size();
    answered.add(static_cast<long>(block.size()), bytes);
    block.clear();
  };
  for (long read = 0; blocks.most == 0 || read < blocks.most; ++read) {
    std::optional<SentencePair> pair = lines.next();
    if (!pair) break;
    block.push_back(std::move(*pair));
    if (block.size() == blocks.pairs) answer();
  }
  if (!block.empty()) answer();
  answered.finish();
}

}  // namespace heed::app
