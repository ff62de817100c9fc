#pragma once
#include <vector>

#include "job_queue.h"
#include "requests.h"
#include "router.h"

namespace heed::serve {

/// The routes of the JSON API that translate, score and align, and those that say what there is.
class Api {
 public:
  Api(const ModelTable& models, JobQueue& queue, const RequestLimits& limits)
      : models_(models), queue_(queue), limits_(limits) {}
  std::vector<Route> routes() const;

 private:
  using Reader = Asked (*)(std::string_view, const ModelTable&, const RequestLimits&);

  /// What is asked for, answered as {"model": ..., NAME: [...]}.
  void answer(const ExchangePointer& exchange, Reader reader, const char* name) const;
  void list_models(const ExchangePointer& exchange) const;

  const ModelTable& models_;
  JobQueue& queue_;
  const RequestLimits limits_;
};

/// Has a job answered as one object. The answers of the job stand in its list `name`.
void answer_whole(const ExchangePointer& exchange, Job& job, const char* name);
/// Has it answered as server-sent events, as its words come: token, translation, done or error.
void answer_in_events(const ExchangePointer& exchange, Job& job);

/// OpenNMT-py's REST server: POST /translator/translate, GET /translator/models and /translator/health.
class OpenNmtApi {
 public:
  OpenNmtApi(const ModelTable& models, JobQueue& queue, const RequestLimits& limits)
      : models_(models), queue_(queue), limits_(limits) {}
  std::vector<Route> routes() const;

 private:
  void translate(const ExchangePointer& exchange) const;
  void list_models(const ExchangePointer& exchange) const;

  const ModelTable& models_;
  JobQueue& queue_;
  const RequestLimits limits_;
};

/// GET /openapi.json: what all of that is, for programs.
std::string openapi_document(const RequestLimits& limits);

}  // namespace heed::serve
