#include "job_queue.h"

#include <gtest/gtest.h>

#include <array>
#include <condition_variable>
#include <set>

#include "heed/record/json_lines.h"
#include "toy_bundle.h"

namespace heed::serve {
namespace {

ModelPointer toy_model(const std::string& kind = "bahdanau") {
  auto out = std::make_shared<Model>();
  out->name = kind;
  out->bundles = {toy_bundle(kind)};
  out->translator = std::make_unique<Translator>(out->bundles);
  return out;
}

/// What became of a job.
struct Outcome {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::string> answers;
  std::string problem;  // of JSON
  int ends = 0;

  void wait() {
    std::unique_lock lock(mutex);
    ASSERT_TRUE(changed.wait_for(lock, std::chrono::seconds(60), [this] { return ends > 0; }));
  }
};

std::shared_ptr<Job> job_of(const ModelPointer& model, const std::vector<std::string>& sentences, Outcome& outcome) {
  auto out = std::make_shared<Job>();
  out->model = model;
  out->deadline = Job::Clock::now() + std::chrono::minutes(10);
  for (const std::string& sentence : sentences) out->lines.push_back({.source = sentence});
  outcome.answers.resize(sentences.size());
  out->on_answer = [&outcome](std::size_t line, const std::string& json) { outcome.answers[line] = json; };
  out->on_end = [&outcome](const Problem* problem) {
    const std::lock_guard lock(outcome.mutex);
    if (problem != nullptr) outcome.problem = problem->json();
    ++outcome.ends;
    outcome.changed.notify_all();
  };
  return out;
}

std::vector<std::string> alone(const Model& model, const std::vector<std::string>& sentences, const Job& job) {
  std::vector<std::string> out;
  for (const Translated& each : model.translator->translate(sentences, job.search.options())) {
    out.push_back(to_json_line(each, {.attention = job.search.attention}));
    out.back().pop_back();  // the line's end
  }
  return out;
}

// Requests of different searches and models at once: each gets the answers that it would get alone.
TEST(JobQueue, AnswersAreThoseOfEachAlone) {
  const std::vector<ModelPointer> models = {toy_model("bahdanau"), toy_model("luong-general")};
  Metrics metrics;
  JobQueue queue({.threads = 3, .batch = 4}, metrics);
  std::vector<std::unique_ptr<Outcome>> outcomes;
  std::vector<std::shared_ptr<Job>> jobs;
  std::vector<std::vector<std::string>> sentences;
  for (int i = 0; i < 24; ++i) {
    sentences.push_back(toy_sentences(1 + i % 7));
    outcomes.push_back(std::make_unique<Outcome>());
    jobs.push_back(job_of(models[static_cast<std::size_t>(i % 2)], sentences.back(), *outcomes.back()));
    jobs.back()->search.beam = 1 + i % 3;
    jobs.back()->search.attention = i % 4 == 0;
    queue.add(jobs.back());
  }
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    outcomes[i]->wait();
    EXPECT_EQ(outcomes[i]->answers, alone(*jobs[i]->model, sentences[i], *jobs[i])) << i;
    EXPECT_EQ(outcomes[i]->ends, 1);
  }
  EXPECT_EQ(queue.waiting(), 0U);
}

/// A queue whose workers are all busy until they are let go: what is added until then gathers.
class GatheringQueue {
 public:
  explicit GatheringQueue(QueueOptions options) : slow_(static_cast<std::size_t>(options.threads)) {
    gate_.lock();
    queue_ = std::make_unique<JobQueue>(options, metrics_);
    for (Outcome& outcome : slow_) {
      const std::shared_ptr<Job> job = job_of(model_, {"3 4"}, outcome);
      job->on_step = [this](const TranslationStep&) {
        const std::lock_guard lock(gate_);
        return true;
      };
      queue_->add(job);
    }
    while (queue_->waiting() > 0) std::this_thread::yield();
  }

  /// How many sentences each batch had of so many that gathered, each a request of its own; small batches first.
  std::vector<int> batches_of(int sentences) {
    std::vector<Outcome> outcomes(static_cast<std::size_t>(sentences));
    for (Outcome& outcome : outcomes) queue_->add(job_of(model_, {"3 4 5"}, outcome));
    gate_.unlock();
    for (Outcome& outcome : outcomes) outcome.wait();
    for (Outcome& outcome : slow_) outcome.wait();
    queue_->end();
    std::vector<int> out;
    for (const int bound : {2, 4, 8, 16}) {  // those of the slow jobs, of one sentence, lie under all of them
      const std::string text = metrics_.text({});
      const std::string bucket = "heed_batch_sentences_bucket{le=\"" + std::to_string(bound) + "\"} ";
      const std::size_t place = text.find(bucket);
      if (place == std::string::npos) return {};
      out.push_back(std::stoi(text.substr(place + bucket.size())) - static_cast<int>(slow_.size()));
    }
    return out;
  }

