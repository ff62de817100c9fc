#pragma once
#include <string>
#include <string_view>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// The message, or, if it has more than 2,000 bytes (it may quote input of any length), its beginning, with what and
/// where, and its end, with what would be right. Cut between characters.
std::string bounded_message(std::string_view message);

/// "1 line", "2 lines": a count of what the noun names.
std::string count_of(std::size_t count, std::string_view noun);

/// "0.0123 MB", "2.53 MB", "1530 MB": three digits, or all before the point.
std::string megabytes_text(double bytes);

}  // namespace heed
