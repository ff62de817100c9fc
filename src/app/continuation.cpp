#include "continuation.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <system_error>

#include "command_line.h"
#include "figures.h"
#include "heed/base/atomic_file.h"
#include "heed/base/error.h"
#include "heed/base/regular_file.h"
#include "heed/base/shell_text.h"
#include "heed/base/version.h"
#include "heed/data/lines.h"
#include "heed/model/bundle.h"
#include "messages.h"
#include "stop_signals.h"

namespace heed::app {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

// Saving takes no more than a fiftieth of the time, however slow the disk is.
constexpr int kSavedShare = 50;

// Options that change no answer, and those whose content is looked at instead of their names.
constexpr std::array kFree = {"model",   "reverse-model", "input",    "source",      "target",
                              "tsv",     "jsonl",         "prefix",   "constraints", "output",
                              "threads", "batch",         "progress", "continue",    "strict"};
constexpr std::array kByContent = {"shortlist", "forbid", "allowed", "dictionary"};

template <typename Names>
bool has(const Names& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

fs::path progress_of(const std::string& output) {
  fs::path out = GrowingFile::part_of(output);
  return out.replace_extension(".progress");
}

std::string content_of(const std::string& path) {
  std::error_code unknown;
  return fs::is_regular_file(path, unknown) ? file_checksum(path) : path;
}

/// A line, with the checksum of the others as last value.
std::string sealed(Json state) {
  state["checksum"] = checksum(state.dump());
  return state.dump() + "\n";
}

}  // namespace

void ContinueOption::add(CLI::App& command) {
  command.add_flag(
      "--continue", asked,
      "go on where an interrupted run with this flag into the same --output FILE stopped, if there was "
      "one: answers are kept in FILE.part until they are all there, and FILE.progress says which they are");
}

void ContinueOption::check(const std::string& output, std::span<const std::string> inputs) const {
  std::error_code unknown;
  const bool to_file = !output.empty() && output != "-";
  if (asked && !to_file) throw UsageError("--continue: needs --output FILE, beside which the answers are kept");
  if (!to_file) return;
  if (fs::exists(output, unknown) && !fs::is_regular_file(output, unknown)) {
    if (asked) throw UsageError(fmt::format("--continue: '{}' is no regular file, that could be gone on with", output));
    return;
  }
  const fs::path progress = progress_of(output);
  if (!asked) {
    if (fs::exists(progress, unknown))
      warn(fmt::format("'{}' is of an interrupted run, with which --continue would go on", progress.string()));
    return;
  }
  refuse_input_as_output(progress.string(), inputs, "file");
  refuse_input_as_output(GrowingFile::part_of(output).string(), inputs, "file");
}

AnswersDependOn what_answers_depend_on(const CLI::App& command, std::span<const std::string> models) {
  StreamChecksum sum;
  for (const std::string& directory : models) {
    std::vector<std::string> names = Folder(directory).names();
    std::erase_if(names, [](const std::string& name) { return !is_bundle_file(name) || name == Checksums::kFile; });
    std::ranges::sort(names);
    for (const std::string& name : names) {
      sum.add(name);
      sum.add(file_checksum(fs::path(directory) / name));
    }
  }
  AnswersDependOn out{sum.value(), ""};
  for (const CLI::Option* option : command.get_options()) {
    if (option->count() == 0 || option->get_lnames().empty()) continue;
    const std::string& name = option->get_lnames().front();
    if (has(kFree, name)) continue;
    out.options += (out.options.empty() ? "--" : " --") + name;
    if (option->get_expected_max() == 0) continue;  // a flag
    for (const std::string& value : option->results())
      out.options += " " + (has(kByContent, name) ? content_of(value) : value);
  }
  return out;
}

Continuation::Continuation(Output& out, const ContinueOption& asked, const CLI::App& command,
                           std::span<const std::string> models)
    : out_(out), command_(command.get_name()) {
  if (!asked) return;
  depend_on_ = what_answers_depend_on(command, models);
  progress_ = progress_of(out.path());
  open();
}

Continuation::~Continuation() {
  if (!file_ || done_ || file_->size() > 0) return;
  std::error_code ignored;
  fs::remove(file_->part(), ignored);
  fs::remove(progress_, ignored);
}

void Continuation::fail(const std::string& what) const {
  throw Error(ErrorKind::kOutput, fmt::format("{}: {}", progress_.string(), what), {.file = progress_.string()});
}

std::string Continuation::how_to_begin_anew() const {
  return fmt::format("remove it and '{}' to begin anew", GrowingFile::part_of(out_.path()).string());
}

std::string Continuation::lines_then() const {
  return state_.lines == 1 ? "first line" : fmt::format("first {} lines", grouped(state_.lines));
}

void Continuation::open() {
  const fs::path part = GrowingFile::part_of(out_.path());
  std::error_code unknown;
  const bool there = fs::exists(part, unknown);
  if (fs::exists(progress_, unknown)) load(read_regular_file(progress_, kMostOfSmallFile));
  if (state_.whole && !there && is_whole_output()) {  // of the last run's end this alone was left
    fs::remove(progress_, unknown);
    done_ = true;
    return;
  }
  auto file = std::make_unique<GrowingFile>(out_.path());
  if (state_.read.empty() && file->size() > 0) {
    throw Error(ErrorKind::kOutput,
                fmt::format("'{}' is in the way: without '{}' it is of no interrupted run; remove it, or name another "
                            "output",
                            part.string(), progress_.string()),
                {.file = part.string()});
  }
  if (there && file->size() < state_.bytes)
    fail(fmt::format("it speaks of {} bytes, but '{}' has {}; {}", state_.bytes, part.string(), file->size(),
                     how_to_begin_anew()));
  if (!there) state_ = {};
  const std::string sum = file->read_front(state_.bytes);
  if (!state_.read.empty() && sum != state_.sum)
    fail(fmt::format("'{}' is not what was written there; {}", part.string(), how_to_begin_anew()));
  file->cut();
  file_ = std::move(file);
  out_.write_to(*file_);
  tell_at_stop(fmt::format("heed: {}: stopped: {} holds what was answered; go on with `{}`\n", command_, part.string(),
                           shell_text(command_line())));
  if (state_.lines > 0) tell(fmt::format("goes on behind the {} in {}\n", lines_then(), part.string()));
}

/// Of a compressed one nothing tells.
bool Continuation::is_whole_output() const {
  std::error_code unknown;
  const std::string& path = out_.path();
  if (!fs::is_regular_file(path, unknown)) return false;
  return path.ends_with(".gz") || path.ends_with(".zst") || file_checksum(path) == state_.sum;
}

void Continuation::load(const std::string& text) {
  std::string version;
  AnswersDependOn then;
  bool is_intact = false;
  try {
    Json state = Json::parse(text);
    version = state.at("version").get<std::string>();
    then = {state.at("models").get<std::string>(), state.at("options").get<std::string>()};
    state_.lines = state.at("lines").get<long>();
    state_.bytes = state.at("bytes").get<std::uint64_t>();
    state_.counts = state.at("counts").get<std::vector<long>>();
    state_.read = state.at("read").get<std::string>();
    state_.sum = state.at("sum").get<std::string>();
    state_.whole = state.at("whole").get<bool>();
    state.erase("checksum");
    is_intact = sealed(std::move(state)) == text;
  } catch (const nlohmann::json::exception&) {
    fail("damaged, or not of this program; " + how_to_begin_anew());
  }
  check_same(version, then);
  if (!is_intact) fail("damaged: its checksum is another; " + how_to_begin_anew());
}

void Continuation::check_same(const std::string& version, const AnswersDependOn& then) const {
  if (version != kVersion) fail(fmt::format("is of heed {}, this is {}; {}", version, kVersion, how_to_begin_anew()));
  if (then.options != depend_on_.options) {
    const auto named = [](const std::string& options) { return options.empty() ? "none" : "'" + options + "'"; };
    throw UsageError(fmt::format("--continue: '{}' was begun with other options: {}, not {}; {}", out_.path(),
                                 named(then.options), named(depend_on_.options), how_to_begin_anew()));
  }
  if (then.models != depend_on_.models)
    fail(fmt::format("was begun with another model, or it has changed; {}", how_to_begin_anew()));
}

void Continuation::keep(std::vector<long*> counts) {
  counts_ = std::move(counts);
  if (!file_) return;
  if (!state_.counts.empty() && state_.counts.size() != counts_.size())
    fail("damaged, or not of this command; " + how_to_begin_anew());
  state_.counts.resize(counts_.size());
  for (std::size_t i = 0; i < counts_.size(); ++i) *counts_[i] = state_.counts[i];
}

void Continuation::begin(const std::string& input) {
  if (!file_) return;
  if (!state_.read.empty() && read_.value() != state_.read)
    fail(fmt::format("{} has changed in its {}, which {} answered; {}", shown(input), lines_then(),
                     state_.lines == 1 ? "was" : "were", how_to_begin_anew()));
  save(false);  // so that it is known whose FILE.part is
  pause_ = {};  // and the first answers are not waited for
}

void Continuation::add(long lines) {
  if (!file_) return;
  state_.lines += lines;
  for (std::size_t i = 0; i < counts_.size(); ++i) state_.counts[i] = *counts_[i];
  if (Clock::now() - saved_ >= pause_) save(false);
}

void Continuation::save(bool whole) {
  const Clock::time_point begin = Clock::now();
  file_->sync();
  write_file_atomically(progress_, sealed({{"version", kVersion},
                                           {"models", depend_on_.models},
                                           {"options", depend_on_.options},
                                           {"lines", state_.lines},
                                           {"bytes", file_->size()},
                                           {"sum", file_->checksum()},
                                           {"counts", state_.counts},
                                           {"read", read_.value()},
                                           {"whole", whole}}));
  saved_ = Clock::now();
  pause_ = kSavedShare * (saved_ - begin);
}

void Continuation::finish() {
  if (!file_) return out_.finish();
  save(true);
  out_.finish();
  done_ = true;
  std::error_code ignored;
  fs::remove(progress_, ignored);
}

}  // namespace heed::app
