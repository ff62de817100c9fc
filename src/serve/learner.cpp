#include "learner.h"

#include <fmt/format.h>

#include <algorithm>
#include <future>

#include "heed/base/error.h"
#include "heed/base/utf8.h"
#include "teaching.h"

namespace heed::serve {
namespace {

constexpr std::size_t kMostWaiting = 100;  // requests
constexpr std::size_t kRecent = 8;         // earlier corrections that are learnt again
constexpr int kUpdates = 4;
constexpr int kMostPulls = 3;
constexpr std::chrono::seconds kInterval{1};

HttpResponse json_response(const OrderedJson& json) { return {.body = dump(json) + "\n"}; }

Problem ending() { return {503, "stopping", "the server is stopping"}; }

Problem unknown(const std::string& model) {
  return {404, "unknown_model", fmt::format("no corrections were given to a model '{}'", model.substr(0, 100))};
}

/// Texts become lines of a file.
void refuse_breaks(const char* name, const std::string& text) {
  if (std::ranges::any_of(text, [](unsigned char c) { return c < 0x20; })) {
    throw unprocessable(fmt::format("'{}' has a line break, a tab or another control character", name));
  }
  if (utf8::is_blank(text)) throw unprocessable(fmt::format("'{}' is blank", name));
}

std::vector<SentencePair> pairs_of(const std::vector<JobLine>& lines) {
  std::vector<SentencePair> out;
  out.reserve(lines.size());
  for (const JobLine& line : lines) {
    refuse_breaks("source", line.source);
    refuse_breaks("target", line.target);
    for (const std::string& values : line.features) refuse_breaks("features", values);
    out.push_back({.source = line.source, .target = line.target, .features = line.features});
  }
  return out;
}

/// Longer ones are left out of a training.
void refuse_long(const Bundle& bundle, std::span<const SentencePair> pairs) {
  const auto check = [&](const char* name, const TextSide& side, const std::string& text) {
    const auto most = static_cast<std::size_t>(side.options().max_length);
    if (const std::size_t tokens = side.encode(text).ids.size(); most > 0 && tokens > most) {
      throw unprocessable(fmt::format("'{}' has {} tokens; the model learns from {} at most", name, tokens, most));
    }
  };
  for (const SentencePair& pair : pairs) {
    check("source", bundle.source, pair.source);
    check("target", bundle.target, pair.target);
  }
}

}  // namespace

Learner::Learner(LearnOptions options, RequestLimits limits, Parts parts)
    : options_(std::move(options)),
      limits_(limits),
      parts_(std::move(parts)),
      lock_(options_.folder),
      held_out_(options_.held_out) {
  read_projects();
  serve_copies();
  thread_ = std::thread([this] { work(); });
}

Learner::~Learner() { end(); }

void Learner::end() {
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  for (const Task& task : tasks_) task.exchange->answer(ending().response());
  tasks_.clear();
}

void Learner::end_what_is_late() {
  const std::lock_guard lock(mutex_);
  const auto look = [&](const Task& task) {
    if (task.exchange->begin + limits_.time >= Clock::now()) return;
    const Problem late(503, "timeout", "it takes longer to learn",
                       {{"Retry-After", "10"}});
    task.exchange->answer(late.response());
  };
  std::ranges::for_each(tasks_, look);
  std::ranges::for_each(under_way_, look);
}

void Learner::read_projects() {
  std::error_code fault;
  std::filesystem::create_directories(options_.folder, fault);
  for (const auto& entry : std::filesystem::directory_iterator(options_.folder)) {
    const std::string model = entry.path().filename().string();
    const std::size_t at = model.rfind('@');
    if (at == model.npos || !is_project_name(model.substr(at + 1))) continue;
    Project project(entry.path(), model.substr(0, at), model.substr(at + 1));
    project.sweep();
    projects_.emplace(model, std::move(project));
  }
}

// ---- requests, in the thread of the connections ----

Learner::Task Learner::read_feedback(const ExchangePointer& exchange) const {
  const Corrections read = read_corrections(exchange->request.body, parts_.models, limits_);
  const Model& model = *read.model;
  exchange->notes.sentences = read.pairs.size();
  if (!model.learns) {
    throw unprocessable(fmt::format("the model '{}' does not learn: {}", model.name,
                                    model.bundles.size() > 1 ? "it is an ensemble" : "its weights are kept as int8"));
  }
  const bool is_copy = !model.base.empty();
  if (is_copy && !read.project.empty() && read.project != model.project)
    throw unprocessable(fmt::format("'project': '{}' is the copy of the project '{}'", model.name, model.project));
  Task out{.base = is_copy ? model.base : model.name, .project = is_copy ? model.project : read.project};
  if (out.project.empty()) out.project = exchange->notes.user.empty() ? "default" : exchange->notes.user;
  if (!is_project_name(out.project)) {
    throw unprocessable("'project': a name has letters, digits, '-', '_' and inner dots, 64 at most");
  }
  out.pairs = pairs_of(read.pairs);
  out.exchange = exchange;
  return out;
}

Learner::Task Learner::of_project(Kind kind, const std::string& model, const ExchangePointer& exchange) {
  const std::lock_guard lock(mutex_);
  const auto found = projects_.find(model);
  if (found == projects_.end()) throw unknown(model);
  return {.kind = kind, .base = found->second.base(), .project = found->second.name(), .exchange = exchange};
}

Learner::Task Learner::read_undo(const ExchangePointer& exchange) {
  Fields fields(read_object(exchange->request.body));
  if (!fields.has("model")) throw bad_request("'model' is missing: the copy that shall forget its last correction");
  const std::string model = fields.text("model", "");
  fields.finish();
  return of_project(Kind::kUndo, model, exchange);
}

void Learner::add(Task task) {
  task.exchange->notes.model = task.model();
  {
    const std::lock_guard lock(mutex_);
    if (ends_) throw ending();
    if (tasks_.size() >= kMostWaiting)
      throw Problem(429, "busy", fmt::format("{} corrections wait already", tasks_.size()), {{"Retry-After", "10"}});
    tasks_.push_back(std::move(task));
  }
  changed_.notify_all();
}

void Learner::answer_report(const ExchangePointer& exchange, const std::string& model) {
  OrderedJson out;
  {
    const std::lock_guard lock(mutex_);
    const auto found = projects_.find(model);
    if (found == projects_.end()) throw unknown(model);
    out = found->second.report(true);
  }
  exchange->answer(json_response(out));
}

void Learner::answer_reports(const ExchangePointer& exchange) {
  OrderedJson all = OrderedJson::array();
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [model, project] : projects_) all.push_back(project.report());
  }
  exchange->answer(json_response({{"projects", all}}));
}

