#pragma once
#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "heed/data/lines.h"

namespace heed::app {

/// --input-format of a command that reads translations.
void add_text_format(CLI::App& command, std::string& format, const std::string& of);

/// Reads the translations of a file, one for each sentence: of `text` its lines, of `jsonl`, as `heed translate` writes
/// it, the best of each, and of `nbest`, lines 'i ||| text ||| ...' with i from 0, the first of each i.
class TranslationReader {
 public:
  TranslationReader(const std::string& path, const std::string& format);
  /// Throws Error with file:line for a line that is none.
  std::optional<std::string> next();

 private:
  std::string path_;
  bool plain_;  // of text
  bool is_json_;
  LineReader lines_;
  std::size_t sentences_ = 0;  // read so far
};

}  // namespace heed::app
