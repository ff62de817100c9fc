#include "start_from.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "checkpoint.h"
#include "fmt/format.h"
#include "fmt/ranges.h"
#include "heed/base/error.h"
#include "heed/model/array_names.h"
#include "heed/model/bundle.h"

namespace heed {
namespace {

constexpr int kNone = -1;

std::vector<std::string> tokens_of(const TextSide& side) {
  std::vector<std::string> out;
  for (int id = 0; id < side.vocabulary_size(); ++id) out.push_back(side.token(id));
  return out;
}

/// For each token of `now` its id in `before`, or kNone.
std::vector<int> ids_before(const std::vector<std::string>& now, const std::vector<std::string>& before) {
  std::unordered_map<std::string_view, int> known;
  for (std::size_t id = 0; id < before.size(); ++id) known.emplace(before[id], static_cast<int>(id));
  std::vector<int> out;
  for (const std::string& token : now) {
    const auto at = known.find(token);
    out.push_back(at == known.end() ? kNone : at->second);
  }
  return out;
}

/// How the arrays of a side's vocabulary go from one to the other.
struct Mapping {
  std::vector<int> source;
  std::vector<int> target;
  std::unordered_map<std::string, std::vector<int>> features;  // by the name of the array
};

/// Those of the features that both have.
void map_features(const TextSide& now, const TextSide& before, Mapping& out) {
  const std::vector<FeatureOptions> ours = now.options().features(), theirs = before.options().features();
  for (std::size_t f = 0; f < ours.size(); ++f) {
    for (std::size_t g = 0; g < theirs.size(); ++g) {
      if (ours[f].name != theirs[g].name) continue;
      out.features.emplace(FeatureTable{.name = ours[f].name}.array(),
                           ids_before(now.features()[f].tokens(), before.features()[g].tokens()));
    }
  }
}

void copy_rows(const Tensor& from, const Tensor& to, const std::vector<int>& ids) {
  for (std::size_t row = 0; row < ids.size(); ++row) {
    if (ids[row] != kNone) std::copy_n(from.row(ids[row]), to.columns, to.row(static_cast<std::int64_t>(row)));
  }
}

void copy_columns(const Tensor& from, const Tensor& to, const std::vector<int>& ids) {
  for (std::int64_t row = 0; row < to.rows; ++row) {
    for (std::size_t column = 0; column < ids.size(); ++column) {
      if (ids[column] != kNone) to.row(row)[column] = from.row(row)[ids[column]];
    }
  }
}

/// Takes over what there is for each number of a parameter: its weights, or a moment. Whether it fits.
bool take(const Parameter& parameter, const Tensor& to, const Tensor& from, const Mapping& ids) {
  const std::optional<VocabularyArray> array = vocabulary_array(parameter.name);
  const auto feature = ids.features.find(parameter.name);
  const bool of_feature = feature != ids.features.end();
  const std::vector<int>& side = of_feature ? feature->second : array && array->of_source ? ids.source : ids.target;
  const auto size = static_cast<std::int64_t>(side.size());
  const bool in_rows = of_feature || (array && !array->in_columns);
  if (in_rows && to.rows == size && to.columns == from.columns) {
    copy_rows(from, to, side);
  } else if (array && array->in_columns && to.columns == size && to.rows == from.rows) {
    copy_columns(from, to, side);
  } else if (to.rows == from.rows && to.columns == from.columns) {
    std::copy_n(from.data, to.size(), to.data);
  } else {
    return false;
  }
  return true;
}

/// What a training starts from.
struct Start {
  Start(const std::string& directory, const TrainingData& data)
      : bundle(Bundle::load(directory, Precision::kFloat32)),
        ids{ids_before(tokens_of(data.source), tokens_of(bundle.source)),
            ids_before(tokens_of(data.target), tokens_of(bundle.target)),
            {}} {
    map_features(data.source, bundle.source, ids);
    for (const Parameter* parameter : parameters().all()) named.emplace(parameter->name, parameter);
  }
  const ParameterList& parameters() const { return bundle.model->parameters(); }
  /// Its parameter of that name, or nullptr.
  const Parameter* find(const std::string& name) const {
    const auto at = named.find(name);
    return at == named.end() ? nullptr : at->second;
  }

  Bundle bundle;
  Mapping ids;
  std::unordered_map<std::string, const Parameter*> named;
};

/// The moments of a parameter in those of all.
Tensor moments_of(const Tensor& all, const ParameterList& parameters, const Parameter& parameter) {
  return {all.data + parameters.offset(parameter.index), parameter.rows(), parameter.columns()};
}

std::string kept_tokens(const std::vector<int>& ids) {
  const auto kept = static_cast<std::size_t>(std::count_if(ids.begin(), ids.end(), [](int id) { return id != kNone; }));
  return fmt::format("{} of {}", kept, ids.size());
}

}  // namespace

std::string vocabularies_of(const Config& config, TrainingMode mode) {
  if (mode == TrainingMode::kResume) return config.output;
  return config.training.kept_vocabulary();
}

void take_weights(Seq2Seq& model, const TrainingData& data, const std::string& directory, const LogSink& log) {
  const Start start(directory, data);
  std::vector<std::string> fresh;
  std::size_t taken = 0;
  for (const Parameter* parameter : model.parameters().all()) {
    const Parameter* before = start.find(parameter->name);
    if (before != nullptr && take(*parameter, parameter->value.view(), before->value.view(), start.ids)) {
      ++taken;
    } else {
      fresh.push_back(parameter->name);
    }
  }
  if (taken == 0) {
    throw Error::at({.file = directory, .key = "training.start_from"}, "has no array that fits this model",
                    ErrorKind::kModel);
  }
  log(LogLevel::kInfo, fmt::format("starts from {}: {} of {} arrays; {} source and {} target tokens", directory, taken,
                                   taken + fresh.size(), kept_tokens(start.ids.source), kept_tokens(start.ids.target)));
  if (!fresh.empty()) {
    log(LogLevel::kWarning,
        fmt::format("not in {}, or of another shape, and therefore new: {}", directory, fmt::join(fresh, ", ")));
  }
}

long take_moments(Optimizer& optimizer, Seq2Seq& model, const TrainingData& data, const std::string& directory,
                  const LogSink& log) {
  const Start start(directory, data);
  const auto moments = optimizer.state();
  std::vector<Buffer> memory;
  std::vector<std::pair<std::string, Tensor>> before;
  before.reserve(moments.size());
  for (const auto& [name, all] : moments) {
    before.emplace_back(name, memory.emplace_back(1, start.parameters().total()).view());
  }
  const long updates = read_moments(directory, before);
  std::size_t taken = 0;
  for (const Parameter* parameter : model.parameters().all()) {
    const Parameter* old = start.find(parameter->name);
    bool fits = old != nullptr;
    for (std::size_t i = 0; fits && i < moments.size(); ++i) {
      fits = take(*parameter, moments_of(moments[i].second, model.parameters(), *parameter),
                  moments_of(before[i].second, start.parameters(), *old), start.ids);
    }
    taken += fits ? 1 : 0;
  }
  log(LogLevel::kInfo, fmt::format("the optimizer goes on with the moments of {} of {} arrays, after {} updates", taken,
                                   model.parameters().all().size(), updates));
  return updates;
}

}  // namespace heed
