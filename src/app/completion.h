#pragma once
#include <string>
#include <vector>

#include "command_tree.h"

namespace heed::app {

/// What completes the commands, options and values of `program` in a shell. `keys`: what KEY=VALUE may begin with.
std::string completion_script(const std::string& shell, const Command& program, const std::vector<std::string>& keys);

}  // namespace heed::app
