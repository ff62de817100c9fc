#pragma once
#include <span>
#include <vector>

#include "heed/base/export.h"
#include "heed/text/source_end.h"

namespace HEED_ENGINE_API heed {

/// Sequences of a batch, packed by time step: step t has a row for each sequence that is longer than t, longest first,
/// so that there is no padding.
struct PackedSteps {
  std::vector<int> order;      ///< sentence of row r of a step: order[r]
  std::vector<int> step_rows;  ///< rows of each step, not increasing
  /// [rows] the packed row of each position, sentence after sentence in the caller's order
  std::vector<int> by_sentence;
  std::vector<int> offsets;    ///< first position of each sentence in that order
  std::vector<int> lengths;    ///< positions of each sentence
  std::vector<int> last_row;   ///< packed row of each sentence's last position
  std::vector<int> first_row;  ///< packed row of each sentence's first position
  int longest = 0;

  int sentences() const { return static_cast<int>(lengths.size()); }
};

/// Pairs of neighbouring positions joined to one: half as many steps, rounded up.
struct JoinedSteps {
  PackedSteps steps;
  std::vector<int> left;   ///< [rows of steps] the row of the pair's first position
  std::vector<int> right;  ///< and of its second; the first again for an odd last position
};
JoinedSteps join_pairs(const PackedSteps& steps);
/// The same, reusing the memory of `out`, which is not `steps`.
void join_pairs(const PackedSteps& steps, JoinedSteps& out);

/// The ids of the sentences of a batch.
using Sequences = std::span<const std::span<const int>>;
std::vector<std::span<const int>> views_of(std::span<const std::vector<int>> lists);

/// The sources of a batch before they are packed. `copies` and `features` are empty, or a list for each source.
struct SourceIds {
  Sequences tokens;
  Sequences copies = {};    ///< of each token the target id that copying it gives
  Sequences features = {};  ///< of each feature an id of each position (TextSide::feature_ids())
};

/// What an encoder reads: ids below `vocabulary`, and the end of each source.
struct SourceInput {
  int vocabulary;
  SourceEnd end = {};
};

/// Sources of a batch. Each ends with EOS, if that is read (SourceEnd).
struct SourceBatch : PackedSteps {
  std::vector<int> ids;  ///< [rows] packed by step
  /// The target id that copying each position gives, sentence after sentence; EOS's gives EOS. Empty: no copying.
  std::vector<int> copies = {};
  std::vector<std::vector<int>> features = {};  ///< of each feature [rows] packed by step
};
/// Throws Error for an id that is not in [0, vocabulary), for copies that do not fit the sources (one for each token of
/// each source, or none at all), and for features that do not. Reads EOS behind each.
SourceBatch pack_sources(std::span<const std::vector<int>> sources, int vocabulary,
                         std::span<const std::vector<int>> copies = {});
/// The same as `input` says, reusing the memory of `out`.
void pack_sources(const SourceIds& sources, const SourceInput& input, SourceBatch& out);

/// Targets of a batch for teacher forcing, packed by time step likewise.
struct TargetBatch {
  std::vector<int> inputs;              ///< [rows] BOS, then the target
  std::vector<int> labels;              ///< [rows] the target, then EOS
  std::vector<int> step_rows;           ///< rows of each step
  std::vector<int> order;               ///< sentence of row r of a step: order[r]
  std::vector<int> lengths;             ///< labels of each sentence, in the caller's order
  std::vector<int> aligned_first = {};  ///< [rows + 1] AlignedRows of guided alignment; empty: none
  std::vector<int> aligned = {};
};
TargetBatch pack_targets(std::span<const std::vector<int>> targets, int vocabulary);
/// The same with copied words: ids from `vocabulary` on that are in `sources.copies` are labels, which the next step
/// reads as <unk>. Throws Error for one that its source lacks.
TargetBatch pack_targets(std::span<const std::vector<int>> targets, int vocabulary, const SourceBatch& sources);
/// The same, reusing the memory of `out`.
void pack_targets(Sequences targets, int vocabulary, TargetBatch& out);
void pack_targets(Sequences targets, int vocabulary, const SourceBatch& sources, TargetBatch& out);
/// Gives a packed batch its links. Of each sentence pairs of a target and a source token, one after the other,
/// ascending; attention has a position for `tokens_per_state` source tokens. Throws Error for a token that is not
/// there.
void pack_links(Sequences links, const SourceBatch& sources, int tokens_per_state, TargetBatch& out);

}  // namespace heed
