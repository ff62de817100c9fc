#pragma once
#include <string>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// The page that translates as one types and shows the attention: one HTML file, which asks the server that it came
/// from (`GET models`, `POST translate`, `POST score`, addresses relative to its own) and nobody else. It has one style
/// element and one script element beside that of its data, no other style or script, so that a policy (CSP) can name
/// them by a nonce or by their hashes. It is the same at every call.
std::string live_page();

}  // namespace heed
