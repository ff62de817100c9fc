#include "learner.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "heed/base/checksums.h"
#include "heed/base/error.h"
#include "heed/model/file_names.h"
#include "requests.h"
#include "teaching.h"

namespace heed::serve {
namespace {

constexpr std::size_t kMostWaiting = 100;  // requests
constexpr std::size_t kMostPairs = 100;    // that are learnt together, if they are of several requests
constexpr std::size_t kRecent = 8;         // earlier corrections that are learnt again
constexpr std::chrono::seconds kInterval{1};

Problem unknown(const std::string& model) {
  return {404, "unknown_model", fmt::format("no copy that learns is named '{}'", model.substr(0, 100))};
}

std::string weights_of(const Model& model) {
  return file_checksum(std::filesystem::path(model.directories.front()) / kParametersFile);
}

/// Where a model makes no errors, a few are no more than chance.
Quality most_of(const Quality& base, double more) {
  constexpr double kChance = 2;
  return {base.perplexity * (1 + more), base.error_rate * (1 + more) + kChance * more};
}

std::string reason_of(const Quality& found, const Quality& most) {
  const auto too_much = [](const char* what, double is, double may_be) {
    return fmt::format("{} of the held-out text would be {:.4g}, and may be {:.4g} at most", what, is, may_be);
  };
  if (!(found.perplexity <= most.perplexity)) return too_much("the perplexity", found.perplexity, most.perplexity);
  return too_much("the word error rate in per cent", found.error_rate, most.error_rate);
}

std::string line_of(const OrderedJson& json) { return dump(json) + "\n"; }

}  // namespace

Learner::Learner(LearnOptions options, std::chrono::milliseconds most, Parts parts)
    : options_(std::move(options)),
      most_(most),
      parts_(std::move(parts)),
      lock_(options_.folder),
      held_out_(options_.held_out) {
  read_projects();
  serve_copies();
  thread_ = std::thread([this] { work(); });
}

Learner::~Learner() { end(); }

void Learner::read_projects() {
  const std::filesystem::path folder = options_.folder;
  std::error_code fault;
  std::filesystem::create_directories(folder, fault);
  std::vector<std::filesystem::path> all;
  if (!fault) {
    for (std::filesystem::directory_iterator at(folder, fault), end; !fault && at != end; at.increment(fault))
      all.push_back(at->path());
  }
  if (fault) throw Error::at({.file = folder}, fault.message(), ErrorKind::kSystem);
  for (const std::filesystem::path& path : all) {
    const std::string model = path.filename().string();
    const std::size_t at = model.rfind('@');
    if (at == model.npos || !is_project_name(model.substr(at + 1))) continue;
    try {
      adopt({path, model.substr(0, at), model.substr(at + 1)});
    } catch (const std::exception& error) {
      parts_.tell(fmt::format("'{}' is left out: {}", model, error.what()));
    }
  }
}

/// One that may have nothing yet.
void Learner::adopt(Project project) {
  project.sweep();
  if (project.lessons().empty()) return;
  show(project);
  const std::string model = project.model_name();
  projects_.emplace(model, std::move(project));
}

// ---- for all threads ----

void Learner::end() {
  std::deque<Task> left;
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
    left.swap(tasks_);
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  for (const Task& task : left) task.exchange->answer(stopping().response());
}

void Learner::end_what_is_late() {
  const std::lock_guard lock(mutex_);
  const auto look = [&](Task& task) {
    if (task.is_late || task.exchange->begin + most_ >= Exchange::Clock::now()) return;
    const char* const what = task.kind == Kind::kLearn ? "it takes longer to learn" : "lessons are under way before it";
    task.exchange->answer(Problem(503, "timeout", what, {{"Retry-After", "10"}}).response());
    task.is_late = true;
  };
  std::ranges::for_each(tasks_, look);
  std::ranges::for_each(under_way_, look);
}

void Learner::add(Task task) {
  task.exchange->notes.model = task.model();
  {
    const std::lock_guard lock(mutex_);
    if (ends_) throw stopping();
    if (tasks_.size() >= kMostWaiting)
      throw Problem(429, "busy", fmt::format("{} corrections wait already", tasks_.size()), {{"Retry-After", "10"}});
    tasks_.push_back(std::move(task));
  }
  changed_.notify_all();
}

Learner::Task Learner::task_of(Kind kind, const std::string& model, const ExchangePointer& exchange) const {
  const std::lock_guard lock(mutex_);
  const auto found = shown_.find(model);
  if (found == shown_.end()) throw unknown(model);
  return {.kind = kind, .base = found->second.base, .project = found->second.project, .exchange = exchange};
}

std::string Learner::report(const std::string& model) const {
  const std::lock_guard lock(mutex_);
  const auto found = shown_.find(model);
  if (found == shown_.end()) throw unknown(model);
  return found->second.whole;
}

std::string Learner::reports() const {
  std::vector<std::string> all;
  const std::lock_guard lock(mutex_);
  all.reserve(shown_.size());
  for (const auto& [model, shown] : shown_) all.push_back(shown.report);
  return fmt::format("{{\"projects\":[{}]}}\n", fmt::join(all, ","));
}

void Learner::show(const Project& project) {
  Shown shown{project.base(), project.name(), dump(project.report()), line_of(project.report(true))};
  const std::lock_guard lock(mutex_);
  shown_.insert_or_assign(project.model_name(), std::move(shown));
}

// ---- the thread that learns ----

void Learner::work() {
  while (!ends_) {
    HttpResponse response;
    try {
      take();
      if (!under_way_.empty()) response = response_to_tasks();
      if (!ends_) serve_copies();
    } catch (const std::exception& error) {
      response = problem_of(error).response();
    }
    const std::lock_guard lock(mutex_);
    for (const Task& task : under_way_) task.exchange->answer(response);
    under_way_.clear();
  }
}

/// The oldest, and with it what is to be learnt by the same copy. (Nobody else changes what is under way.)
void Learner::take() {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, kInterval, [this] { return ends_ || !tasks_.empty(); });
  if (ends_ || tasks_.empty()) return;
  const std::string model = tasks_.front().model();
  std::size_t pairs = 0;
  while (true) {
    const auto next = std::ranges::find(tasks_, model, [](const Task& task) { return task.model(); });
    if (next == tasks_.end()) return;
    if (!under_way_.empty() && (next->kind != Kind::kLearn || under_way_.front().kind != Kind::kLearn)) return;
    pairs += next->corrections.size();
    if (!under_way_.empty() && pairs > kMostPairs) return;
    under_way_.push_back(std::move(*next));
    tasks_.erase(next);
  }
}

