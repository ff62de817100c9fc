#pragma once

/// What a shared libheed exports, and what its headers promise: `namespace HEED_API heed` in the front door, which
/// keeps its promises (CHANGELOG.md); `namespace HEED_ENGINE_API heed` in headers for mechanisms and trainings of one's
/// own, which may change with each version.
#define HEED_API [[gnu::visibility("default")]]
#define HEED_ENGINE_API HEED_API
