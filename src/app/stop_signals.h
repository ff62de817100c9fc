#pragma once
#include <atomic>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace heed::app {

/// The command was asked to stop (Ctrl-C); all that was finished is on disk. Exit status 128 + stop_signal(), as shells
/// expect.
class Interrupted : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What SIGINT, SIGTERM and SIGHUP do to a training. As long as there is nothing to save, the process ends at once:
/// what it does then (SentencePiece's training for one) cannot be asked to stop. From save_at_stop() on the first
/// signal asks the trainer to save and stop, and a second one ends the process at once. SIGHUP stays ignored where it
/// is (nohup). Exit status: 128 + the signal's number.
/// `tells`: false where another process says that nothing was changed.
void handle_stop_signals(bool tells = true);
/// A file, and empty folders, to remove in this order when the process ends at once.
void remove_at_stop(const std::vector<std::filesystem::path>& paths);
void save_at_stop();
/// Of a command that goes on when it is called again: these signals end the process at once, as ever, after this text.
void tell_at_stop(const std::string& text);

const std::atomic<bool>& stop_requested();
/// The signal that came; SIGINT if none did.
int stop_signal();
/// One that came to another process of this training.
void take_stop_signal(int signal);

}  // namespace heed::app
