#include "output.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <vector>

#include "heed/base/atomic_file.h"
#include "heed/base/error.h"
#include "heed/base/growing_file.h"
#include "heed/base/held_signals.h"
#include "heed/data/compressed.h"
#include "heed/data/lines.h"
#include "heed/model/bundle.h"
#include "heed/model/file_names.h"
#include "signals.h"

namespace heed::app {
namespace {

constexpr std::size_t kWidth = 100;
constexpr std::size_t kPiece = std::size_t{1} << 18;

void write_standard_output(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(STDOUT_FILENO, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {  // a pipe that does not block, and is full
      pollfd one{STDOUT_FILENO, POLLOUT, 0};
      poll(&one, 1, -1);
    } else if (errno != EINTR) {
      const std::string message = fmt::format("cannot write to standard output: {}", std::strerror(errno));
      if (errno == EPIPE) throw ReaderGone(message);
      throw Error(message);
    }
  }
}

// What a model or the state of a run is made of is written by what makes it.
void refuse_part_of_model(const std::filesystem::path& output) {
  std::error_code loop;  // of links, which says so where it is written
  const std::filesystem::path file = std::filesystem::weakly_canonical(output, loop);  // links are written through
  const std::filesystem::path folder = file.parent_path();
  const std::string name = file.filename().string();
  const bool state = folder.filename() == kTrainingState && is_bundle(folder.parent_path());
  if (!state && !(is_bundle(folder) && (is_bundle_file(name) || name == kTrainingLog || name == kTestFile))) return;
  throw UsageError(fmt::format("--output: '{}' is a part of the model in '{}'; name another file", output.string(),
                               folder.string()));
}

constexpr std::array<int, 3> kStops = {SIGINT, SIGTERM, SIGHUP};
// The temporary files, for a handler, which sees nothing else.
std::array<std::array<char, PATH_MAX>, 2> unfinished;

void remove_unfinished(int signal) {
  for (const auto& name : unfinished) unlink(name.data());
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

}  // namespace

/// A file on its way. What ends the process by a signal leaves nothing of it.
class FileWriter {
 public:
  explicit FileWriter(const std::string& path) : compressor_(path) {
    // Until both are there, the file and what removes it; a pipe waits for its reader, and leaves nothing.
    std::optional<HeldSignals> held;
    if (std::error_code unknown; !std::filesystem::is_fifo(path, unknown)) held.emplace();
    file_.emplace(path);
    const std::string& name = file_->temporary().native();
    for (auto& place : unfinished) {
      if (place[0] == '\0') place_ = &place;
    }
    if (name.empty() || name.size() >= PATH_MAX || place_ == nullptr) return;
    name.copy(place_->data(), name.size());
    handles_ = true;
    for (std::size_t i = 0; i < kStops.size(); ++i) {
      before_[i] = handle_signal(kStops[i], remove_unfinished, 0);
      // What is ignored (nohup), or handled by a conversation, stays so.
      if (before_[i].sa_handler != SIG_DFL) sigaction(kStops[i], &before_[i], nullptr);
    }
  }
  ~FileWriter() {
    if (handles_) place_->fill('\0');
    for (std::size_t i = 0; handles_ && i < kStops.size(); ++i) sigaction(kStops[i], &before_[i], nullptr);
  }
  FileWriter(const FileWriter&) = delete;
  FileWriter& operator=(const FileWriter&) = delete;

  void write(std::string_view text) { file_->write(compressor_.add(text)); }
  void finish() {
    file_->write(compressor_.finish());
    file_->commit();
  }

