#pragma once

/// Exports of a shared libheed: `namespace HEED_API heed` marks the front door (docs/cpp.md), which CHANGELOG.md
/// promises to keep; `namespace HEED_ENGINE_API heed` marks headers for your own mechanisms and trainings, which may
/// change with each version.
#define HEED_API [[gnu::visibility("default")]]
#define HEED_ENGINE_API HEED_API
