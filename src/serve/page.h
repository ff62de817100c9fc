#pragma once
#include "exchange.h"

namespace heed::serve {

/// GET /: the live page of the view room. Its scripts and styles run by a word that is another one each time, so that
/// nothing that comes in as text ever does (Content-Security-Policy).
HttpResponse page();

}  // namespace heed::serve
