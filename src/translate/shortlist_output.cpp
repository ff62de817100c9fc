#include "shortlist_output.h"

#include <algorithm>

#include "heed/kernels/softmax.h"
#include "heed/text/vocabulary.h"

namespace heed {
namespace {

// Rows that are multiplied at a time: their logits are still near the processor when the best are looked for.
constexpr std::int64_t kPartRows = 32;
// Columns of a product, always; the last block is padded: products of one shape are compiled once, and a
// column's sum has the same order whatever else the batch needs.
constexpr std::size_t kWidth = 256;

/// Tokens of each sentence, and BOS in its place among them.
std::vector<std::vector<int>> own_tokens(const Shortlist& shortlist, const SourceBatch& source) {
  std::vector<std::vector<int>> out;
  std::vector<int> ids;
  for (std::size_t i = 0; i < source.lengths.size(); ++i) {
    ids.clear();
    for (const int row : std::span(source.by_sentence).subspan(source.offsets[i], source.lengths[i]))
      ids.push_back(source.ids[row]);
    std::erase(ids, Vocabulary::kEnd);
    std::vector<int>& own = out.emplace_back(shortlist.outputs(ids));
    own.insert(own.begin() + Vocabulary::kBegin, Vocabulary::kBegin);
  }
  return out;
}

/// Every token of the sentences once, sorted.
std::vector<int> all_tokens(std::span<const std::vector<int>> sentences, int vocabulary) {
  std::vector<char> listed(static_cast<std::size_t>(vocabulary));
  for (const std::vector<int>& tokens : sentences) {
    for (const int token : tokens) listed[static_cast<std::size_t>(token)] = 1;
  }
  std::vector<int> out;
  for (int token = 0; token < vocabulary; ++token) {
    if (listed[static_cast<std::size_t>(token)]) out.push_back(token);
  }
  return out;
}

}  // namespace

void ShortlistOutput::start(Tape& tape, const SourceBatch& source, const DecoderMemory&) {
  Arena& arena = tape.arena();
  const std::vector<std::vector<int>> own = own_tokens(*shortlist_, source);
  const std::vector<int> tokens = all_tokens(own, shortlist_->target_vocabulary());
  std::size_t longest = 0;
  sentences_.clear();
  for (const std::vector<int>& of_sentence : own) {
    longest = std::max(longest, of_sentence.size());
    const std::span<int> places = arena.array<int>(of_sentence.size());
    auto at = tokens.begin();
    for (std::size_t i = 0; i < places.size(); ++i) {
      at = std::lower_bound(at, tokens.end(), of_sentence[i]);
      places[i] = static_cast<int>(at - tokens.begin());
    }
    sentences_.push_back({arena.copy(std::span(of_sentence)), places});
  }
  bias_ = arena.array<float>(tokens.size());
  for (std::size_t i = 0; i < tokens.size(); ++i) bias_[i] = layer_.bias->value.view().data[tokens[i]];
  own_ = arena.array<float>(longest);
  select(tokens);
  logits_ = arena.tensor(static_cast<std::int64_t>(used_), kPartRows * static_cast<std::int64_t>(kWidth));
}

void ShortlistOutput::select(std::span<const int> tokens) {
  used_ = (tokens.size() + kWidth - 1) / kWidth;
  if (blocks_.size() < used_) blocks_.resize(used_);
  std::vector<int> columns;
  for (std::size_t b = 0; b < used_; ++b) {
    const auto of_block = tokens.subspan(b * kWidth, std::min(kWidth, tokens.size() - b * kWidth));
    columns.assign(of_block.begin(), of_block.end());
    columns.resize(kWidth, Vocabulary::kEnd);
    blocks_[b].select(layer_.weight->forward, layer_.weight->value.view(), layer_.weight->tied, columns);
  }
}

void ShortlistOutput::take(Tape&, const DecoderStep& step, const DecoderState& now) {
  states_ = now.attentional.value();
  sentence_ = step.sentence;
  rows_ = 0;
}

void ShortlistOutput::multiply(std::int64_t first) {
  first_ = first;
  rows_ = std::min(kPartRows, states_.rows - first);
  const Tensor part = states_.slice(first, rows_);
  for (std::size_t b = 0; b < used_; ++b) {
    matmul(part, blocks_[b], {logits_.row(static_cast<std::int64_t>(b)), rows_, kWidth}, Accumulate::kNo);
  }
}

/// The logits of the sentence's own tokens in a row of the part.
std::span<float> ShortlistOutput::gather(std::int64_t row, const Sentence& sentence) {
  const std::span<float> out = own_.first(sentence.places.size());
  const Tensor& all = logits_;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto place = static_cast<std::size_t>(sentence.places[i]);
    const Tensor block = {all.row(static_cast<std::int64_t>(place / kWidth)), rows_, kWidth};
    out[i] = block.row(row)[place % kWidth] + bias_[place];
  }
  return out;
}

RowScores ShortlistOutput::row(std::int64_t r) {
  if (r < first_ || r >= first_ + rows_) multiply(r - r % kPartRows);
  const Sentence& sentence = sentences_[sentence_[r]];
  const std::span<float> logits = gather(r - first_, sentence);
  const auto count = static_cast<std::int64_t>(logits.size());
  largest_.resize(static_cast<std::size_t>((count + kTopKGroup - 1) / kTopKGroup));
  RunningSum sum;
  add_logits({{logits.data(), 1, count}, nullptr, 0, count}, {&sum, 1}, {largest_.data(), 1, std::ssize(largest_)});
  return {.logits = logits, .log_sum = sum.log_sum(), .tokens = sentence.tokens, .largest = largest_};
}

}  // namespace heed
