#pragma once
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "heed.h"
#include "toy_bundle.h"

namespace heed {

inline heed_text view(const std::string& text) { return {text.data(), text.size()}; }
inline std::string copy(heed_text text) { return text.length == 0 ? "" : std::string(text.data, text.length); }

/// The files of a bundle by name, as a program may have them in memory.
using ModelFiles = std::map<std::string, std::string>;

inline ModelFiles files_of(const Bundle& bundle, Precision stored = Precision::kFloat32) {
  const auto directory = std::filesystem::path(testing::TempDir()) / ("heed-capi-" + std::to_string(getpid()));
  std::filesystem::remove_all(directory);
  std::filesystem::create_directories(directory);
  write_bundle(directory, bundle.config, bundle.source, bundle.target, *bundle.model, stored);
  ModelFiles out;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    std::ifstream file(entry.path(), std::ios::binary);
    out[entry.path().filename()] = {std::istreambuf_iterator<char>(file), {}};
  }
  std::filesystem::remove_all(directory);
  return out;
}

/// A toy model as its bundle's files.
inline ModelFiles toy_files(const std::string& attention = "bahdanau", Precision stored = Precision::kFloat32) {
  Bundle bundle = toy_bundle(attention);
  bundle.config.data.source.tokenizer = bundle.config.data.target.tokenizer = "spaces";
  return files_of(bundle, stored);
}

/// The same with a SentencePiece model for each side.
inline ModelFiles sentencepiece_files() {
  const std::vector<std::string> text = {"the cat sat", "a mat is that", "the hat", "that is the cat"};
  const TextOptions options = {.tokenizer = "sentencepiece", .vocabulary = 24};
  Config config;
  config.model = toy_options("bahdanau");
  config.data.source = config.data.target = options;
  Bundle bundle{config, TextSide::build(options, text), TextSide::build(options, text), nullptr};
  bundle.model = std::make_shared<Seq2Seq>(config.model, SourceTables(bundle.source.vocabulary_size()),
                                           bundle.target.vocabulary_size(), test_seed(3));
  return files_of(bundle);
}

/// What heed_model_open_memory() says of files.
inline heed_error* open_files(const ModelFiles& files, heed_model** out) {
  std::vector<heed_file> given;
  for (const auto& [name, content] : files) given.push_back({view(name), content.data(), content.size()});
  return heed_model_open_memory(given.data(), given.size(), nullptr, out);
}

/// Code and text of an error, which is freed: "3 'memory/config.yaml' is missing ..."; "" without one.
inline std::string said(heed_error* error) {
  if (error == nullptr) return "";
  const std::string out = std::to_string(heed_error_code(error)) + " " + copy(heed_error_message(error));
  heed_error_free(error);
  return out;
}

}  // namespace heed
