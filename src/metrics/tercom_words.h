#pragma once
#include <string>
#include <string_view>

#include "heed/metrics/ter.h"

namespace heed {

/// The line as Tercom's normalizer writes it, with sacreBLEU's corrections: its words are those of split_words().
std::string tercom_text(std::string_view line, const TerOptions& options);

}  // namespace heed
