#pragma once
#include <span>
#include <string>
#include <string_view>

namespace heed {

/// The candidate with the smallest edit distance to `word` (with transpositions), or "" if none is near enough to be
/// meant (more than a third of its letters differ, and more than 2).
std::string nearest(std::string_view word, std::span<const std::string> candidates);

/// "; did you mean 'luong-general'?" or "" - ready to be put behind an error message.
std::string did_you_mean(std::string_view word, std::span<const std::string> candidates);

}  // namespace heed
