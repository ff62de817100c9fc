#pragma once
#include "exchange.h"

namespace heed::serve {

/// GET /: the live page of the view room. Its script and style run by a nonce, so that nothing that comes in as text
/// ever does (Content-Security-Policy, level 3).
HttpResponse page();

}  // namespace heed::serve
