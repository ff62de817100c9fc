#pragma once
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "heed/model/bundle.h"
#include "heed/model/seq2seq.h"

namespace heed {

/// The text that bundles of the tests are made for.
inline const std::vector<std::string> kSource = {"a dog runs", "a cat sleeps", "the dog sleeps"};
inline const std::vector<std::string> kTarget = {"un chien court", "un chat dort", "le chien dort"};

/// A file of a bundle that is damaged over and over: unlike write_file_atomically(), waits for no disk.
inline void overwrite(const std::filesystem::path& path, std::string_view content) {
  std::ofstream(path, std::ios::binary) << content;
}

/// The config of a bundle of "words" and Bahdanau's attention, without what is as by default: less to read again.
inline void shorten_config(const std::filesystem::path& directory, int embedding, int encoder, int decoder) {
  overwrite(directory / "config.yaml",
            "format_version: 2\ndata: {source: {tokenizer: words}, target: {tokenizer: words}}\nmodel: {embedding: " +
                std::to_string(embedding) + ", encoder: {hidden: " + std::to_string(encoder) +
                "}, decoder: {input_feeding: false, hidden: " + std::to_string(decoder) +
                "}, attention: {kind: bahdanau}}\n");
}

/// Of its labels.
inline std::vector<float> log_probabilities(const Bundle& bundle) {
  std::vector<std::vector<int>> sources;
  std::vector<std::vector<int>> targets;
  for (std::size_t i = 0; i < kSource.size(); ++i) {
    sources.push_back(bundle.source.encode(kSource[i]).ids);
    targets.push_back(bundle.target.encode(kTarget[i]).ids);
  }
  Arena arena;
  Tape tape(arena);
  const SourceBatch source = pack_sources(sources, bundle.source.vocabulary_size());
  const TargetBatch target = pack_targets(targets, bundle.target.vocabulary_size());
  const TeacherForced forced = bundle.model->teacher_force(tape, source, target, {});
  return {forced.log_probability.begin(), forced.log_probability.end()};
}

}  // namespace heed
