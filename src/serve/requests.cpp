#include "requests.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

#include "heed/base/error.h"
#include "heed/base/utf8.h"
#include "heed/text/features.h"

namespace heed::serve {
namespace {

/// Where the source is one text, so are the other values; where it is a list, they are lists with a value for each.
struct Texts {
  std::vector<std::string> all;
  bool single = false;

  /// What the value `name` has for each of the texts.
  std::vector<Json> values(const char* name, Fields& fields) const {
    std::optional<Json> json = fields.take(name);
    if (!json) return {};
    if (single) return {std::move(*json)};
    if (!json->is_array() || json->size() != all.size()) {
      throw unprocessable(
          fmt::format("'{}' is no list with a value for each of 'source', which has {}", name, all.size()));
    }
    return json->get<std::vector<Json>>();
  }
};

Texts take_source(Fields& fields, const RequestLimits& limits) {
  const std::optional<Json> json = fields.take("source");
  if (!json) throw bad_request("'source' is missing");
  Texts out;
  out.single = json->is_string();
  out.all = out.single ? std::vector{text_of("source", *json)} : texts_of("source", *json);
  if (out.all.empty()) throw bad_request("'source' is an empty list");
  check_count(out.all.size(), limits);
  return out;
}

std::vector<std::string> phrases(const char* name, const Json& json) {
  std::vector<std::string> out = texts_of(name, json);
  for (const std::string& phrase : out) {
    if (utf8::is_blank(phrase)) throw unprocessable(fmt::format("'{}' has a text without a word", name));
  }
  return out;
}

/// What `read` reads of a value whose form depends on that of the source: what is not right is right for another one.
auto of_form(const auto& read) {
  try {
    return read();
  } catch (const Problem& problem) {
    throw unprocessable(problem.what());
  }
}

/// The features that the model reads, of each sentence.
void take_features(Fields& fields, const Texts& source, Job& job) {
  const std::vector<FeatureOptions> features = job.model->bundle().source.options().features();
  const std::vector<Json> values = source.values("features", fields);
  if (features.empty() && values.empty()) return;
  if (features.empty()) throw unprocessable("the model reads no 'features'");
  for (std::size_t i = 0; i < job.lines.size(); ++i) {
    std::map<std::string, std::string> given;
    if (!values.empty()) {
      if (!values[i].is_object()) throw unprocessable("'features' is no object of texts by their names");
      for (const auto& [name, value] : values[i].items()) given.emplace(name, text_of(name, value));
    }
    try {
      refuse_other_features(features, given);
      job.lines[i].features = feature_values(features, std::move(given), job.lines[i].source);
    } catch (const Error& error) {
      throw unprocessable(error.what());
    }
  }
}

void take_constraints(Fields& fields, const Texts& source, Job& job) {
  const std::vector<Json> prefixes = source.values("prefix", fields);
  const std::vector<Json> must = source.values("must", fields);
  const std::vector<Json> must_not = source.values("must_not", fields);
  for (std::size_t i = 0; i < job.lines.size(); ++i) {
    OutputConstraints& to = job.lines[i].constraints;
    if (!prefixes.empty()) to.prefix = of_form([&] { return text_of("prefix", prefixes[i]); });
    if (!must.empty()) to.must = of_form([&] { return phrases("must", must[i]); });
    if (!must_not.empty()) to.must_not = of_form([&] { return phrases("must_not", must_not[i]); });
  }
  if (!must.empty() && (job.search.sample || job.search.alternatives))
    throw unprocessable("'must' needs a beam: not with 'sample' and 'alternatives'");
}

void take_sampling(Fields& fields, SearchRequest& to) {
  to.sample = fields.flag("sample", false);
  for (const char* key : {"temperature", "top_k", "top_p", "seed"}) {
    if (!to.sample && fields.has(key)) throw unprocessable(fmt::format("'{}' has no effect without 'sample'", key));
  }
  to.temperature = fields.number("temperature", to.temperature, 0.01, 100);
  to.top_k = static_cast<int>(fields.integer("top_k", to.top_k, 0, 1'000'000));
  to.top_p = fields.number("top_p", to.top_p, 0.0001, 1);
  to.seed = static_cast<std::uint64_t>(fields.integer("seed", 1, 0, 1'000'000'000));
}

SearchRequest take_search(Fields& fields, const RequestLimits& limits) {
  SearchRequest out;
  out.beam = static_cast<int>(fields.integer("beam", std::min(out.beam, limits.beam), 1, limits.beam));
  out.nbest = static_cast<int>(fields.integer("nbest", out.nbest, 1, limits.beam));
  out.attention = fields.flag("attention", false);
  out.trace = fields.flag("trace", false);
  out.token_scores = fields.flag("token_scores", false);
  out.alternatives = fields.flag("alternatives", false);
  std::vector<std::string> words;
  words.reserve(kNormalizations.size());
  for (const auto& [name, meaning] : kNormalizations) words.emplace_back(name);
  const std::string normalize = fields.word("normalize", words);
  for (const auto& [name, meaning] : kNormalizations) {
    if (name == normalize) out.normalize = meaning;
  }
  out.length_penalty = fields.number("length_penalty", out.length_penalty, 0, 10);
  out.no_repeat_ngram = static_cast<int>(fields.integer("no_repeat_ngram", 0, 0, 1000));
  out.forbid_unknown = fields.flag("forbid_unknown", false);
  out.replace_unknown = fields.flag("replace_unknown", false);
  take_sampling(fields, out);
  if (out.sample && out.alternatives) throw unprocessable("'alternatives' has no effect with 'sample', which draws");
  if (out.nbest > out.beam && !out.sample && !out.alternatives)
    throw unprocessable(fmt::format("'nbest' is {}; no more than 'beam', which is {}", out.nbest, out.beam));
  return out;
}

void check_attends(const Job& job) {
  if (job.model->attends) return;
  throw unprocessable(fmt::format("the model '{}' does not attend", job.model->name));
}

void add_lines(const Texts& source, Job& job) {
  for (const std::string& text : source.all) job.lines.push_back({.source = text});
}

/// Of /score and /align.
void take_pairs(Fields& fields, const RequestLimits& limits, Job& job) {
  const Texts source = take_source(fields, limits);
  add_lines(source, job);
  const std::vector<Json> targets = source.values("target", fields);
  if (targets.empty()) throw bad_request("'target' is missing");
  for (std::size_t i = 0; i < targets.size(); ++i) {
    job.lines[i].target = of_form([&] { return text_of("target", targets[i]); });
  }
  take_features(fields, source, job);
}

}  // namespace

void check_count(std::size_t sentences, const RequestLimits& limits) {
  if (sentences <= limits.sentences) return;
  throw Problem(413, "too_many_sentences",
                fmt::format("{} sentences; a request has at most {}", sentences, limits.sentences));
}

ModelPointer find_model(const ModelTable& models, const std::string& name) {
  if (ModelPointer out = models.find(name)) return out;
  throw name.empty() ? Problem(503, "no_model", "no model is loaded", {{"Retry-After", "1"}})
                     : Problem(404, "unknown_model", fmt::format("there is no model '{}'", name.substr(0, 100)));
}

std::shared_ptr<Job> new_job(Task task, const std::string& model, const ModelTable& models,
                             const RequestLimits& limits) {
  auto out = std::make_shared<Job>();
  out->task = task;
  out->deadline = Job::Clock::now() + limits.time;
  out->model = find_model(models, model);
  return out;
}

Asked read_translate(std::string_view body, const ModelTable& models, const RequestLimits& limits) {
  Fields fields(read_object(body));
  Asked out{.job = new_job(Task::kTranslate, fields.text("model", ""), models, limits)};
  Job& job = *out.job;
  const Texts source = take_source(fields, limits);
  add_lines(source, job);
  job.search = take_search(fields, limits);
  take_features(fields, source, job);
  take_constraints(fields, source, job);
  out.streams = fields.flag("stream", false);
  fields.finish();
  if (out.streams && (job.search.sample || job.search.alternatives))
    throw unprocessable("'stream' shows one answer as it grows: not with 'sample' and 'alternatives'");
  if (job.search.attention || job.search.replace_unknown) check_attends(job);
  return out;
}

Asked read_score(std::string_view body, const ModelTable& models, const RequestLimits& limits) {
  Fields fields(read_object(body));
  Asked out{.job = new_job(Task::kScore, fields.text("model", ""), models, limits)};
  take_pairs(fields, limits, *out.job);
  out.job->search.attention = fields.flag("attention", false);
  fields.finish();
  if (out.job->search.attention) check_attends(*out.job);
  return out;
}

Asked read_align(std::string_view body, const ModelTable& models, const RequestLimits& limits) {
  Fields fields(read_object(body));
  Asked out{.job = new_job(Task::kAlign, fields.text("model", ""), models, limits)};
  take_pairs(fields, limits, *out.job);
  out.job->shift = fields.number("shift", 0, 0, 2);
  fields.finish();
  check_attends(*out.job);
  return out;
}

Feedback read_feedback(std::string_view body, const ModelTable& models, const RequestLimits& limits) {
  Fields fields(read_object(body));
  Job job;
  job.model = find_model(models, fields.text("model", ""));
  take_pairs(fields, limits, job);
  Feedback out{.model = job.model, .project = fields.text("project", ""), .pairs = std::move(job.lines)};
  fields.finish();
  return out;
}

}  // namespace heed::serve