HttpResponse Learner::response_to_tasks() {
  Task& first = under_way_.front();
  try {
    if (first.kind == Kind::kLearn) return {.body = learn(under_way_)};
    if (first.kind == Kind::kUndo) return {.body = undo(first)};
    remove(known(first));
    return {.body = "{}\n"};
  } catch (const Cancelled&) {
    return stopping().response();
  } catch (const std::exception& error) {
    HttpResponse out = problem_of(error).response();
    if (out.status >= 500) parts_.tell(fmt::format("'{}' did not learn: {}", first.model(), error.what()));
    return out;
  }
}

/// What one request has wrong is no other's fault.
std::string Learner::learn(std::vector<Task>& tasks) {
  const Task& first = tasks.front();
  const ModelPointer base = find_model(parts_.models, first.base);
  std::vector<Correction> corrections;
  for (const Task& task : tasks) {
    try {
      check_texts(base->bundle(), task.corrections);
      (void)pairs_of(task.corrections, base->bundle());
      corrections.insert(corrections.end(), task.corrections.begin(), task.corrections.end());
    } catch (const std::exception& error) {
      task.exchange->answer(problem_of(error).response());
    }
  }
  if (corrections.empty()) return "";  // all are answered
  if (!projects_.contains(first.model())) projects_.emplace(first.model(), new_project(first));
  const auto found = projects_.find(first.model());
  try {
    learn(found->second, *base, corrections);
    return line_of(found->second.report());
  } catch (...) {
    if (found->second.lessons().empty()) projects_.erase(found);
    throw;
  }
}

void Learner::learn(Project& project, const Model& base, const std::vector<Correction>& corrections) {
  const auto begin = Job::Clock::now();
  const std::string weights = weights_of(base);
  if (!project.base_checksum().empty() && project.base_checksum() != weights) {
    throw unprocessable(
        fmt::format("the model '{}' is another one than that of which '{}' is a copy: keep its corrections "
                    "(GET /feedback/{}) and remove it (DELETE)",
                    base.name, project.model_name(), project.model_name()));
  }
  refuse_foreign(project);
  const std::vector<SentencePair> pairs = pairs_of(corrections, base.bundle());
  Lesson lesson = scored_before(project, base, pairs);
  try {
    const std::filesystem::path made = teach_copy(project, base, pairs, lesson);
    project.add(corrections, lesson, made, weights);
  } catch (...) {
    project.sweep();
    throw;
  }
  parts_.metrics.add_lesson(corrections.size(), lesson.learnt, Job::Clock::now() - begin);
  serve_copy(project);
  project.sweep();
  show(project);
}

