#pragma once
#include <span>
#include <string>
#include <string_view>

#include "heed/base/export.h"
#include "heed/base/folder.h"

namespace HEED_ENGINE_API heed {

/// The page of `heed serve` with its own program in place of a server: one HTML file that translates and shows the
/// attention in any browser, from disk and without network. `program`: heed.wasm (scripts/wasm); `files`: those of a
/// bundle; `name`: what the model is called.
std::string single_page(const std::string& name, std::span<const char> program, std::span<const NamedBytes> files);

/// What is in a program of pages of this version, and in no other.
std::string_view program_mark();

}  // namespace heed
