#include "limited_output.h"

#include <algorithm>
#include <limits>

#include "continuations.h"
#include "heed/kernels/softmax.h"
#include "heed/text/vocabulary.h"

namespace heed {
namespace {

// Columns of a product. Always so many, the last block being filled up: products of one shape are compiled once, and a
// column's sum has the same order whatever else the batch needs.
constexpr std::size_t kWidth = 256;

/// Tokens of a sentence, and the begin mark in its place among them.
std::vector<int> own_tokens(const Shortlist& shortlist, std::span<const int> source) {
  std::vector<int> out = shortlist.outputs(source);
  out.insert(out.begin() + Vocabulary::kBegin, Vocabulary::kBegin);
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

/// Tokens that are not in the sorted list, as forbidden continuations.
void fill_up(std::span<const int> tokens, std::span<Continuation> out) {
  int token = 0;
  auto listed = tokens.begin();
  for (Continuation& continuation : out) {
    for (; listed != tokens.end() && *listed == token; ++listed) ++token;
    continuation = {token++, -std::numeric_limits<float>::infinity()};
  }
}

}  // namespace

void LimitedOutput::start(std::span<const std::vector<int>> sources, Arena& arena) {
  std::vector<std::vector<int>> own;
  std::size_t longest = 0;
  for (const std::vector<int>& source : sources) {
    own.push_back(own_tokens(*shortlist_, source));
    longest = std::max(longest, own.back().size());
  }
  const std::vector<int> tokens = all_tokens(own, shortlist_->target_vocabulary());
  sentences_.clear();
  for (const std::vector<int>& of_sentence : own) {
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
  logits_ = arena.tensor(static_cast<std::int64_t>(used_), kRows * static_cast<std::int64_t>(kWidth));
}

void LimitedOutput::select(std::span<const int> tokens) {
  used_ = (tokens.size() + kWidth - 1) / kWidth;
  if (blocks_.size() < used_) blocks_.resize(used_);
  std::vector<int> columns;
  for (std::size_t b = 0; b < used_; ++b) {
    const auto of_block = tokens.subspan(b * kWidth, std::min(kWidth, tokens.size() - b * kWidth));
    columns.assign(of_block.begin(), of_block.end());
    columns.resize(kWidth, Vocabulary::kEnd);
    blocks_[b].select(layer_.weight->forward, layer_.weight->value.view(), columns);
  }
}

void LimitedOutput::multiply(const Tensor& states) {
  for (std::size_t b = 0; b < used_; ++b) {
    matmul(states, blocks_[b], {logits_.row(static_cast<std::int64_t>(b)), states.rows, kWidth}, Into::kReplace);
  }
}

/// The logits of the sentence's own tokens in one of the `rows` that were multiplied.
std::span<float> LimitedOutput::gather(std::int64_t row, std::int64_t rows, const Sentence& sentence) {
  const std::span<float> out = own_.first(sentence.places.size());
  const Tensor& all = logits_;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto place = static_cast<std::size_t>(sentence.places[i]);
    const Tensor block = {all.row(static_cast<std::int64_t>(place / kWidth)), rows, kWidth};
    out[i] = block.row(row)[place % kWidth] + bias_[place];
  }
  return out;
}

void LimitedOutput::best(const Tensor& states, std::span<const int> sentences, int k, std::span<Continuation> out) {
  multiply(states);
  for (std::int64_t r = 0; r < states.rows; ++r) {
    const Sentence& sentence = sentences_[static_cast<std::size_t>(sentences[static_cast<std::size_t>(r)])];
    const std::span<float> logits = gather(r, states.rows, sentence);
    float log_sum = 0;
    log_sum_exp({logits.data(), 1, static_cast<std::int64_t>(logits.size())}, nullptr, {&log_sum, 1});
    const auto of_row =
        out.subspan(static_cast<std::size_t>(r) * static_cast<std::size_t>(k), static_cast<std::size_t>(k));
    const auto found = of_row.first(std::min(of_row.size(), logits.size()));
    best_continuations(logits, log_sum, found);
    for (Continuation& continuation : found) {
      continuation.token = sentence.tokens[static_cast<std::size_t>(continuation.token)];
    }
    fill_up(sentence.tokens, of_row.subspan(found.size()));
  }
}

}  // namespace heed
