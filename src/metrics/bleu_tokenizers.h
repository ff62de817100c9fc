#pragma once
#include <string>
#include <vector>

namespace heed {

/// A way to cut a line for BLEU, named as in sacreBLEU: returns its tokens, joined by one space.
struct BleuTokenizer {
  std::string name;
  std::string (*tokenize)(const std::string& line);
};

const std::vector<BleuTokenizer>& bleu_tokenizer_table();

/// What mteval and Tercom share: ASCII punctuation stands alone, but full stop and comma between digits, hyphen and
/// apostrophe; with `possessive`, 's at the end of a word is cut off. Blanks are not joined.
std::string tokenize_western(const std::string& line, bool possessive = false);

/// &quot; &amp; &lt; and &gt; as characters.
void unescape(std::string& text);

}  // namespace heed
