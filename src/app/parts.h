#pragma once
#include <CLI/CLI.hpp>
#include <string>

#include "heed/data/lines.h"

namespace heed::app {

/// --part I/N of the lines that a command answers.
void add_part(CLI::App& command, FilePart& part);

/// Warns, in the first of several processes that mpirun or srun started, that each does all. `remedy`: what else they
/// could do.
void warn_of_processes(const std::string& remedy);
/// The same of a command with --part, unless that is given.
void warn_of_processes(const FilePart& part);

}  // namespace heed::app