 private:
  Compressor compressor_;
  std::optional<AtomicFile> file_;
  std::array<char, PATH_MAX>* place_ = nullptr;
  bool handles_ = false;
  std::array<struct sigaction, kStops.size()> before_ = {};
};

void refuse_input_as_output(const std::string& output, std::span<const std::string> inputs, std::string_view kind) {
  std::error_code ignored;
  // A device or a pipe is not replaced.
  if (!std::filesystem::is_regular_file(output, ignored) && !std::filesystem::is_directory(output, ignored)) return;
  for (const std::string& input : inputs) {
    if (!std::filesystem::equivalent(output, input == "-" ? "/dev/stdin" : input, ignored)) continue;
    const std::string same =
        output == input ? "" : fmt::format(" is {}, which", input == "-" ? shown(input) : "'" + input + "'");
    throw UsageError(fmt::format("--output: '{}'{} is read; name another {}", output, same, kind));
  }
}

Output::Output(std::string path, std::initializer_list<std::string> inputs)
    : Output(std::move(path), std::span(inputs.begin(), inputs.size())) {}

Output::Output(std::string path, std::span<const std::string> inputs) : path_(path == "-" ? "" : std::move(path)) {
  if (path_.empty()) return;
  // Said before the work, not after it.
  refuse_input_as_output(path_, inputs, "file");
  refuse_part_of_model(path_);
  const auto parent = std::filesystem::absolute(path_).parent_path();
  std::error_code ignored;
  if (!std::filesystem::is_directory(parent, ignored)) {
    throw Error(fmt::format("cannot write '{}': there is no directory '{}'", path_, parent.string()));
  }
  check_file_writable(path_);
}

Output::~Output() = default;

FileWriter& Output::file() {
  if (!file_) file_ = std::make_unique<FileWriter>(path_);
  return *file_;
}

void Output::write(std::string_view text) {
  if (growing_ != nullptr) return growing_->write(text);
  path_.empty() ? write_standard_output(text) : file().write(text);
}

// What is compressed cannot be gone on with: it is compressed at the end.
void Output::finish_growing() {
  if (!path_.ends_with(".gz") && !path_.ends_with(".zst")) return growing_->commit();
  std::ifstream text(growing_->part(), std::ios::binary);
  std::vector<char> piece(kPiece);
  std::uint64_t left = growing_->size();
  while (left > 0 && text.read(piece.data(), static_cast<std::streamsize>(std::min<std::uint64_t>(left, kPiece)))) {
    file().write({piece.data(), static_cast<std::size_t>(text.gcount())});
    left -= static_cast<std::uint64_t>(text.gcount());
  }
  if (left > 0) throw Error(ErrorKind::kSystem, fmt::format("cannot read '{}'", growing_->part().string()));
  file().finish();
  file_.reset();
  growing_->remove();
}

void Output::finish() {
  if (growing_ != nullptr) return finish_growing();
  if (path_.empty()) return;
  file().finish();
  file_.reset();
}

bool Output::is_terminal() const { return path_.empty() && isatty(STDOUT_FILENO) != 0; }

std::string format_by_ending(const std::string& output, std::span<const std::string> names, const std::string& usual) {
  std::filesystem::path path(output);
  if (path.extension() == ".gz" || path.extension() == ".zst") path = path.stem();
  const std::string extension = path.extension().string();
  if (extension.empty() || extension == ".txt") return usual;
  const auto named = std::ranges::find(names, extension.substr(1));
  if (named != names.end()) return *named;
  throw UsageError(fmt::format("--output: no format is known by the ending of '{}'; expected: .txt, .{}, or --format",
                               output, fmt::join(names, ", .")));
}

bool shows_colour(int descriptor) {
  const char* no_colour = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  const bool dumb = terminal != nullptr && std::string_view(terminal) == "dumb";
  return isatty(descriptor) != 0 && (no_colour == nullptr || *no_colour == '\0') && !dumb;
}

bool shows_unicode(int descriptor) {
  if (isatty(descriptor) == 0) return true;
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0') continue;
    const std::string_view locale(value);
    return locale.find("UTF-8") != locale.npos || locale.find("utf8") != locale.npos;
  }
  return true;
}

std::size_t terminal_width(int descriptor) {
  winsize size{};
  if (isatty(descriptor) != 0 && ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return kWidth;
}

bool Output::has_colour() const { return is_terminal() && shows_colour(STDOUT_FILENO); }

bool Output::has_unicode() const { return !is_terminal() || shows_unicode(STDOUT_FILENO); }

std::size_t Output::width() const { return is_terminal() ? terminal_width(STDOUT_FILENO) : kWidth; }

}  // namespace heed::app
