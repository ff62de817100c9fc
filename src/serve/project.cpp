#include "project.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "heed/base/atomic_file.h"
#include "heed/base/error.h"
#include "heed/base/regular_file.h"

namespace heed::serve {
namespace {

constexpr const char* kCorrections = "corrections.jsonl";
constexpr const char* kLessons = "lessons.json";
constexpr const char* kCopies = "copies";
constexpr std::size_t kKept = 10;  // copies

OrderedJson json_of(const Likelihood& likelihood) { return {likelihood.log_probability, likelihood.tokens}; }
Likelihood likelihood_of(const Json& json) { return {json.at(0).get<double>(), json.at(1).get<double>()}; }

OrderedJson json_of(const Lesson& lesson) {
  return {{"corrections", lesson.corrections},
          {"copy", lesson.copy},
          {"learnt", lesson.learnt},
          {"reason", lesson.reason},
          {"by_base", json_of(lesson.by_base)},
          {"by_copy", json_of(lesson.by_copy)},
          {"held_out_pairs", lesson.held_out_pairs},
          {"held_out_by_base", lesson.held_out_by_base},
          {"held_out_by_copy", lesson.held_out_by_copy},
          {"held_out_most", lesson.held_out_most}};
}

Lesson lesson_of(const Json& json) {
  return {.corrections = json.at("corrections").get<std::size_t>(),
          .copy = json.at("copy").get<int>(),
          .learnt = json.at("learnt").get<bool>(),
          .reason = json.at("reason").get<std::string>(),
          .by_base = likelihood_of(json.at("by_base")),
          .by_copy = likelihood_of(json.at("by_copy")),
          .held_out_pairs = json.at("held_out_pairs").get<std::size_t>(),
          .held_out_by_base = json.at("held_out_by_base").get<double>(),
          .held_out_by_copy = json.at("held_out_by_copy").get<double>(),
          .held_out_most = json.at("held_out_most").get<double>()};
}

OrderedJson json_of(const SentencePair& pair) {
  OrderedJson out = {{"source", pair.source}, {"target", pair.target}};
  if (!pair.features.empty()) out["features"] = pair.features;
  return out;
}

SentencePair pair_of(const Json& json) {
  return {.source = json.at("source").get<std::string>(),
          .target = json.at("target").get<std::string>(),
          .features = json.value("features", FeatureValues())};
}

/// What `read` reads of a file of ours; whatever is wrong with it is an Error that names it.
void read_ours(const std::filesystem::path& path, const auto& read) {
  if (!std::filesystem::exists(path)) return;
  try {
    read(read_regular_file(path));
  } catch (const Json::exception& error) {
    throw Error::at({.file = path}, fmt::format("is damaged: {}", error.what()));
  }
}

}  // namespace

double Likelihood::perplexity() const { return tokens > 0 ? std::exp(-log_probability / tokens) : 0; }

bool is_project_name(const std::string& name) {
  constexpr std::string_view kOthers = "-_.";
  const auto fits = [&](unsigned char c) {
    return (c < 0x80 && std::isalnum(c) != 0) || kOthers.find(static_cast<char>(c)) != kOthers.npos;
  };
  return !name.empty() && name.size() <= 64 && name.front() != '.' && std::ranges::all_of(name, fits);
}

Project::Project(std::filesystem::path folder, std::string base, std::string name)
    : folder_(std::move(folder)), base_(std::move(base)), name_(std::move(name)) {
  read_corrections();
  read_lessons();
}

void Project::read_lessons() {
  read_ours(folder_ / kLessons, [&](const std::string& text) {
    for (const Json& each : Json::parse(text)) lessons_.push_back(lesson_of(each));
  });
  while (!lessons_.empty() && lessons_.back().corrections > corrections_.size()) lessons_.pop_back();
  corrections_.resize(lessons_.empty() ? 0 : lessons_.back().corrections);
}

void Project::read_corrections() {
  read_ours(folder_ / kCorrections, [&](const std::string& text) {
    for (std::size_t begin = 0, end = 0; begin < text.size(); begin = end + 1) {
      end = std::min(text.find('\n', begin), text.size());
      corrections_.push_back(pair_of(Json::parse(text.substr(begin, end - begin))));
    }
  });
}

void Project::write_lessons() const {
  OrderedJson all = OrderedJson::array();
  for (const Lesson& lesson : lessons_) all.push_back(json_of(lesson));
  write_file_atomically(folder_ / kLessons, dump(all) + "\n");
}

void Project::write_corrections() const {
  std::string text;
  for (const SentencePair& pair : corrections_) text += dump(json_of(pair)) + "\n";
  write_file_atomically(folder_ / kCorrections, text);
}

std::filesystem::path Project::copy_of(const Lesson& lesson) const {
  return lesson.copy == 0 ? "" : folder_ / kCopies / std::to_string(lesson.copy);
}

std::filesystem::path Project::work_folder() const {
  std::filesystem::path out = folder_ / "work";
  std::filesystem::remove_all(out);
  std::filesystem::create_directories(out);
  return out;
}

void Project::add(const std::vector<SentencePair>& corrections, Lesson lesson, const std::filesystem::path& made) {
  const std::vector<SentencePair> before = corrections_;
  corrections_.insert(corrections_.end(), corrections.begin(), corrections.end());
  lesson.corrections = corrections_.size();
  lesson.copy = lessons_.empty() ? 0 : lessons_.back().copy;
  try {
    if (!made.empty()) {
      for (const Lesson& each : lessons_) lesson.copy = std::max(lesson.copy, each.copy);
      ++lesson.copy;
      std::filesystem::create_directories(folder_ / kCopies);
      std::filesystem::remove_all(copy_of(lesson));
      std::filesystem::rename(made, copy_of(lesson));
    }
    lessons_.push_back(std::move(lesson));
    write_corrections();
    write_lessons();
  } catch (...) {  // a full disk, say: what is not told to be learnt is not
    if (lessons_.size() > 0 && lessons_.back().corrections > before.size()) lessons_.pop_back();
    corrections_ = before;
    throw;
  }
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
  lessons_.pop_back();
  corrections_.resize(lessons_.empty() ? 0 : lessons_.back().corrections);
  write_corrections();
  write_lessons();
}

void Project::sweep() const {
  std::set<int> kept;
  for (auto lesson = lessons_.rbegin(); lesson != lessons_.rend() && kept.size() < kKept; ++lesson)
    kept.insert(lesson->copy);
  std::error_code ignored;
  std::filesystem::remove_all(folder_ / "work", ignored);
  for (std::filesystem::directory_iterator at(folder_ / kCopies, ignored), end; !ignored && at != end;
       at.increment(ignored)) {
    const std::string number = at->path().filename().string();
    const bool is_kept = std::ranges::any_of(kept, [&](int copy) { return std::to_string(copy) == number; });
    std::error_code left;
    if (!is_kept) std::filesystem::remove_all(at->path(), left);
  }
}

void Project::remove() const { std::filesystem::remove_all(folder_); }

OrderedJson Project::report(bool whole) const {
  OrderedJson out = {{"model", model_name()}, {"base", base_}, {"project", name_}, {"pairs", corrections_.size()}};
  if (const Lesson* lesson = last()) {
    out["learnt"] = lesson->learnt;
    if (!lesson->learnt) out["reason"] = lesson->reason;
    out["corrections"] = {{"base", lesson->by_base.perplexity()}, {"copy", lesson->by_copy.perplexity()}};
    out["held_out"] = {{"pairs", lesson->held_out_pairs},
                       {"base", lesson->held_out_by_base},
                       {"copy", lesson->held_out_by_copy},
                       {"most", lesson->held_out_most}};
  }
  out["undo"] = undoable();
  if (!whole) return out;
  out["corrections_made"] = OrderedJson::array();
  for (const SentencePair& pair : corrections_) out["corrections_made"].push_back(json_of(pair));
  return out;
}

}  // namespace heed::serve
