#pragma once
#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "heed/base/directory_lock.h"
#include "held_out.h"
#include "metrics.h"
#include "project.h"
#include "requests.h"
#include "router.h"
#include "watcher.h"

namespace heed::serve {

/// Learns from corrections, one lesson after the other in a thread of its own: what waits for one project is learnt
/// together, by a copy of its model, which the model table gets as soon as it is known not to forget too much.
class Learner {
 public:
  using Tell = std::function<void(const std::string&)>;
  struct Parts {
    ModelTable& models;
    Watcher& watcher;
    Metrics& metrics;
    Tell tell;
  };

  /// Locks the folder, reads its projects and loads their copies. Throws Error for a folder that is no such one.
  Learner(LearnOptions options, RequestLimits limits, Parts parts);
  ~Learner();
  Learner(const Learner&) = delete;
  Learner& operator=(const Learner&) = delete;

  /// POST /feedback and /feedback/undo, GET and DELETE /feedback/NAME, GET /feedback.
  std::vector<Route> routes();
  /// Joins the thread; what is not learnt yet is not.
  void end();
  /// Answers what waits for longer than it may; it is learnt all the same.
  void end_what_is_late();

 private:
  using Clock = Job::Clock;
  enum class Kind { kLearn, kUndo, kRemove };
  struct Task {
    Kind kind = Kind::kLearn;
    std::string base, project;
    std::vector<SentencePair> pairs = {};  ///< of kLearn
    ExchangePointer exchange = nullptr;
    std::string model() const { return base + "@" + project; }
  };

  Task read_feedback(const ExchangePointer& exchange) const;
  Task read_undo(const ExchangePointer& exchange);
  Task of_project(Kind kind, const std::string& model, const ExchangePointer& exchange);
  void add(Task task);
  void answer_report(const ExchangePointer& exchange, const std::string& model);
  void answer_reports(const ExchangePointer& exchange);

  void read_projects();
  void work();
  std::vector<Task> take();
  HttpResponse done_together(const std::vector<Task>& tasks);
  OrderedJson learn(const std::vector<Task>& tasks);
  OrderedJson learn(Project& project, const Model& base, const std::vector<SentencePair>& pairs);
  OrderedJson undo(const Task& task);
  OrderedJson remove(const Task& task);

  Project new_project(const Task& task) const;
  Project& known(const Task& task);
  Lesson tested(const Project& project, const Model& base, std::span<const SentencePair> pairs);
  /// The bundle of a copy that learnt from them; empty: it would forget too much, as the lesson then says.
  std::filesystem::path taught(const Project& project, const Model& base, std::span<const SentencePair> pairs,
                               Lesson& lesson);
  /// The model that the project's copy is in the table; nullptr: none.
  ModelPointer served(const Project& project) const;
  /// The table gets the copy, or loses it.
  void serve_copy(const Project& project);
  void serve_copies();
  void in_watcher(const std::function<void()>& task);

  const LearnOptions options_;
  const RequestLimits limits_;
  const Parts parts_;
  const DirectoryLock lock_;
  HeldOut held_out_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, Project> projects_;  // by the names of their models; the learning thread alone changes it
  std::set<std::string> told_;               // of copies that cannot be loaded
  std::deque<Task> tasks_;
  std::vector<Task> under_way_;
  std::atomic<bool> ends_{false};
  std::thread thread_;
};

}  // namespace heed::serve
