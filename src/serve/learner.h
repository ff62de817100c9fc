#pragma once
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "heed/base/directory_lock.h"
#include "held_out.h"
#include "metrics.h"
#include "project.h"
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

  enum class Kind { kLearn, kUndo, kRemove };
  struct Task {
    Kind kind = Kind::kLearn;
    std::string base, project;
    std::vector<Correction> corrections = {};  ///< of kLearn
    ExchangePointer exchange = nullptr;        ///< gets the project's report
    bool is_late = false;                      ///< as who asked has been told
    std::string model() const { return base + "@" + project; }
  };

  /// Locks the folder, reads its projects and loads their copies. Throws Error for a folder that is no such one.
  Learner(LearnOptions options, std::chrono::milliseconds most, Parts parts);
  ~Learner();
  Learner(const Learner&) = delete;
  Learner& operator=(const Learner&) = delete;

  /// Has it done. Throws Problem where too many wait, and after end().
  void add(Task task);
  /// One of a project that there is. Throws Problem where there is none.
  Task task_of(Kind kind, const std::string& model, const ExchangePointer& exchange) const;
  /// What there is to tell of a project, with its corrections, and of all without. Throws Problem likewise.
  std::string report(const std::string& model) const;
  std::string reports() const;

  /// Joins the thread; what is not learnt yet is not.
  void end();
  /// Answers who waits for longer than he may; it is done all the same.
  void end_what_is_late();

 private:
  struct Shown {
    std::string base, project;
    std::string report, whole;
  };

  void read_projects();
  void adopt(Project project);
  void work();
  void take();
  HttpResponse response_to_tasks();
  std::string learn(std::vector<Task>& tasks);
  void learn(Project& project, const Model& base, const std::vector<Correction>& corrections);
  std::string undo(const Task& task);
  void remove(Project& project);

  Project& known(const Task& task);
  Project new_project(const Task& task) const;
  void refuse_foreign(const Project& project) const;
  Lesson scored_before(const Project& project, const Model& base, std::span<const SentencePair> pairs) const;
  std::filesystem::path teach_copy(const Project& project, const Model& base, std::span<const SentencePair> pairs,
                                   Lesson& lesson);
  void show(const Project& project);
  /// The model that the project's copy is in the table; nullptr: none.
  ModelPointer served(const Project& project) const;
  /// The table gets the copy as it is now if it has the base, and loses it otherwise. What fails is told, and tried
  /// again.
  void serve_copy(const Project& project);
  void serve_copies();

  const LearnOptions options_;
  const std::chrono::milliseconds most_;
  const Parts parts_;
  const DirectoryLock lock_;

  // Of the thread that learns, by the names of the copies.
  HeldOut held_out_;
  std::map<std::string, Project> projects_;
  std::map<std::string, std::string> failed_;  // to load: these versions

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, Shown> shown_;  // likewise
  std::deque<Task> tasks_;
  std::vector<Task> under_way_;
  std::atomic<bool> ends_{false};
  std::thread thread_;
};

}  // namespace heed::serve
