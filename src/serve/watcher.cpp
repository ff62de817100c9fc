#include "watcher.h"

#include <fmt/format.h>

#include <algorithm>

#include "heed/base/error.h"
#include "heed/model/bundle.h"
#include "problem.h"

namespace heed::serve {
namespace {

constexpr std::chrono::seconds kInterval{1};

}  // namespace

Watcher::Watcher(ModelTable& models, std::string folder, Tell tell)
    : models_(models), folder_(std::move(folder)), tell_(std::move(tell)) {
  if (!folder_.empty()) look_at_folder();
  thread_ = std::thread([this] { work(); });
}

Watcher::~Watcher() { end(); }

void Watcher::end() {
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Watcher::run(std::function<void()> task) {
  {
    const std::lock_guard lock(mutex_);
    if (ends_) throw Problem(503, "stopping", "the server is stopping");
    tasks_.push_back(std::move(task));
  }
  changed_.notify_all();
}

void Watcher::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait_for(lock, kInterval, [this] { return ends_ || !tasks_.empty(); });
    if (ends_ && tasks_.empty()) return;
    std::deque<std::function<void()>> tasks = std::exchange(tasks_, {});
    lock.unlock();
    for (const auto& task : tasks) task();
    look();
    lock.lock();
  }
}

void Watcher::look() {
  try {
    models_.reload_changed(tell_);
    if (!folder_.empty()) look_at_folder();
  } catch (const std::exception& error) {  // a folder that cannot be read, as one that is being moved
    tell_(error.what());
  }
}

void Watcher::look_at_folder() {
  std::set<std::string> found;
  for (const ServedModel& model : models_in(folder_)) {
    found.insert(model.name);
    if (of_folder_.contains(model.name)) continue;
    const std::string version = version_of(model.directories.front());
    if (version == failed_[model.name]) continue;
    failed_[model.name] = version;
    try {
      models_.load(model);
      of_folder_.insert(model.name);
      tell_(fmt::format("model '{}' was loaded", model.name));
    } catch (const std::exception& error) {
      tell_(fmt::format("model '{}' is left out: {}", model.name, error.what()));
    }
  }
  std::erase_if(of_folder_, [&](const std::string& name) {
    if (found.contains(name)) return false;
    models_.drop(name);
    failed_.erase(name);
    tell_(fmt::format("model '{}' was dropped", name));
    return true;
  });
}

std::vector<ServedModel> models_in(const std::string& folder) {
  std::error_code fault;
  std::filesystem::directory_iterator entries(folder, fault);
  if (fault) throw Error::at({.file = folder}, fault.message(), ErrorKind::kSystem);
  std::vector<ServedModel> out;
  for (const auto& entry : entries) {
    const std::string name = entry.path().filename().string();
    // Hidden ones are being written.
    if (name.starts_with('.') || !is_bundle(entry.path()) || version_of(entry.path()).empty()) continue;
    out.push_back({name, {entry.path().string()}});
  }
  std::ranges::sort(out, {}, &ServedModel::name);
  return out;
}

}  // namespace heed::serve
