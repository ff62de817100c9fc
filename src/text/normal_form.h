#pragma once
#include <string>
#include <string_view>

#include "preparation.h"

namespace heed {

/// Text in Unicode's form "nfc" or "nfkc", by ICU. In WebAssembly, which has no ICU, it throws Error: `heed export`
/// refuses such models (src/wasm/normal_form.cpp).
Prepared normalize(std::string_view sentence, const std::string& form);

}  // namespace heed
