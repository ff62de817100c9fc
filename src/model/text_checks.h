#pragma once
#include <string_view>

#include "heed/model/config.h"

namespace heed {

/// Throws UsageError for keys of data.source and data.target that do not go together.
void check_texts(const Config& config);
/// Throws UsageError for one of them that is set and has no effect.
void check_text_effect(const Config& config);
/// What config.check() refuses of data.source.features, and of the columns of corpora.
void check_features(const Config& config);
/// The same of keys that have no effect.
void check_feature_effect(const Config& config);

/// Whether a key of data.source or data.target ("lowercase") says how text is read with any vocabulary.
bool says_how_text_is_read(std::string_view name);
/// Whether it says what a side's tokens are: not what only training reads, nor the model that is taken.
bool makes_tokens(std::string_view name);

}  // namespace heed
