#pragma once
#include <span>
#include <string>

#include "heed/nn/attention_options.h"
#include "heed/train/trainer.h"

namespace heed {

/// What to say of attention that does not work, once for each fault of a run; empty where there is nothing to say.
/// `validations` ends with the newest.
/// - Collapsed: nearly all weight on one position, and on the same one at most target positions. Sharp rows alone are
/// no
///   fault: copying and spelling have them. Mechanisms that are hard by nature are left alone.
/// - Uniform: no position preferred, at several validations in a row.
std::string attention_fault(std::span<const ValidationResult> validations, const AttentionOptions& attention);

}  // namespace heed
