#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
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

  /// Joins the thread, when it has done what it was told.
  void end();
  /// Work for the thread, after what it does now. Throws Problem 503 after end().
  void run(std::function<void()> task);

 private:
  void work();
  void look();
  void look_at_folder();

  ModelTable& models_;
  const std::string folder_;
  const Tell tell_;
  std::set<std::string> of_folder_;            // names of models
  std::map<std::string, std::string> failed_;  // versions, by these names
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_;
  bool ends_ = false;
  std::thread thread_;
};

/// The bundles of a folder, by the names of their directories.
std::vector<ServedModel> models_in(const std::string& folder);

}  // namespace heed::serve
