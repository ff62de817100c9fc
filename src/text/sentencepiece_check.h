#pragma once
#include <string_view>

namespace heed {

/// Looks through a serialized SentencePiece model before the library, which believes what it reads, gets it. Throws
/// Error for one that is damaged, or that says what Heed does not do.
void check_sentencepiece_model(std::string_view model);

}  // namespace heed
