#pragma once
#include <string>
#include <vector>

#include "learner.h"
#include "requests.h"
#include "router.h"

namespace heed::serve {

/// POST /feedback and /feedback/undo, GET and DELETE /feedback/NAME, GET /feedback: what a Learner is asked.
class FeedbackApi {
 public:
  FeedbackApi(const ModelTable& models, Learner& learner, const RequestLimits& limits)
      : models_(models), learner_(learner), limits_(limits) {}
  std::vector<Route> routes() const;

 private:
  void learn(const ExchangePointer& exchange) const;
  void undo(const ExchangePointer& exchange) const;

  const ModelTable& models_;
  Learner& learner_;
  const RequestLimits limits_;
};

}  // namespace heed::serve
