#include "feedback.h"

#include <fmt/format.h>

#include <algorithm>

#include "heed/base/utf8.h"

namespace heed::serve {
namespace {

/// Texts become lines of a file.
void refuse_breaks(const char* name, const std::string& text) {
  if (std::ranges::any_of(text, [](unsigned char c) { return c < 0x20; })) {
    throw unprocessable(fmt::format("'{}' has a line break, a tab or another control character", name));
  }
  if (utf8::is_blank(text)) throw unprocessable(fmt::format("'{}' is blank", name));
}

Correction correction_of(const JobLine& line, const std::vector<FeatureOptions>& features) {
  Correction out{.source = line.source, .target = line.target};
  refuse_breaks("source", line.source);
  refuse_breaks("target", line.target);
  for (std::size_t f = 0; f < features.size(); ++f) {
    refuse_breaks("features", line.features[f]);
    out.features.emplace(features[f].name, line.features[f]);
  }
  return out;
}

void check_learns(const Model& model) {
  if (model.learns()) return;
  throw unprocessable(fmt::format("the model '{}' does not learn: {}", model.name, model.why_not_learning));
}

/// Which copy: that of the request's own project, or of its user, or the one that it names.
std::string project_of(const Model& model, const std::string& given, const std::string& user) {
  if (!model.base.empty() && !given.empty() && given != model.project)
    throw unprocessable(fmt::format("'project': '{}' is the copy of the project '{}'", model.name, model.project));
  if (!model.base.empty()) return model.project;
  std::string out = !given.empty() ? given : !user.empty() ? user : "default";
  if (!is_project_name(out)) {
    throw unprocessable(
        fmt::format("{} '{}' can be no project's name, which has letters from a to z, digits, '-', '_' and "
                    "'.', no dot in front, and 64 characters at most",
                    given.empty() ? "name a 'project', since the key's name" : "'project':", out.substr(0, 100)));
  }
  return out;
}

}  // namespace

std::vector<Route> FeedbackApi::routes() const {
  const auto report = [self = *this](const ExchangePointer& exchange) {
    exchange->answer({.body = self.learner_.report(last_part(exchange->request.path))});
  };
  const auto remove = [self = *this](const ExchangePointer& exchange) {
    self.learner_.add(self.learner_.task_of(Learner::Kind::kRemove, last_part(exchange->request.path), exchange));
  };
  return {{"POST", "/feedback", [self = *this](auto& exchange) { self.learn(exchange); }},
          {"GET", "/feedback", [self = *this](auto& exchange) { exchange->answer({.body = self.learner_.reports()}); }},
          {"POST", "/feedback/undo", [self = *this](auto& exchange) { self.undo(exchange); }},
          {"GET", "/feedback/*", report},
          {"DELETE", "/feedback/*", remove}};
}

void FeedbackApi::learn(const ExchangePointer& exchange) const {
  const Feedback read = read_feedback(exchange->request.body, models_, limits_);
  const Model& model = *read.model;
  exchange->notes.sentences = read.pairs.size();
  check_learns(model);
  Learner::Task task{.base = model.base.empty() ? model.name : model.base,
                     .project = project_of(model, read.project, exchange->notes.user),
                     .exchange = exchange};
  const std::vector<FeatureOptions> features = model.bundle().source.options().features();
  for (const JobLine& line : read.pairs) task.corrections.push_back(correction_of(line, features));
  learner_.add(std::move(task));
}

void FeedbackApi::undo(const ExchangePointer& exchange) const {
  Fields fields(read_object(exchange->request.body));
  if (!fields.has("model")) throw bad_request("'model' is missing: the copy that shall forget its last correction");
  const std::string model = fields.text("model", "");
  fields.finish();
  learner_.add(learner_.task_of(Learner::Kind::kUndo, model, exchange));
}

}  // namespace heed::serve
