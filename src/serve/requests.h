#pragma once
#include <memory>
#include <string>

#include "fields.h"
#include "job.h"

namespace heed::serve {

/// What one request may ask for.
struct RequestLimits {
  int beam = 20;  ///< also of n-best lists
  std::size_t sentences = 100;
  std::chrono::milliseconds time{30'000};
};

/// A request that was read.
struct Asked {
  std::shared_ptr<Job> job = nullptr;
  bool streams = false;
};

/// The bodies of POST /translate, /score and /align. Throw Problem: 400 for a body that is not right, 404 for a model
/// that there is not, 413 for too many sentences, 422 for values that do not go together, or that the model cannot
/// serve.
Asked read_translate(std::string_view body, const ModelTable& models, const RequestLimits& limits);
Asked read_score(std::string_view body, const ModelTable& models, const RequestLimits& limits);
Asked read_align(std::string_view body, const ModelTable& models, const RequestLimits& limits);

/// Of POST /feedback: pairs of which the model shall learn.
struct Feedback {
  ModelPointer model;
  std::string project;  ///< empty: none was named
  std::vector<JobLine> pairs;
};

/// Its body. Throws Problem.
Feedback read_feedback(std::string_view body, const ModelTable& models, const RequestLimits& limits);

/// The model of this name, or the first if it is empty. Throws Problem if there is none.
ModelPointer find_model(const ModelTable& models, const std::string& name);
/// What every job has. Throws Problem for a model that there is not.
std::shared_ptr<Job> new_job(Task task, const std::string& model, const ModelTable& models,
                             const RequestLimits& limits);
/// Throws Problem 413 if there are more sentences than one request may have.
void check_count(std::size_t sentences, const RequestLimits& limits);

}  // namespace heed::serve
