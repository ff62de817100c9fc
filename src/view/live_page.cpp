#include "heed/view/live_page.h"

#include "page_data.h"

namespace heed {

std::string live_page() {
  return view::fill_page(view::kLiveFiles, "Heed", view::page_basis(), {.policy = "; connect-src 'self'", .files = ""});
}

}  // namespace heed
