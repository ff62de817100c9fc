#pragma once
#include <span>

#include "heed/translate/translator.h"

namespace heed {

/// Throws UsageError for options that have no meaning, or none for these models.
void check_options(const TranslateOptions& options, std::span<const Bundle> bundles);

/// Throws UsageError for a bundle without a model, such as `Bundle{}`.
void check_loaded(const Bundle& bundle);

/// Throws Error unless there are models, all of which give the same ids for the same text.
void check_ensemble(std::span<const Bundle> bundles);

}  // namespace heed
