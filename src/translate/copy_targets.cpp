#include "copy_targets.h"

#include <algorithm>
#include <cmath>

#include "heed/autograd/operations.h"

namespace heed {

CopyTargets::CopyTargets(const SourceBatch& source, int vocabulary) {
  for (std::size_t i = 0; i < source.lengths.size(); ++i) {
    const auto own =
        std::span(source.copies)
            .subspan(static_cast<std::size_t>(source.offsets[i]), static_cast<std::size_t>(source.lengths[i]));
    Sentence sentence{{own.begin(), own.end()}, {}};
    std::sort(sentence.ids.begin(), sentence.ids.end());
    sentence.ids.erase(std::unique(sentence.ids.begin(), sentence.ids.end()), sentence.ids.end());
    for (const int id : own) {
      const auto place = std::lower_bound(sentence.ids.begin(), sentence.ids.end(), id);
      sentence.places.push_back(static_cast<int>(place - sentence.ids.begin()));
    }
    extended_ = std::max(extended_, sentence.ids.back() + 1 - vocabulary);
    sentences_.push_back(std::move(sentence));
  }
}

void CopyTargets::scores(int sentence, float gate, const float* weights, std::vector<float>& out) const {
  const Sentence& own = sentences_[static_cast<std::size_t>(sentence)];
  out.assign(own.ids.size(), 0.0F);
  for (std::size_t s = 0; s < own.places.size(); ++s) out[static_cast<std::size_t>(own.places[s])] += weights[s];
  for (float& value : out) value = log_copy_probability(gate, value);
}

void mark_copied(std::span<const int> ids, std::span<const float> scores, std::span<Continuation> continuations) {
  const float half = std::log(2.0F);
  for (Continuation& continuation : continuations) {
    const auto found = std::lower_bound(ids.begin(), ids.end(), continuation.token);
    if (found == ids.end() || *found != continuation.token) continue;
    continuation.copied = scores[static_cast<std::size_t>(found - ids.begin())] > continuation.log_probability - half;
  }
}

}  // namespace heed
