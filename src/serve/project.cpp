#include "project.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <limits>
#include <set>

#include "heed/base/atomic_file.h"
#include "heed/base/error.h"
#include "heed/base/regular_file.h"

namespace heed::serve {
namespace {

constexpr const char* kFile = "project.json";
constexpr const char* kCopies = "copies";
constexpr std::string_view kWork = "work.";  // and the process, whose children may outlive it
constexpr std::size_t kKept = 11;            // copies: ten steps back

OrderedJson json_of(const LogProbability& of) { return {of.sum, of.tokens}; }

/// Infinity has no number in JSON.
LogProbability log_probability_of(const Json& json) {
  constexpr double kNone = -std::numeric_limits<double>::infinity();
  return {json.at(0).is_null() ? kNone : json.at(0).get<double>(), json.at(1).get<double>()};
}

OrderedJson json_of(const Quality& quality) { return {quality.perplexity, quality.error_rate}; }
Quality quality_of(const Json& json) { return {json.at(0).get<double>(), json.at(1).get<double>()}; }

OrderedJson json_of(const Lesson& lesson) {
  return {{"corrections", lesson.corrections},
          {"copy", lesson.copy},
          {"learnt", lesson.learnt},
          {"given", lesson.given},
          {"said", lesson.said},
          {"reason", lesson.reason},
          {"by_base", json_of(lesson.by_base)},
          {"by_copy", json_of(lesson.by_copy)},
          {"held_out_pairs", lesson.held_out_pairs},
          {"base", json_of(lesson.base)},
          {"held_out", json_of(lesson.held_out)},
          {"most", json_of(lesson.most)}};
}

Lesson lesson_of(const Json& json) {
  return {.corrections = json.at("corrections").get<std::size_t>(),
          .copy = json.at("copy").get<int>(),
          .learnt = json.at("learnt").get<bool>(),
          .given = json.at("given").get<std::size_t>(),
          .said = json.at("said").get<std::size_t>(),
          .reason = json.at("reason").get<std::string>(),
          .by_base = log_probability_of(json.at("by_base")),
          .by_copy = log_probability_of(json.at("by_copy")),
          .held_out_pairs = json.at("held_out_pairs").get<std::size_t>(),
          .base = quality_of(json.at("base")),
          .held_out = quality_of(json.at("held_out")),
          .most = quality_of(json.at("most"))};
}

OrderedJson json_of(const Correction& correction) {
  OrderedJson out = {{"source", correction.source}, {"target", correction.target}};
  if (!correction.features.empty()) out["features"] = correction.features;
  return out;
}

Correction correction_of(const Json& json) {
  return {.source = json.at("source").get<std::string>(),
          .target = json.at("target").get<std::string>(),
          .features = json.value("features", std::map<std::string, std::string>())};
}

/// What is in a folder that may not be there.
std::vector<std::filesystem::path> entries(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> out;
  std::error_code fault;
  for (std::filesystem::directory_iterator at(folder, fault), end; !fault && at != end; at.increment(fault))
    out.push_back(at->path());
  return out;
}

}  // namespace

bool is_project_name(const std::string& name) {
  constexpr std::string_view kOthers = "-_.";
  const auto fits = [&](unsigned char c) {
    return (c < 0x80 && std::isalnum(c) != 0) || kOthers.find(static_cast<char>(c)) != kOthers.npos;
  };
  return !name.empty() && name.size() <= 64 && name.front() != '.' && std::ranges::all_of(name, fits);
}

Project::Project(std::filesystem::path folder, std::string base, std::string name)
    : folder_(std::move(folder)), base_(std::move(base)), name_(std::move(name)) {
  read();
}

void Project::read() {
  const std::filesystem::path file = folder_ / kFile;
  if (!std::filesystem::exists(file)) return;
  try {
    const Json json = Json::parse(read_regular_file(file));
    base_checksum_ = json.at("base").get<std::string>();
    for (const Json& each : json.at("corrections")) corrections_.push_back(correction_of(each));
    for (const Json& each : json.at("lessons")) lessons_.push_back(lesson_of(each));
  } catch (const Json::exception& error) {
    throw Error::at({.file = file}, fmt::format("is damaged: {}", error.what()));
  }
  const bool fits = std::ranges::is_sorted(lessons_, {}, &Lesson::corrections) &&
                    corrections_.size() == (lessons_.empty() ? 0 : lessons_.back().corrections);
  if (!fits) throw Error::at({.file = file}, "is damaged: its lessons are not those of its corrections");
}

void Project::keep(std::vector<Correction> corrections, std::vector<Lesson> lessons, const std::string& base_checksum) {
  OrderedJson out = {{"base", base_checksum}, {"corrections", OrderedJson::array()}, {"lessons", OrderedJson::array()}};
  for (const Correction& correction : corrections) out["corrections"].push_back(json_of(correction));
  for (const Lesson& lesson : lessons) out["lessons"].push_back(json_of(lesson));
  write_file_atomically(folder_ / kFile, dump(out) + "\n");
  corrections_ = std::move(corrections);
  lessons_ = std::move(lessons);
  base_checksum_ = base_checksum;
}

std::filesystem::path Project::copy_of(const Lesson& lesson) const {
  return lesson.copy == 0 ? "" : folder_ / kCopies / std::to_string(lesson.copy);
}

std::vector<Correction> Project::recent(std::size_t most) const {
  std::vector<Correction> out;
  for (std::size_t i = lessons_.size(); i-- > 0;) {
    const std::size_t first = i == 0 ? 0 : lessons_[i - 1].corrections;
    for (std::size_t c = lessons_[i].corrections; lessons_[i].learnt && c-- > first && out.size() < most;)
      out.push_back(corrections_[c]);
  }
  return out;
}

std::filesystem::path Project::work_folder() const {
  std::filesystem::path out = folder_ / fmt::format("{}{}", kWork, getpid());
  std::filesystem::remove_all(out);
  std::filesystem::create_directories(out);
  return out;
}

void Project::add(const std::vector<Correction>& corrections, Lesson lesson, const std::filesystem::path& made,
                  const std::string& base_checksum) {
  std::vector<Correction> all = corrections_;
  all.insert(all.end(), corrections.begin(), corrections.end());
  std::vector<Lesson> lessons = lessons_;
  lesson.corrections = all.size();
  lesson.copy = lessons.empty() ? 0 : lessons.back().copy;
  if (!made.empty()) {
    for (const Lesson& each : lessons) lesson.copy = std::max(lesson.copy, each.copy);
    ++lesson.copy;
    std::filesystem::create_directories(folder_ / kCopies);
    std::filesystem::remove_all(copy_of(lesson));
    std::filesystem::rename(made, copy_of(lesson));
  }
  lessons.push_back(std::move(lesson));
  keep(std::move(all), std::move(lessons), base_checksum);
}

std::size_t Project::undoable() const {
  std::size_t out = 0;
  for (std::size_t i = lessons_.size(); i-- > 0; ++out) {
    const std::filesystem::path before = i == 0 ? "" : copy_of(lessons_[i - 1]);
    if (!before.empty() && !std::filesystem::exists(before)) break;
  }
  return out;
}

void Project::undo() {
  std::vector<Lesson> lessons = lessons_;
  lessons.pop_back();
  std::vector<Correction> corrections = corrections_;
  corrections.resize(lessons.empty() ? 0 : lessons.back().corrections);
  keep(std::move(corrections), std::move(lessons), base_checksum_);
}

void Project::sweep() const {
  std::set<std::string> kept;
  for (auto lesson = lessons_.rbegin(); lesson != lessons_.rend() && kept.size() < kKept; ++lesson)
    kept.insert(std::to_string(lesson->copy));
  std::vector<std::filesystem::path> old;
  for (const std::filesystem::path& path : entries(folder_)) {
    if (path.filename().string().starts_with(kWork)) old.push_back(path);
  }
  for (const std::filesystem::path& path : entries(folder_ / kCopies)) {
    if (!kept.contains(path.filename().string())) old.push_back(path);
  }
  std::error_code left;
  for (const std::filesystem::path& path : old) std::filesystem::remove_all(path, left);
  if (lessons_.empty()) std::filesystem::remove(folder_ / kCopies, left);
  if (lessons_.empty()) std::filesystem::remove(folder_, left);  // if nothing is in it
}

void Project::remove() const {
  // First what makes it a project, of which then nothing comes back; that must not fail in silence.
  std::filesystem::remove(folder_ / kFile);
  std::error_code left;
  std::filesystem::remove_all(folder_, left);
}

OrderedJson Project::report(bool whole) const {
  OrderedJson out = {{"model", model_name()}, {"base", base_}, {"project", name_}, {"pairs", corrections_.size()}};
  if (!lessons_.empty()) {
    const Lesson& lesson = lessons_.back();
    out["learnt"] = lesson.learnt;
    out["given"] = lesson.given;
    out["said"] = lesson.said;
    if (!lesson.learnt) out["reason"] = lesson.reason;
    out["corrections"] = {{"base", lesson.by_base.perplexity()}, {"copy", lesson.by_copy.perplexity()}};
    const auto of_three = [&](double Quality::*figure) -> OrderedJson {
      return {{"base", lesson.base.*figure}, {"copy", lesson.held_out.*figure}, {"most", lesson.most.*figure}};
    };
    out["held_out"] = of_three(&Quality::perplexity);
    out["held_out"]["pairs"] = lesson.held_out_pairs;
    out["held_out"]["errors"] = of_three(&Quality::error_rate);
  }
  out["undo"] = undoable();
  if (!whole) return out;
  out["corrections_made"] = OrderedJson::array();
  for (const Correction& correction : corrections_) out["corrections_made"].push_back(json_of(correction));
  return out;
}

}  // namespace heed::serve
