#pragma once
#include <string>

#include "command_tree.h"

namespace heed::app {

/// The manual page of a command, for man(7).
std::string manual_page(const Command& command);

}  // namespace heed::app
