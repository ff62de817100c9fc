#include "start_from.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "checkpoint.h"
#include "fmt/format.h"
#include "fmt/ranges.h"
#include "heed/base/error.h"
#include "heed/model/array_names.h"
#include "heed/model/bundle.h"

namespace heed {
namespace {

constexpr int kNew = TokenIds::kNew;

std::vector<std::string> tokens_of(const TextSide& side) {
  std::vector<std::string> out;
  out.reserve(static_cast<std::size_t>(side.vocabulary_size()));
  for (int id = 0; id < side.vocabulary_size(); ++id) out.push_back(side.token(id));
  return out;
}

/// For each token of `now` its id in `before`, or kNew.
std::vector<int> ids_before(const std::vector<std::string>& now, const std::vector<std::string>& before) {
  std::unordered_map<std::string_view, int> known;
  for (std::size_t id = 0; id < before.size(); ++id) known.emplace(before[id], static_cast<int>(id));
  std::vector<int> out;
  for (const std::string& token : now) {
    const auto at = known.find(token);
    out.push_back(at == known.end() ? kNew : at->second);
  }
  return out;
}

/// Those of the features that both have.
void map_features(const TextSide& now, const TextSide& before, TokenIds& out) {
  const std::vector<FeatureOptions> ours = now.options().features(), theirs = before.options().features();
  for (std::size_t f = 0; f < ours.size(); ++f) {
    for (std::size_t g = 0; g < theirs.size(); ++g) {
      if (ours[f].name != theirs[g].name) continue;
      out.features.emplace(feature_embedding_name(ours[f].name),
                           ids_before(now.features()[f].tokens(), before.features()[g].tokens()));
    }
  }
}

void copy_rows(const Tensor& from, const Tensor& to, const std::vector<int>& ids) {
  for (std::size_t row = 0; row < ids.size(); ++row) {
    if (ids[row] != kNew) std::copy_n(from.row(ids[row]), to.columns, to.row(static_cast<std::int64_t>(row)));
  }
}

void copy_columns(const Tensor& from, const Tensor& to, const std::vector<int>& ids) {
  for (std::int64_t row = 0; row < to.rows; ++row) {
    for (std::size_t column = 0; column < ids.size(); ++column) {
      if (ids[column] != kNew) to.row(row)[column] = from.row(row)[ids[column]];
    }
  }
}

/// How much of a parameter's numbers is taken over.
enum class Taken { kNone, kSome, kAll };

/// Takes over what there is for each number of a parameter: its weights, or a moment.
Taken take(const Parameter& parameter, const Tensor& to, const Tensor& from, const TokenIds& ids) {
  const std::optional<VocabularyArray> array = vocabulary_array(parameter.name);
  const auto feature = ids.features.find(parameter.name);
  const bool of_feature = feature != ids.features.end();
  const std::vector<int>& side = of_feature ? feature->second : array && array->of_source ? ids.source : ids.target;
  const auto size = static_cast<std::int64_t>(side.size());
  const bool in_rows = of_feature || (array && !array->in_columns);
  const Taken of_side = std::count(side.begin(), side.end(), kNew) > 0 ? Taken::kSome : Taken::kAll;
  if (in_rows && to.rows == size && to.columns == from.columns) {
    copy_rows(from, to, side);
    return of_side;
  }
  if (array && array->in_columns && to.columns == size && to.rows == from.rows) {
    copy_columns(from, to, side);
    return of_side;
  }
  if (to.rows != from.rows || to.columns != from.columns) return Taken::kNone;
  std::copy_n(from.data, to.size(), to.data);
  return Taken::kAll;
}

/// The moments of a parameter in those of all.
Tensor moments_of(const Tensor& all, const ParameterList& parameters, const Parameter& parameter) {
  return {all.data + parameters.offset(parameter.index), parameter.rows(), parameter.columns()};
}

/// Whether a run never moved an array: it was frozen.
bool is_untouched(const std::vector<std::pair<std::string, Tensor>>& moments, const ParameterList& parameters,
                  const Parameter& parameter) {
  return !moments.empty() && std::all_of(moments.begin(), moments.end(), [&](const auto& named) {
    const Tensor of_array = moments_of(named.second, parameters, parameter);
    return std::all_of(of_array.data, of_array.data + of_array.size(), [](float moment) { return moment == 0; });
  });
}

std::string kept_tokens(const std::vector<int>& ids) {
  const auto kept = static_cast<std::size_t>(std::count_if(ids.begin(), ids.end(), [](int id) { return id != kNew; }));
  return fmt::format("{} of {}", kept, ids.size());
}

}  // namespace

std::string vocabularies_of(const Config& config, TrainingMode mode) {
  if (mode == TrainingMode::kResume) return config.output;
  return config.training.start_from.kept_vocabulary();
}

WarmStart::WarmStart(const std::string& directory, const TrainingData& data)
    : directory_(directory),
      bundle_(Bundle::load(directory, Precision::kFloat32)),
      ids_{ids_before(tokens_of(data.source), tokens_of(bundle_.source)),
           ids_before(tokens_of(data.target), tokens_of(bundle_.target)),
           {}} {
  map_features(data.source, bundle_.source, ids_);
  for (const Parameter* parameter : bundle_.model->parameters().all()) named_.emplace(parameter->name, parameter);
}

const Parameter* WarmStart::find(const std::string& name) const {
  const auto at = named_.find(name);
  return at == named_.end() ? nullptr : at->second;
}

void WarmStart::give_weights(Seq2Seq& model, const LogSink& log) const {
  std::vector<std::string> fresh;
  std::unordered_set<std::string> has;
  const auto all = model.parameters().all();
  for (const Parameter* parameter : all) {
    const Parameter* before = find(parameter->name);
    const bool fits =
        before != nullptr && take(*parameter, parameter->value.view(), before->value.view(), ids_) != Taken::kNone;
    if (!fits) fresh.push_back(parameter->name);
    has.insert(parameter->name);
  }
  std::vector<std::string> unused;
  for (const Parameter* parameter : bundle_.model->parameters().all()) {
    if (!has.contains(parameter->name)) unused.push_back(parameter->name);
  }
  const std::size_t taken = all.size() - fresh.size();
  if (taken == 0) {
    throw Error::at({.file = directory_, .key = "training.start_from"}, "has no array that fits this model",
                    ErrorKind::kModel);
  }
  log(LogLevel::kInfo, fmt::format("starts from {}: {} of {} arrays; {} source and {} target tokens", directory_, taken,
                                   all.size(), kept_tokens(ids_.source), kept_tokens(ids_.target)));
  if (!fresh.empty()) {
    log(LogLevel::kWarning,
        fmt::format("not in {}, or of another shape, and therefore new: {}", directory_, fmt::join(fresh, ", ")));
  }
  if (!unused.empty()) {
    log(LogLevel::kWarning, fmt::format("in {}, but not in this model: {}", directory_, fmt::join(unused, ", ")));
  }
}

long WarmStart::give_moments(Optimizer& optimizer, const Seq2Seq& model, const LogSink& log) const {
  const ParameterList& parameters = model.parameters();
  const auto moments = optimizer.state();
  std::vector<Buffer> memory;
  std::vector<std::pair<std::string, Tensor>> before;
  before.reserve(moments.size());
  for (const auto& [name, all] : moments) {
    before.emplace_back(name, memory.emplace_back(1, bundle_.model->parameters().total()).view());
  }
  const long updates = read_moments(directory_, before);
  std::size_t taken = 0;
  bool whole = true;
  for (const Parameter* parameter : parameters.all()) {
    const Parameter* old = find(parameter->name);
    Taken part = old == nullptr ? Taken::kNone : Taken::kAll;
    for (std::size_t i = 0; part != Taken::kNone && i < moments.size(); ++i) {
      part = take(*parameter, moments_of(moments[i].second, parameters, *parameter),
                  moments_of(before[i].second, bundle_.model->parameters(), *old), ids_);
    }
    taken += part != Taken::kNone ? 1 : 0;
    whole = whole && part == Taken::kAll && !is_untouched(before, bundle_.model->parameters(), *old);
  }
  log(LogLevel::kInfo, fmt::format("the optimizer goes on with the moments of {} of {} arrays, {} {} updates{}", taken,
                                   parameters.all().size(), whole ? "after" : "of", updates,
                                   whole ? "" : "; some arrays or rows have none yet, so they are counted from 0"));
  return whole ? updates : 0;
}

}  // namespace heed
