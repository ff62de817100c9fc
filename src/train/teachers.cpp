#include "teachers.h"

#include <fmt/format.h>

#include "heed/base/error.h"
#include "heed/model/seq2seq.h"

namespace heed {
namespace {

bool same_tokens(const TextSide& one, const TextSide& other) {
  if (one.vocabulary_size() != other.vocabulary_size()) return false;
  for (int id = 0; id < one.vocabulary_size(); ++id) {
    if (one.token(id) != other.token(id)) return false;
  }
  return true;
}

}  // namespace

std::vector<Bundle> load_teachers(const std::vector<std::string>& directories, const TrainingData& data) {
  std::vector<Bundle> out;
  for (const std::string& directory : directories) {
    out.push_back(Bundle::load(directory, Precision::kFloat32));
    const auto refuse = [&](const std::string& why) {
      throw UsageError(fmt::format("training.distill.teacher: {} {}", directory, why),
                       {.file = directory, .key = "training.distill.teacher"});
    };
    if (!same_tokens(out.back().source, data.source) || !same_tokens(out.back().target, data.target)) {
      refuse("has other tokens than this training: give it that vocabulary (training.start_from takes it over)");
    }
    if (out.back().target.options().reversed != data.target.options().reversed)
      refuse("writes its target in the other direction (data.target.reversed)");
    if (out.back().source.options().end.always != data.source.options().end.always)
      refuse("reads another end of the source (data.source.end)");
    if (out.back().model->encoder().reads_features() && !out.back().source.has_features_of(data.source))
      refuse(
          "reads features with other values than this training: give it those (training.start_from takes them over)");
    if (out.back().model->output().plain_softmax() == nullptr) refuse("has an output that is more than a softmax");
  }
  return out;
}

std::vector<const Seq2Seq*> models_of(const std::vector<Bundle>& bundles) {
  std::vector<const Seq2Seq*> out;
  out.reserve(bundles.size());
  for (const Bundle& bundle : bundles) out.push_back(bundle.model.get());
  return out;
}

}  // namespace heed
