#include "api.h"

#include <fmt/format.h>

#include "heed/base/version.h"

namespace heed::serve {
namespace {

std::string whole(const char* name, const std::vector<std::string>& answers, const std::string& model) {
  return fmt::format("{{\"model\":{},\"{}\":[{}]}}\n", dump(model), name, fmt::join(answers, ","));
}

}  // namespace

std::vector<Route> Api::routes() const {
  return {
      {"POST", "/translate", [self = *this](auto& exchange) { self.answer(exchange, read_translate, "translations"); }},
      {"POST", "/score", [self = *this](auto& exchange) { self.answer(exchange, read_score, "scores"); }},
      {"POST", "/align", [self = *this](auto& exchange) { self.answer(exchange, read_align, "alignments"); }},
      {"GET", "/models", [self = *this](auto& exchange) { self.list_models(exchange); }},
      {"GET", "/openapi.json",
       [self = *this](auto& exchange) { exchange->answer({.body = openapi_document(self.limits_)}); }, true},
      {"GET", "/health",
       [](auto& exchange) {
         exchange->answer({.body = fmt::format("{{\"status\":\"ok\",\"version\":\"{}\"}}\n", kVersion)});
       },
       true},
  };
}

void Api::answer(const ExchangePointer& exchange, Reader reader, const char* name) const {
  const Asked asked = reader(exchange->request.body, models_, limits_);
  exchange->notes.model = asked.job->model->name;
  exchange->notes.sentences = asked.job->lines.size();
  asked.streams ? answer_in_events(exchange, *asked.job) : answer_whole(exchange, *asked.job, name);
  queue_.add(asked.job);
  if (asked.streams) exchange->begin_stream("text/event-stream");  // what was written meanwhile is kept
}

void Api::list_models(const ExchangePointer& exchange) const {
  std::vector<std::string> all;
  for (const ModelPointer& model : models_.all()) all.push_back(model->description);
  exchange->answer({.body = fmt::format("{{\"models\":[{}],\"most_beam\":{},\"most_sentences\":{}}}\n",
                                        fmt::join(all, ","), limits_.beam, limits_.sentences)});
}

void answer_whole(const ExchangePointer& exchange, Job& job, const char* name) {
  const auto answers = std::make_shared<std::vector<std::string>>(job.lines.size());  // each is written once
  job.on_answer = [answers](std::size_t line, const std::string& json) { (*answers)[line] = json; };
  job.on_end = [answers, exchange, name, model = job.model->name](const Problem* problem) {
    exchange->answer(problem == nullptr ? HttpResponse{.body = whole(name, *answers, model)} : problem->response());
  };
}

}  // namespace heed::serve
