#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// The candidate with the smallest edit distance to `word` (with transpositions), or "" if none is near (more than a
/// third of its letters differ, and more than 2).
std::string nearest(std::string_view word, std::span<const std::string> candidates);

/// Suggestions for a word that is none of the candidates. In this order: the keys that another toolkit's word names
/// ("lr"), perhaps several; a key with the same last part ("embedding" for "model.embedding"); the nearest.
std::vector<std::string> meant(std::string_view word, std::span<const std::string> candidates);

/// "; did you mean 'luong-general'?" or "" - to be appended to an error message.
std::string did_you_mean(std::string_view word, std::span<const std::string> candidates);

}  // namespace heed
