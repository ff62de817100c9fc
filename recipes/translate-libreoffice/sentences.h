#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace heed::recipes {

/// The sentences of a paragraph. A sentence ends at . ! ? … (or their Chinese, Japanese and Devanagari kin) before a
/// space and something that starts a sentence; "e.g. Foo" and "z. B. Foo" stay together.
std::vector<std::string> split_sentences(std::string_view paragraph);

std::size_t count_characters(std::string_view text);
std::size_t count_words(std::string_view text);  ///< between spaces

}  // namespace heed::recipes