std::vector<Route> Learner::routes() {
  return {
      {"POST", "/feedback", [this](auto& exchange) { add(read_feedback(exchange)); }},
      {"GET", "/feedback", [this](auto& exchange) { answer_reports(exchange); }},
      {"POST", "/feedback/undo", [this](auto& exchange) { add(read_undo(exchange)); }},
      {"GET", "/feedback/*", [this](auto& exchange) { answer_report(exchange, last_part(exchange->request.path)); }},
      {"DELETE", "/feedback/*",
       [this](auto& exchange) { add(of_project(Kind::kRemove, last_part(exchange->request.path), exchange)); }},
  };
}

// ---- the thread that learns ----

void Learner::work() {
  while (true) {
    HttpResponse response;
    try {
      const std::vector<Task> tasks = take();
      if (!tasks.empty()) response = done_together(tasks);
      if (!ends_) serve_copies();
    } catch (const std::exception& error) {
      response = problem_of(error).response();
    }
    const std::lock_guard lock(mutex_);
    for (const Task& task : under_way_) task.exchange->answer(ends_ ? ending().response() : response);
    under_way_.clear();
    if (ends_) return;
  }
}

/// The oldest, and with it what is to be learnt by the same copy.
std::vector<Learner::Task> Learner::take() {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, kInterval, [this] { return ends_ || !tasks_.empty(); });
  if (ends_ || tasks_.empty()) return {};
  const std::string model = tasks_.front().model();
  do {
    const auto next = std::ranges::find(tasks_, model, [](const Task& task) { return task.model(); });
    if (next == tasks_.end()) break;
    if (!under_way_.empty() && (next->kind != Kind::kLearn || under_way_.front().kind != Kind::kLearn)) break;
    under_way_.push_back(std::move(*next));
    tasks_.erase(next);
  } while (true);
  return under_way_;
}

