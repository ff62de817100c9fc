#pragma once
#include "heed/base/export.h"

namespace heed {
namespace HEED_ENGINE_API utf8 {

/// Punctuation, symbols, and numbers of all kinds: categories P, S and N of Unicode.
bool is_punctuation(char32_t c);
bool is_symbol(char32_t c);
bool is_number(char32_t c);
/// Format characters (category Cf): joiners, soft hyphen, marks of direction.
bool is_format(char32_t c);

}  // namespace utf8
}  // namespace heed