 private:
  const ModelPointer model_ = toy_model();
  Metrics metrics_;
  std::mutex gate_;
  std::vector<Outcome> slow_;
  std::unique_ptr<JobQueue> queue_;
};

// While the one worker is busy others gather: then they are answered together, as many as a batch may have.
TEST(JobQueue, WhatGathersIsAnsweredTogether) {
  EXPECT_EQ(GatheringQueue({.threads = 1, .batch = 8}).batches_of(8), (std::vector{0, 0, 1, 1}));
  EXPECT_EQ(GatheringQueue({.threads = 1, .batch = 8}).batches_of(9), (std::vector{1, 1, 2, 2}));
}

// Of twelve the first of two workers takes six, and of the other six the next one four, as few are not divided.
TEST(JobQueue, WorkersShareWhatGathers) {
  EXPECT_EQ(GatheringQueue({.threads = 2, .batch = 32}).batches_of(12), (std::vector{1, 2, 3, 3}));
  EXPECT_EQ(GatheringQueue({.threads = 2, .batch = 3}).batches_of(6), (std::vector{0, 2, 2, 2}));
}

// A batch that sentences waited for is not divided.
TEST(JobQueue, WhatIsWaitedForStaysTogether) {
  const QueueOptions options{.threads = 2, .batch = 12, .batch_wait = std::chrono::minutes(1)};
  EXPECT_EQ(GatheringQueue(options).batches_of(12), (std::vector{0, 0, 0, 1}));
}

// What goes with no others does not wait behind one that does.
TEST(JobQueue, WhatGoesAloneWaitsForNobody) {
  const ModelPointer model = toy_model();
  Metrics metrics;
  std::array<Outcome, 2> outcomes;
  JobQueue queue({.threads = 1, .batch_wait = std::chrono::hours(1)}, metrics);
  queue.add(job_of(model, {"3 4"}, outcomes[0]));
  const std::shared_ptr<Job> streaming = job_of(model, {"3 4"}, outcomes[1]);
  streaming->on_step = [](const TranslationStep&) { return true; };
  queue.add(streaming);
  outcomes[1].wait();
  EXPECT_EQ(outcomes[1].problem, "");
  EXPECT_EQ(queue.waiting(), 1U);
}

TEST(JobQueue, RefusesMoreThanItHolds) {
  const ModelPointer model = toy_model();
  Metrics metrics;
  JobQueue queue({.threads = 0, .most_lines = 5}, metrics);
  Outcome first;
  Outcome second;
  queue.add(job_of(model, toy_sentences(3), first));
  const auto status_of = [&](int sentences) {
    try {
      queue.add(job_of(model, toy_sentences(sentences), second));
      return 0;
    } catch (const Problem& problem) {
      return problem.response().status;
    }
  };
  EXPECT_EQ(status_of(3), 429);
  EXPECT_EQ(status_of(6), 413);
  EXPECT_EQ(status_of(2), 0);
  queue.end();  // what waited knows that there is no answer
  EXPECT_NE(first.problem.find("stopping"), std::string::npos);
  EXPECT_EQ(first.ends + second.ends, 2);
  EXPECT_EQ(status_of(1), 503);
}

TEST(JobQueue, WhatIsLateIsNotComputed) {
  const ModelPointer model = toy_model();
  Metrics metrics;
  Outcome outcome;
  JobQueue queue({.threads = 1}, metrics);
  const std::shared_ptr<Job> job = job_of(model, toy_sentences(3), outcome);
  job->deadline = Job::Clock::now() - std::chrono::seconds(1);
  queue.add(job);
  outcome.wait();
  EXPECT_NE(outcome.problem.find("timeout"), std::string::npos);
  EXPECT_NE(metrics.text({}).find("heed_batch_sentences_count 0\n"), std::string::npos);
}

// One that takes longer than its time is stopped while it is computed.
TEST(JobQueue, WhatTakesTooLongIsStopped) {
  const ModelPointer model = toy_model();
  Metrics metrics;
  Outcome outcome;
  JobQueue queue({.threads = 1}, metrics);
  const std::shared_ptr<Job> job = job_of(model, {"3 4 5 6 7"}, outcome);
  job->deadline = Job::Clock::now() + std::chrono::milliseconds(200);
  job->on_step = [&](const TranslationStep&) {
    while (Job::Clock::now() <= job->deadline) std::this_thread::yield();
    queue.end_what_is_late();
    return true;
  };
  queue.add(job);
  outcome.wait();
  EXPECT_NE(outcome.problem.find("took too long"), std::string::npos) << outcome.problem;
}

// A sentence that nobody can answer fails its own request alone.
TEST(JobQueue, OneBadPairFailsItsRequestAlone) {
  const ModelPointer model = toy_model();
  Metrics metrics;
  JobQueue queue({.threads = 1, .batch = 2, .batch_wait = std::chrono::seconds(20), .most_tokens = 10}, metrics);
  Outcome bad;
  Outcome good;
  for (Outcome* outcome : {&bad, &good}) {
    const std::shared_ptr<Job> job = job_of(model, {"3 4"}, *outcome);
    job->task = Task::kScore;
    job->lines.front().target = outcome == &bad ? "3 3 3 3 3 3 3 3 3 3 3 3" : "3";
    queue.add(job);
  }
  bad.wait();
  good.wait();
  EXPECT_NE(bad.problem.find("target:1"), std::string::npos) << bad.problem;
  EXPECT_EQ(good.problem, "");
  EXPECT_EQ(metrics.text({}).find("heed_batch_sentences_bucket{le=\"1\"} 2"),
            std::string::npos);  // they were one batch
}

}  // namespace
}  // namespace heed::serve
