#pragma once
#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace heed::app {

/// --input-format of a command that reads translations.
void add_text_format(CLI::App& command, std::string& format, const std::string& of);

/// The translations of a file, one for each sentence: of `text` its lines, of `jsonl`, as `heed translate` writes it,
/// the best of each, and of `nbest`, lines 'i ||| text ||| ...' with i from 0, the first of each i. Throws Error with
/// file:line for a line that is none.
std::vector<std::string> read_translations(const std::string& path, const std::string& format);

}  // namespace heed::app
