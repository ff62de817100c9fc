#include "batch_encoder.h"

#include <algorithm>

namespace heed {
namespace {

// As many as fill products; the more there are, the more memory their steps take.
constexpr std::size_t kSentences = 32;

Sequences some_of(Sequences all, std::size_t first, std::size_t count) {
  return all.empty() ? all : all.subspan(first, count);
}

void copy_rows(const Variable& from, const Variable& to, std::int64_t first) {
  const Tensor rows = to.value().slice(first, from.rows());
  std::copy_n(from.value().data, from.value().size(), rows.data);
}

// The states of all sentences, in the making.
struct Whole {
  EncodedBatch out = {};
  std::span<int> offsets, lengths;
  int longest = 0;
  std::int64_t positions = 0;  // so far
  std::int64_t sentences = 0;

  void add(const EncodedBatch& part) {
    const SentenceRows& rows = part.memory.sentences;
    for (std::size_t i = 0; i < rows.lengths.size(); ++i) {
      offsets[static_cast<std::size_t>(sentences) + i] = static_cast<int>(positions) + rows.offsets[i];
      lengths[static_cast<std::size_t>(sentences) + i] = rows.lengths[i];
    }
    longest = std::max(longest, rows.longest);
    copy_rows(part.memory.states, out.memory.states, positions);
    for (std::size_t l = 0; l < part.final.size(); ++l) {
      copy_rows(part.final[l].hidden, out.final[l].hidden, sentences);
      if (!part.final[l].cell.empty()) copy_rows(part.final[l].cell, out.final[l].cell, sentences);
    }
    positions += part.memory.states.rows();
    sentences += std::ssize(rows.lengths);
  }
};

/// States in the shape of a part's, for `sentences` sentences of `positions` positions.
Whole make_whole(Tape& tape, const EncodedBatch& part, std::int64_t sentences, std::int64_t positions) {
  Whole whole{.offsets = tape.arena().array<int>(static_cast<std::size_t>(sentences)),
              .lengths = tape.arena().array<int>(static_cast<std::size_t>(sentences))};
  whole.out.memory.states = tape.variable(positions, part.memory.states.columns());
  whole.out.final = tape.arena().list<RnnState>(part.final.size());
  const auto like = [&](const Variable& one) {
    return one.empty() ? Variable() : tape.variable(sentences, one.columns());
  };
  for (std::size_t l = 0; l < part.final.size(); ++l) {
    whole.out.final[l] = {like(part.final[l].hidden), like(part.final[l].cell)};
  }
  return whole;
}

}  // namespace

EncodedBatch BatchEncoder::encode(Tape& tape, const Encoder& encoder, const SourceIds& sources, const SourceBatch& all,
                                  const Directions& projections) {
  const std::size_t sentences = sources.tokens.size();
  if (sentences <= kSentences) return encoder.encode(tape, all, nullptr, projections);
  std::int64_t positions = 0;
  for (const int length : all.lengths) {
    positions += (length + encoder.tokens_per_state() - 1) / encoder.tokens_per_state();
  }
  Whole whole;
  for (std::size_t first = 0; first < sentences; first += kSentences) {
    const std::size_t count = std::min(kSentences, sentences - first);
    working_.reset();
    Tape working(working_);
    pack_sources({.tokens = some_of(sources.tokens, first, count),
                  .copies = some_of(sources.copies, first, count),
                  .features = some_of(sources.features, first, count)},
                 encoder.input(), part_);
    const EncodedBatch part = encoder.encode(working, part_, nullptr, projections);
    if (first == 0) whole = make_whole(tape, part, static_cast<std::int64_t>(sentences), positions);
    whole.add(part);
  }
  whole.out.memory.sentences = {whole.offsets, whole.lengths, whole.longest};
  return whole.out;
}

}  // namespace heed
