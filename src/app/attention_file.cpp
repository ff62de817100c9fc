#include "attention_file.h"

#include <fmt/format.h>

#include <algorithm>

#include "heed/base/error.h"

namespace heed::app {

void AttentionFileOption::add(CLI::App& command) {
  const auto fault = [](const std::string& name) {
    return name.ends_with(".npz") ? "" : fmt::format("'{}' does not end in .npz, NumPy's format", name);
  };
  command
      .add_option(
          "--attention-file", path,
          "write the attention there, beside the answers: NumPy's .npz, a float32 array [tokens, source tokens] "
          "for each, with the name LINE.ANSWER, both from 0")
      ->type_name("FILE.npz")
      ->check(CLI::Validator(fault, ""));
}

AttentionFile::AttentionFile(const AttentionFileOption& option, std::vector<std::string> others) {
  if (!option) return;
  if (std::find(others.begin(), others.end(), option.path) != others.end())
    throw UsageError(fmt::format("--attention-file: '{}' is another file of this command", option.path));
  out_.emplace(option.path, others);
}

void AttentionFile::add(const Translated& translated) {
  if (!out_) return;
  for (std::size_t i = 0; i < translated.translations.size(); ++i)
    out_->write(arrays_.add(fmt::format("{}.{}", lines_, i), translated.translations[i].attention));
  ++lines_;
}

void AttentionFile::finish() {
  if (!out_) return;
  out_->write(arrays_.finish());
  out_->finish();
}

}  // namespace heed::app