HttpResponse Learner::done_together(const std::vector<Task>& tasks) {
  const Task& first = tasks.front();
  try {
    if (first.kind == Kind::kUndo) return json_response(undo(first));
    if (first.kind == Kind::kRemove) return json_response(remove(first));
    return json_response(learn(tasks));
  } catch (const std::exception& error) {
    return problem_of(error).response();
  }
}

Project Learner::new_project(const Task& task) const {
  if (parts_.models.find(task.model()) != nullptr)  // not one of ours
    throw unprocessable(fmt::format("another model is named '{}'", task.model()));
  if (projects_.size() >= static_cast<std::size_t>(options_.projects))
    throw unprocessable(fmt::format("there are {} projects, which are all that may be", projects_.size()));
  return {std::filesystem::path(options_.folder) / task.model(), task.base, task.project};
}

OrderedJson Learner::learn(const std::vector<Task>& tasks) {
  const std::string model = tasks.front().model();
  std::vector<SentencePair> pairs;
  for (const Task& task : tasks) pairs.insert(pairs.end(), task.pairs.begin(), task.pairs.end());
  const ModelPointer base = find_model(parts_.models, tasks.front().base);
  refuse_long(base->bundle(), pairs);
  if (const auto known = projects_.find(model); known != projects_.end()) return learn(known->second, *base, pairs);
  Project fresh = new_project(tasks.front());
  OrderedJson out;
  try {
    out = learn(fresh, *base, pairs);
  } catch (...) {
    fresh.remove();
    throw;
  }
  const std::lock_guard lock(mutex_);
  projects_.emplace(model, std::move(fresh));
  return out;
}

OrderedJson Learner::learn(Project& project, const Model& base, const std::vector<SentencePair>& pairs) {
  const auto begin = Clock::now();
  Lesson lesson = tested(project, base, pairs);
  const std::filesystem::path made = taught(project, base, pairs, lesson);
  parts_.metrics.add_lesson(pairs.size(), lesson.learnt, Clock::now() - begin);
  OrderedJson out;
  {
    const std::lock_guard lock(mutex_);
    project.add(pairs, std::move(lesson), made);
    out = project.report();
  }
  if (!made.empty()) serve_copy(project);
  project.sweep();
  return out;
}

/// How well the copy foresees the corrections beside the base, before it learns from them.
Lesson Learner::tested(const Project& project, const Model& base, std::span<const SentencePair> pairs) {
  Lesson out;
  if (project.last() != nullptr) out = *project.last();
  const Likelihood by_base = likelihood(base.bundle(), pairs, ends_);
  const ModelPointer copy = served(project);
  out.by_base.add(by_base);
  out.by_copy.add(copy == nullptr ? by_base : likelihood(copy->bundle(), pairs, ends_));
  return out;
}

