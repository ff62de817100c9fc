#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace heed::recipes {

/// A paragraph, heading or table cell of a help page.
struct Block {
  std::string key;   ///< element and id, the same in every language: "p#par_id3153726"
  std::string text;  ///< plain text: entities decoded, white space collapsed to single spaces
};

/// The blocks of one help page (HTML as the packages hold it, UTF-8), in order. Navigation, program code and the
/// variants of a phrase for other systems (the "Command" of "Command/Ctrl") are left out.
std::vector<Block> read_blocks(std::string_view html);

}  // namespace heed::recipes
