#pragma once
#include <vector>

#include "model_table.h"
#include "router.h"
#include "watcher.h"

namespace heed::serve {

/// What may be asked on the admin socket: GET /models lists names and paths, POST /models {"name": "en-fr", "path":
/// "runs/en-fr"} loads a model, or one in its place, DELETE /models/NAME drops it, POST /reload {} loads all anew.
std::vector<Route> admin_routes(ModelTable& models, Watcher& watcher, const std::function<void()>& reload);

}  // namespace heed::serve
