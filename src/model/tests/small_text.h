#pragma once
#include <string>
#include <vector>

#include "heed/model/bundle.h"
#include "heed/model/seq2seq.h"

namespace heed {

/// The text that bundles of the tests are made for.
inline const std::vector<std::string> kSource = {"a dog runs", "a cat sleeps", "the dog sleeps"};
inline const std::vector<std::string> kTarget = {"un chien court", "un chat dort", "le chien dort"};

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
