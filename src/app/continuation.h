#pragma once
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "heed/base/checksums.h"
#include "heed/base/growing_file.h"
#include "output.h"

namespace heed::app {

/// --continue of a command that answers lines.
struct ContinueOption {
  bool asked = false;

  void add(CLI::App& command);
  /// Throws UsageError without a file to go on with, or where it is one of `inputs`. Warns of one that is not gone on
  /// with.
  void check(const std::string& output, std::span<const std::string> inputs) const;
  explicit operator bool() const { return asked; }
};

/// On what answers depend beside the lines that are read.
struct AnswersDependOn {
  std::string models;   ///< a checksum
  std::string options;  ///< as they were given, without those that change no answer
};
/// `models`: directories, in their order.
AnswersDependOn what_answers_depend_on(const CLI::App& command, std::span<const std::string> models);

/// Answers that go to FILE.part, and FILE.progress, which says of them how many there are and to what they belong,
/// until FILE is whole. What it says is never ahead of FILE.part on the disk, where more may stand, which is cut off.
class Continuation {
 public:
  /// Of a command with these models; not asked for, all of this does nothing but finish(). Throws Error if what stands
  /// there belongs to other models, UsageError if to other options.
  Continuation(Output& out, const ContinueOption& asked, const CLI::App& command, std::span<const std::string> models);
  /// Removes what holds no answer.
  ~Continuation();
  Continuation(const Continuation&) = delete;
  Continuation& operator=(const Continuation&) = delete;

  /// FILE was whole already: there is nothing to do.
  bool is_done() const { return done_; }
  /// Counts of the command, which are set to what they were, and kept with each add().
  void keep(std::vector<long*> counts);
  /// To which all is added that is read; nullptr where it was not asked for.
  StreamChecksum* read() { return file_ ? &read_ : nullptr; }
  /// Lines that are answered, which are to be read once more,
  long answered() const { return state_.lines; }
  /// and then this is called, before the next is answered. Throws Error if they are others than they were. `input`:
  /// their file, for messages.
  void begin(const std::string& input);
  /// So many more are answered, and written.
  void add(long lines);
  /// Instead of the output's.
  void finish();

 private:
  void open();
  void load(const std::string& text);
  bool is_whole_output() const;
  void check_same(const std::string& version, const AnswersDependOn& then) const;
  void save(bool whole);
  [[noreturn]] void fail(const std::string& what) const;
  std::string how_to_begin_anew() const;
  std::string lines_then() const;

  using Clock = std::chrono::steady_clock;
  /// What is told of FILE.part.
  struct State {
    long lines = 0;            // that are answered
    std::uint64_t bytes = 0;   // that are their answers, when FILE.progress was read
    std::vector<long> counts;  // of the command, when the last was answered
    std::string read;          // the checksum of what was read by then, when FILE.progress was read
    std::string sum;           // of these bytes
    bool whole = false;        // there are no more
  };

  Output& out_;
  std::string command_;
  AnswersDependOn depend_on_;
  std::filesystem::path progress_;     // FILE.progress
  std::unique_ptr<GrowingFile> file_;  // nullptr: not asked for
  State state_;
  StreamChecksum read_;
  std::vector<long*> counts_;
  bool done_ = false;
  Clock::time_point saved_;
  Clock::duration pause_{};  // until it is saved again
};

}  // namespace heed::app
