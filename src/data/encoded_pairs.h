#pragma once
#include "heed/data/examples.h"
#include "heed/data/pair_filter.h"
#include "training_text.h"

namespace heed {

/// Leaves the pairs that the filter takes.
void drop_refused(TrainingText& text, PairFilter& filter);

/// The pairs of a text as ids. With `copying`, target words that only the source has are labels too.
Examples training_examples(TrainingText text, bool copying);

}  // namespace heed
