#pragma once
#include <CLI/CLI.hpp>

#include "heed/data/lines.h"

namespace heed::app {

/// --part I/N of the lines that a command answers.
void add_part(CLI::App& command, FilePart& part);

}  // namespace heed::app
