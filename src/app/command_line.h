#pragma once
#include <string>
#include <vector>

namespace heed::app {

/// The words of this process's command line; none where the system does not tell.
std::vector<std::string> command_line();

}  // namespace heed::app
