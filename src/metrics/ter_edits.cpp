// The search for shifts of Tercom (Snover et al. 2006) with the limits of Tercom and sacreBLEU. Which shifts are tried,
// and in which order, decides the figure: the best set of shifts is not computable in reasonable time.
#include "ter_edits.h"

#include <algorithm>
#include <optional>
#include <tuple>

#include "edit_table.h"

namespace heed {

namespace {

constexpr int kMaxShiftSize = 10;
constexpr int kMaxShiftDistance = 50;
constexpr int kMaxCandidates = 1000;  // per sentence, over all its shifts

/// How hypothesis and reference lie to each other by the cheapest edits.
struct Alignment {
  std::vector<int> hypothesis_of;      // the last hypothesis word at or before each reference word; -1 before the first
  std::vector<bool> hypothesis_wrong;  // the word is no match
  std::vector<bool> reference_wrong;
};

/// Equal stretches of both.
struct Block {
  int hypothesis;
  int reference;
  int length;
};

struct Shift {
  int gain;  // edits saved
  Block block;
  int target;  // the words go before this one of the hypothesis
};

bool better(const Shift& a, const Shift& b) {
  const auto rank = [](const Shift& s) {
    return std::make_tuple(s.gain, s.block.length, -s.block.hypothesis, -s.target);
  };
  return rank(a) > rank(b);
}

Alignment align(const std::vector<EditTable::Step>& path) {
  Alignment alignment;
  int word = -1;
  for (const EditTable::Step step : path) {
    const bool wrong = step != EditTable::Step::match;
    if (step != EditTable::Step::insert) {
      ++word;
      alignment.hypothesis_wrong.push_back(wrong);
    }
    if (step != EditTable::Step::remove) {
      alignment.hypothesis_of.push_back(word);
      alignment.reference_wrong.push_back(wrong);
    }
  }
  return alignment;
}

std::vector<int> shifted(std::vector<int> words, const Block& block, int target) {
  const auto begin = words.begin() + block.hypothesis;
  const auto end = begin + block.length;
  if (target < block.hypothesis) {
    std::rotate(words.begin() + target, begin, end);
  } else if (target > block.hypothesis + block.length) {
    std::rotate(begin, end, words.begin() + target);
  } else {  // a target within the block: as many words behind it come before it
    const int stop = std::min(target + block.length, static_cast<int>(words.size()));
    std::rotate(begin, end, words.begin() + stop);
  }
  return words;
}

class ShiftSearch {
 public:
  explicit ShiftSearch(const std::vector<int>& reference) : reference_(reference), table_(reference) {}

  int edits(std::vector<int> words) {
    int shifts = 0;
    while (true) {
      const std::optional<Shift> shift = best_shift(words);
      if (candidates_ >= kMaxCandidates || !shift || shift->gain <= 0) break;
      words = shifted(words, shift->block, shift->target);
      ++shifts;
    }
    return shifts + table_.distance(words);
  }

 private:
  std::optional<Shift> best_shift(const std::vector<int>& words) {
    distance_ = table_.distance(words);
    alignment_ = align(table_.path());
    best_.reset();
    for (int h = 0; h < static_cast<int>(words.size()); ++h) {
      const int last = std::min(h + kMaxShiftDistance, static_cast<int>(reference_.size()) - 1);
      for (int r = std::max(h - kMaxShiftDistance, 0); r <= last; ++r) {
        try_blocks(words, h, r);
        if (candidates_ >= kMaxCandidates) return best_;
      }
    }
    return best_;
  }

  /// Tries the equal stretches that begin at these words, shortest first.
  void try_blocks(const std::vector<int>& words, int h, int r) {
    for (int length = 1; length <= kMaxShiftSize && candidates_ < kMaxCandidates; ++length) {
      const int last_h = h + length - 1;
      const int last_r = r + length - 1;
      if (last_h >= static_cast<int>(words.size()) || last_r >= static_cast<int>(reference_.size())) return;
      if (words[last_h] != reference_[last_r]) return;
      if (is_worth_trying({h, r, length})) try_targets(words, {h, r, length});
    }
  }

  /// Both places must hold an error, and the block must not aim at itself.
  bool is_worth_trying(const Block& block) const {
    const auto has_error = [&](const std::vector<bool>& wrong, int from) {
      return std::find(wrong.begin() + from, wrong.begin() + from + block.length, true) !=
             wrong.begin() + from + block.length;
    };
    const int aim = alignment_.hypothesis_of[block.reference];
    return has_error(alignment_.hypothesis_wrong, block.hypothesis) &&
           has_error(alignment_.reference_wrong, block.reference) &&
           !(block.hypothesis <= aim && aim < block.hypothesis + block.length);
  }

  /// Tries to move the block behind each word that lies at its place in the reference, or at the place before.
  void try_targets(const std::vector<int>& words, const Block& block) {
    int last_target = -1;
    for (int r = block.reference - 1; r < block.reference + block.length; ++r) {
      const int target = r < 0 ? 0 : alignment_.hypothesis_of[r] + 1;
      if (target == last_target) continue;
      last_target = target;
      const Shift shift = {distance_ - table_.distance(shifted(words, block, target)), block, target};
      ++candidates_;
      if (!best_ || better(shift, *best_)) best_ = shift;
    }
  }

  const std::vector<int>& reference_;
  EditTable table_;
  int candidates_ = 0;
  int distance_ = 0;  // of the words before the shift
  Alignment alignment_;
  std::optional<Shift> best_;
};

}  // namespace

int ter_edits(const std::vector<int>& hypothesis, const std::vector<int>& reference) {
  if (reference.empty()) return static_cast<int>(hypothesis.size());
  return ShiftSearch(reference).edits(hypothesis);
}

}  // namespace heed
