#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "model_table.h"

namespace heed::serve {

/// The thread that loads models: those whose files change, those of a folder that is watched, and those that it is told
/// to. What it does is told, a line each.
class Watcher {
 public:
  using Tell = std::function<void(const std::string&)>;

  /// `folder`: each bundle in it is a model; empty: none.
  Watcher(ModelTable& models, std::string folder, Tell tell);
  ~Watcher();
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

  /// What the thread is told to do; `ends`: there is no time for it any more.
  using Job = std::function<void(bool ends)>;

  /// Joins the thread, when it has done what it does now.
  void end();
  /// Loads all models anew, and tries again what could not be loaded; in the thread, as a part of run().
  void reload();
  /// Work for the thread, after what it does now. Throws Problem 503 after end().
  void run(Job task);
  /// The same, and waits until it is done. Throws what it throws, and Problem 503 where there is no time for it.
  void call(const std::function<void()>& task);

 private:
  void work();
  void look();
  void look_at_files();
  void look_at_folder();
  bool load(const ServedModel& model, const char* done);

  ModelTable& models_;
  const std::string folder_;
  const Tell tell_;
  std::set<std::string> of_folder_;           // names of models
  std::map<std::string, std::string> tried_;  // versions, by the names of models
  std::string told_;                          // of what is looked at again and again
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> tasks_;
  bool ends_ = false;
  std::thread thread_;
};

/// The bundles of a folder, by the names of their directories.
std::vector<ServedModel> models_in(const std::string& folder);

}  // namespace heed::serve
