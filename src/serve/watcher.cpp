#include "watcher.h"

#include <fmt/format.h>

#include <algorithm>
#include <future>

#include "heed/base/error.h"
#include "heed/base/utf8.h"
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

void Watcher::run(Job task) {
  {
    const std::lock_guard lock(mutex_);
    if (ends_) throw stopping();
    tasks_.push_back(std::move(task));
  }
  changed_.notify_all();
}

void Watcher::call(const std::function<void()>& task) {
  const auto done = std::make_shared<std::promise<void>>();
  run([&task, done](bool ends) {
    try {
      if (ends) throw stopping();
      task();
      done->set_value();
    } catch (...) {
      done->set_exception(std::current_exception());
    }
  });
  done->get_future().get();
}

void Watcher::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait_for(lock, kInterval, [this] { return ends_ || !tasks_.empty(); });
    if (ends_ && tasks_.empty()) return;
    Job task;
    if (!tasks_.empty()) {
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    const bool ends = ends_;
    lock.unlock();
    if (task) task(ends);
    if (!ends) look();
    lock.lock();
  }
}

void Watcher::look() {
  try {
    look_at_files();
    if (!folder_.empty()) look_at_folder();
  } catch (const std::exception& error) {  // a folder that cannot be read, as one that is being moved
    if (std::exchange(told_, error.what()) != error.what()) tell_(error.what());
  }
}

void Watcher::reload() {
  tried_.clear();
  for (const ModelPointer& model : models_.all()) load(as_served(*model), "was loaded anew");
}

/// What cannot be loaded stays as it was; it is tried again when its files change.
bool Watcher::load(const ServedModel& model, const char* done) {
  tried_[model.name] = version_of(model.directories);
  try {
    models_.load(model);
    tell_(fmt::format("model '{}' {}", model.name, done));
    return true;
  } catch (const std::exception& error) {
    tell_(fmt::format("model '{}' cannot be loaded: {}", model.name, error.what()));
    return false;
  }
}

void Watcher::look_at_files() {
  for (const ModelPointer& model : models_.all()) {
    const std::string version = version_of(model->directories);
    if (version.empty() || version == model->version || version == tried_[model->name]) continue;
    load(as_served(*model), "was loaded anew");
  }
}

void Watcher::look_at_folder() {
  for (const ServedModel& model : models_in(folder_)) {
    if (of_folder_.contains(model.name) || version_of(model.directories) == tried_[model.name]) continue;
    if (models_.find(model.name) != nullptr) {
      tried_[model.name] = version_of(model.directories);
      tell_(fmt::format("model '{}' of the folder is left out: another one has this name", model.name));
    } else if (load(model, "was loaded")) {
      of_folder_.insert(model.name);
    }
  }
  std::erase_if(of_folder_, [&](const std::string& name) {
    if (std::filesystem::is_directory(std::filesystem::path(folder_) / name)) return false;
    models_.drop(name);
    tried_.erase(name);
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
    if (name.starts_with('.') || utf8::first_invalid(name) || !is_bundle(entry.path()) ||
        version_of({entry.path().string()}).empty())
      continue;
    out.push_back({name, {entry.path().string()}});
  }
  std::ranges::sort(out, {}, &ServedModel::name);
  return out;
}

}  // namespace heed::serve
