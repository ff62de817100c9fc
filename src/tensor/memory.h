#pragma once
#include <cstddef>

namespace heed {

/// Cache-line aligned pages, large ones where the system has them. Throws std::bad_alloc.
void* allocate_pages(std::size_t bytes);
void free_pages(void* data, std::size_t bytes);

}  // namespace heed
