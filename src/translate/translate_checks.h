#pragma once
#include <span>

#include "heed/translate/translator.h"

namespace heed {

/// Throws UsageError for options that have no meaning, or none for these models.
void check_options(const TranslateOptions& options, std::span<const Bundle> bundles, const Readers& readers);

/// Throws UsageError for a bundle without a model, such as `Bundle{}`.
void check_loaded(const Bundle& bundle);

}  // namespace heed