std::filesystem::path Learner::taught(const Project& project, const Model& base, std::span<const SentencePair> pairs,
                                      Lesson& lesson) {
  const HeldOut::Text& text = held_out_.of(base, ends_);
  lesson.held_out_pairs = text.pairs.size();
  lesson.held_out_by_base = text.perplexity;
  lesson.held_out_most = text.perplexity * (1 + options_.forget / 100);
  const std::span<const SentencePair> earlier(project.corrections());
  std::vector<SentencePair> all(pairs.begin(), pairs.end());
  const std::span<const SentencePair> recent = earlier.last(std::min(kRecent, earlier.size()));
  all.insert(all.end(), recent.begin(), recent.end());
  const std::filesystem::path from(project.copy().empty() ? base.directories.front() : project.copy().string());
  const Teaching teaching = {.program = options_.program,
                             .from = std::filesystem::absolute(from),
                             .config = base.bundle().config,
                             .pairs = all,
                             .rate = options_.rate,
                             .updates = kUpdates,
                             .work = std::filesystem::absolute(project.work_folder())};
  std::filesystem::path made = teach(teaching, ends_);
  double perplexity = 0;
  for (int pulls = 0; pulls <= kMostPulls; ++pulls) {
    if (pulls > 0) made = pull_back(teaching, made, std::filesystem::absolute(base.directories.front()), ends_);
    perplexity = likelihood(Bundle::load(made, base.bundle().precision), text.pairs, ends_).perplexity();
    if (!(perplexity <= lesson.held_out_most)) continue;
    lesson.learnt = true;
    lesson.reason.clear();
    lesson.held_out_by_copy = perplexity;
    return made;
  }
  lesson.learnt = false;
  lesson.reason = fmt::format("the perplexity of the held-out text would be {:.4g}, and may be {:.4g}", perplexity,
                              lesson.held_out_most);
  if (project.copy().empty()) lesson.held_out_by_copy = text.perplexity;
  return "";
}

/// It may have been removed since the request was read.
Project& Learner::known(const Task& task) {
  const auto found = projects_.find(task.model());
  if (found == projects_.end()) throw unknown(task.model());
  return found->second;
}

OrderedJson Learner::undo(const Task& task) {
  Project& project = known(task);
  OrderedJson out;
  {
    const std::lock_guard lock(mutex_);
    if (project.undoable() == 0) throw unprocessable("nothing can be taken back any more");
    project.undo();
    out = project.report();
  }
  if (project.last() == nullptr) {
    remove(task);
  } else {
    serve_copy(project);
    project.sweep();
  }
  return out;
}

OrderedJson Learner::remove(const Task& task) {
  const Project& project = known(task);
  if (served(project) != nullptr) in_watcher([&] { parts_.models.drop(task.model()); });
  const std::lock_guard lock(mutex_);
  project.remove();
  projects_.erase(task.model());
  return OrderedJson::object();
}

ModelPointer Learner::served(const Project& project) const {
  ModelPointer out = parts_.models.find(project.model_name());
  return out != nullptr && out->base == project.base() ? out : nullptr;
}

void Learner::serve_copy(const Project& project) {
  const std::string name = project.model_name();
  const std::filesystem::path copy = project.copy();
  in_watcher([&] {
    if (copy.empty() || parts_.models.find(project.base()) == nullptr) return void(parts_.models.drop(name));
    if (parts_.models.find(name) != nullptr && served(project) == nullptr)
      throw unprocessable(fmt::format("another model is named '{}'", name));
    parts_.models.load({.name = name, .directories = {copy}, .base = project.base(), .project = project.name()});
  });
}

/// Models come and go, and their copies with them.
void Learner::serve_copies() {
  for (const auto& [name, project] : projects_) {  // which this thread alone changes
    const bool is_served = served(project) != nullptr;
    const bool should_be = !project.copy().empty() && parts_.models.find(project.base()) != nullptr;
    if (is_served == should_be) continue;
    try {
      serve_copy(project);
      told_.erase(name);
    } catch (const std::exception& error) {
      if (!ends_ && told_.insert(name).second)
        parts_.tell(fmt::format("model '{}' cannot be loaded: {}", name, error.what()));
    }
  }
}

/// Runs it in the thread that changes the table, and waits.
void Learner::in_watcher(const std::function<void()>& task) {
  const auto done = std::make_shared<std::promise<void>>();
  parts_.watcher.run([&task, done](bool ends) {
    try {
      if (ends) throw ending();
      task();
      done->set_value();
    } catch (...) {
      done->set_exception(std::current_exception());
    }
  });
  done->get_future().get();
}

}  // namespace heed::serve