/// How well the copy foretells the corrections beside the base, before it learns from them.
Lesson Learner::scored_before(const Project& project, const Model& base, std::span<const SentencePair> pairs) const {
  Lesson out;
  if (!project.lessons().empty()) out = project.lessons().back();
  const LogProbability by_base = log_probability(base.bundle(), pairs, ends_);
  const ModelPointer copy = served(project);
  out.by_base.add(by_base);
  out.by_copy.add(copy == nullptr ? by_base : log_probability(copy->bundle(), pairs, ends_));
  return out;
}

std::filesystem::path Learner::teach_copy(const Project& project, const Model& base,
                                          std::span<const SentencePair> pairs, Lesson& lesson) {
  const HeldOut::Text& held_out = held_out_.of(base, ends_);
  lesson.held_out_pairs = held_out.pairs.size();
  lesson.base = held_out.by_model;
  lesson.most = most_of(held_out.by_model, options_.forget / 100);
  if (project.copy().empty()) lesson.held_out = held_out.by_model;
  const std::vector<SentencePair> recent = pairs_of(project.recent(kRecent), base.bundle());
  const std::filesystem::path first = std::filesystem::absolute(base.directories.front());
  const Taught taught = teach({.program = options_.program,
                               .base = first,
                               .from = project.copy().empty() ? first : std::filesystem::absolute(project.copy()),
                               .config = base.bundle().config,
                               .precision = base.bundle().precision,
                               .fresh = pairs,
                               .recent = recent,
                               .rate = options_.rate,
                               .held_out = held_out.pairs,
                               .most = lesson.most,
                               .work = std::filesystem::absolute(project.work_folder())},
                              ends_);
  lesson.learnt = !taught.bundle.empty();
  lesson.reason = lesson.learnt ? "" : reason_of(taught.held_out, lesson.most);
  lesson.given = pairs.size();
  lesson.said = taught.said;
  if (lesson.learnt) lesson.held_out = taught.held_out;
  return taught.bundle;
}

std::string Learner::undo(const Task& task) {
  Project& project = known(task);
  if (project.undoable() == 0) throw unprocessable("nothing can be taken back any more");
  project.undo();
  std::string out = line_of(project.report());
  if (project.lessons().empty()) {
    remove(project);
    return out;
  }
  serve_copy(project);
  project.sweep();
  show(project);
  return out;
}

void Learner::remove(Project& project) {
  const std::string model = project.model_name();
  if (served(project) != nullptr) parts_.watcher.call([&] { parts_.models.drop(model); });
  project.remove();
  projects_.erase(model);
  const std::lock_guard lock(mutex_);
  shown_.erase(model);
}

/// It may have been removed since the request was read.
Project& Learner::known(const Task& task) {
  const auto found = projects_.find(task.model());
  if (found == projects_.end()) throw unknown(task.model());
  return found->second;
}

Project Learner::new_project(const Task& task) const {
  if (projects_.size() >= static_cast<std::size_t>(options_.projects))
    throw unprocessable(fmt::format("there are {} projects, which are all that may be", projects_.size()));
  return {std::filesystem::path(options_.folder) / task.model(), task.base, task.project};
}

// ---- the table ----

ModelPointer Learner::served(const Project& project) const {
  ModelPointer out = parts_.models.find(project.model_name());
  return out != nullptr && out->base == project.base() ? out : nullptr;
}

void Learner::refuse_foreign(const Project& project) const {
  const std::string name = project.model_name();
  if (parts_.models.find(name) != nullptr && served(project) == nullptr)
    throw unprocessable(fmt::format("another model is named '{}'", name));
}

void Learner::serve_copy(const Project& project) {
  const std::string name = project.model_name(), copy = project.copy();
  const bool should_be = !copy.empty() && parts_.models.find(project.base()) != nullptr;
  const ModelPointer now = served(project);
  if (should_be ? now != nullptr && now->directories.front() == copy : now == nullptr) return;
  const std::string version = should_be ? version_of({copy}) : "";
  if (const auto failed = failed_.find(name); failed != failed_.end() && failed->second == version) return;
  try {
    refuse_foreign(project);
    parts_.watcher.call([&] {
      if (!should_be) return void(parts_.models.drop(name));
      parts_.models.load({.name = name, .directories = {copy}, .base = project.base(), .project = project.name()});
    });
    failed_.erase(name);
  } catch (const std::exception& error) {
    if (ends_) return;
    failed_.insert_or_assign(name, version);
    parts_.tell(fmt::format("model '{}' cannot be loaded: {}", name, error.what()));
  }
}

void Learner::serve_copies() {
  for (const auto& [name, project] : projects_) serve_copy(project);
}

}  // namespace heed::serve
