#include "heed/base/atomic_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "directory_swap.h"
#include "heed/base/append.h"
#include "heed/base/directory_lock.h"
#include "heed/base/error.h"
#include "heed/base/exchanged.h"
#include "heed/base/held_signals.h"
#include "kept_files.h"
#include "temporary.h"

namespace heed {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::ThrowsMessage;

class AtomicFiles : public testing::Test {
 protected:
  AtomicFiles() {
    std::string name = (fs::temp_directory_path() / "heed-test-XXXXXX").string();
    root = mkdtemp(name.data());
  }
  ~AtomicFiles() override {
    fs::permissions(root, fs::perms::owner_all);
    fs::remove_all(root);
  }
  std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (const auto& entry : fs::directory_iterator(root)) out.push_back(entry.path().filename().string());
    std::sort(out.begin(), out.end());
    return out;
  }
  fs::path root;
};

TEST_F(AtomicFiles, WritesAndReplaces) {
  write_file_atomically(root / "a", "one");
  EXPECT_EQ(read_file(root / "a"), "one");
  fs::permissions(root / "a", fs::perms(0640));
  const std::string large(3000000, 'x');
  write_file_atomically(root / "a", large);
  EXPECT_EQ(read_file(root / "a"), large);
  EXPECT_EQ(fs::status(root / "a").permissions(), fs::perms(0640));
  write_file_atomically(root / "a", "");
  EXPECT_EQ(read_file(root / "a"), "");
  EXPECT_EQ(names(), std::vector<std::string>{"a"});
}

TEST_F(AtomicFiles, InPiecesWholeOrNotAtAll) {
  write_file_atomically(root / "a", "old");
  fs::permissions(root / "a", fs::perms(0640));
  {
    AtomicFile file(root / "a");
    file.write("new, ");
    EXPECT_EQ(read_file(file.temporary()), "new, ");
    EXPECT_EQ(read_file(root / "a"), "old");
  }
  EXPECT_EQ(names(), std::vector<std::string>{"a"});
  fs::create_symlink("a", root / "link");
  AtomicFile file(root / "link");
  file.write("new, ");
  file.write("whole");
  file.commit();
  EXPECT_EQ(read_file(root / "a"), "new, whole");
  EXPECT_EQ(fs::status(root / "a").permissions(), fs::perms(0640));
  EXPECT_EQ(names(), (std::vector<std::string>{"a", "link"}));
  EXPECT_THAT([&] { AtomicFile(this->root); }, ThrowsMessage<Error>(HasSubstr("directory")));
  AtomicFile full("/dev/full");
  EXPECT_TRUE(full.temporary().empty());
  EXPECT_THAT([&] { full.write("x"); }, ThrowsMessage<Error>(HasSubstr("'/dev/full': No space left")));
}

TEST_F(AtomicFiles, AppendsAllOrNothing) {
  const fs::path log = root / "log";
  append_to_file(log, "one\n");
  append_to_file(log, "two\n");
  EXPECT_EQ(read_file(log), "one\ntwo\n");
  const pid_t child = fork();
  if (child == 0) {
    signal(SIGXFSZ, SIG_IGN);
    const rlimit room = {12, 12};  // 4 bytes more: as on a disk that is full
    setrlimit(RLIMIT_FSIZE, &room);
    try {
      append_to_file(log, "three and more\n");
      _exit(1);
    } catch (const Error&) {
      _exit(0);
    }
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(read_file(log), "one\ntwo\n");
}

TEST_F(AtomicFiles, KeepsTheLink) {
  write_file_atomically(root / "a", "one");
  fs::create_symlink("a", root / "link");
  write_file_atomically(root / "link", "two");
  EXPECT_TRUE(fs::is_symlink(root / "link"));
  EXPECT_EQ(read_file(root / "a"), "two");
}

TEST_F(AtomicFiles, LongestNameWorks) {
  const fs::path path = root / std::string(255, 'n');
  write_file_atomically(path, "x");
  EXPECT_EQ(read_file(path), "x");
}

TEST_F(AtomicFiles, FullDiskIsAnError) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  EXPECT_THAT([] { write_file_atomically("/dev/full", "x"); },
              ThrowsMessage<Error>(HasSubstr("cannot write '/dev/full': No space left on device")));
  write_file_atomically("/dev/null", "x");
}

TEST_F(AtomicFiles, ErrorsNameThePathAndLeaveNothing) {
  EXPECT_THAT([&] { write_file_atomically(root / "no" / "a", "x"); },
              ThrowsMessage<Error>(HasSubstr("no/a': No such file")));
  EXPECT_THAT([&] { write_file_atomically(root, "x"); }, ThrowsMessage<Error>(HasSubstr("Is a directory")));
  EXPECT_THAT([&] { read_file(root / "none"); }, ThrowsMessage<Error>(HasSubstr("none': No such file")));
  EXPECT_THAT([&] { read_file(root); }, ThrowsMessage<Error>(HasSubstr("Is a directory")));
  EXPECT_TRUE(names().empty());
}

TEST_F(AtomicFiles, ReadOnlyDirectoryIsAnError) {
  fs::permissions(root, fs::perms(0555));
  const bool is_root = geteuid() == 0;  // root may write everywhere, so be nobody for a while
  if (is_root && seteuid(65534) != 0) GTEST_SKIP() << "root may write everywhere, and can not step down here";
  EXPECT_THAT([&] { write_file_atomically(root / "a", "x"); }, ThrowsMessage<Error>(HasSubstr("Permission denied")));
  EXPECT_THAT([&] { check_file_writable(root / "a"); }, ThrowsMessage<Error>(HasSubstr("Permission denied")));
  EXPECT_THAT([&] { DirectoryLock(root / "d"); }, ThrowsMessage<Error>(HasSubstr("Permission denied")));
  EXPECT_THAT([&] { AtomicDirectory(root / "d"); }, ThrowsMessage<Error>(HasSubstr("Permission denied")));
  EXPECT_THAT([&] { AtomicDirectory(root / "deep" / "d"); }, ThrowsMessage<Error>(HasSubstr("Permission denied")));
  ASSERT_TRUE(!is_root || seteuid(0) == 0);
  EXPECT_TRUE(names().empty());
}

TEST_F(AtomicFiles, ReadsWhatHasNoSize) { EXPECT_FALSE(read_file("/proc/self/status").empty()); }

TEST_F(AtomicFiles, DirectoryIsThereOnlyAfterCommit) {
  {
    AtomicDirectory directory(root / "deep" / "bundle/");
    write_file_atomically(directory.path() / "a", "1");
    fs::create_directory(directory.path() / "inner");
    write_file_atomically(directory.path() / "inner" / "b", "2");
    EXPECT_FALSE(fs::exists(root / "deep" / "bundle"));
    directory.commit();
    EXPECT_THROW(directory.commit(), Error);
  }
  EXPECT_EQ(read_file(root / "deep" / "bundle" / "a"), "1");
  EXPECT_EQ(read_file(root / "deep" / "bundle" / "inner" / "b"), "2");
  EXPECT_EQ(std::distance(fs::directory_iterator(root / "deep"), {}), 1);
}

TEST_F(AtomicFiles, DirectoryWithoutCommitIsRemoved) {
  { write_file_atomically(AtomicDirectory(root / "bundle").path() / "a", "1"); }
  EXPECT_TRUE(names().empty());
}

TEST_F(AtomicFiles, DirectoryReplacesTheOldOne) {
  fs::create_directory(root / "bundle");
  write_file_atomically(root / "bundle" / "old", "1");
  AtomicDirectory directory(root / "bundle");
  write_file_atomically(directory.path() / "new", "2");
  directory.commit();
  EXPECT_TRUE(fs::exists(root / "bundle" / "new"));
  EXPECT_FALSE(fs::exists(root / "bundle" / "old"));
  EXPECT_EQ(names(), std::vector<std::string>{"bundle"});
}

TEST_F(AtomicFiles, DirectoryWillNotReplaceAFile) {
  write_file_atomically(root / "file", "1");
  EXPECT_THAT([&] { AtomicDirectory(root / "file"); }, ThrowsMessage<Error>(HasSubstr("file': Not a directory")));
  EXPECT_THAT([&] { AtomicDirectory(root / "file" / "below"); }, ThrowsMessage<Error>(HasSubstr("Not a directory")));
  EXPECT_EQ(read_file(root / "file"), "1");
}

TEST_F(AtomicFiles, DirectoryKeepsWhatIsNotReplaced) {
  fs::create_directories(root / "run" / "logs");
  fs::permissions(root / "run", fs::perms(0710));
  fs::permissions(root / "run" / "logs", fs::perms(0700));
  for (const char* name : {"model", "notes", "logs/a", "logs/renamed"}) write_file_atomically(root / "run" / name, "1");
  fs::create_symlink("notes", root / "run" / "link");
  AtomicDirectory directory(root / "run", [](const std::string& name) { return name == "model"; });
  write_file_atomically(directory.path() / "model", "2");
  write_file_atomically(root / "run" / "late", "1");
  directory.commit();
  EXPECT_EQ(read_file(root / "run" / "model"), "2");
  for (const char* name : {"notes", "link", "late", "logs/a"}) EXPECT_EQ(read_file(root / "run" / name), "1") << name;
  EXPECT_TRUE(fs::is_symlink(root / "run" / "link"));
  EXPECT_EQ(fs::status(root / "run").permissions(), fs::perms(0710));
  EXPECT_EQ(fs::status(root / "run" / "logs").permissions(), fs::perms(0700));
}

// What others do in the old directory between the links and the end of the exchange.
TEST_F(AtomicFiles, WhatChangesDuringTheExchangeIsMoved) {
  const auto is_replaced = [](const std::string& name) { return name == "model"; };
  const fs::path old = root / "old";
  const fs::path fresh = root / "fresh";
  fs::create_directories(old / "logs");
  fs::create_directory(fresh);
  for (const char* name : {"model", "notes", "logs/a", "logs/b"}) write_file_atomically(old / name, "1");
  for (const char* name : {"later", "both", "removed"}) write_file_atomically(old / name, "1");
  const KeptFiles kept = link_kept(old, fresh, is_replaced);
  write_file_atomically(old / "notes", "2");  // another file of that name
  write_file_atomically(old / "logs" / "c", "1");
  fs::rename(old / "logs" / "b", old / "logs" / "d");
  fs::create_directory(old / "made");
  write_file_atomically(old / "both", "2");
  // And behind the exchange, where the new one has its name.
  for (const char* name : {"later", "both", "new"}) write_file_atomically(fresh / name, "3");
  write_file_atomically(old / "new", "2");
  fs::last_write_time(fresh / "later", fs::file_time_type::clock::now() - std::chrono::hours(30));
  fs::remove(fresh / "removed");
  move_kept(old, fresh, kept, is_replaced);
  EXPECT_FALSE(fs::exists(fresh / "model"));
  for (const char* name : {"later", "both", "new"}) EXPECT_EQ(read_file(fresh / name), "3") << name;
  EXPECT_FALSE(fs::exists(fresh / "removed"));
  EXPECT_EQ(read_file(fresh / "notes"), "2");
  for (const char* name : {"logs/a", "logs/c", "logs/d"}) EXPECT_EQ(read_file(fresh / name), "1") << name;
  EXPECT_TRUE(fs::is_directory(fresh / "made"));
}

TEST_F(AtomicFiles, TemporariesOfTheDeadAreRemovedAndThoseOfTheLivingStay) {
  const auto leave_behind = [&](bool live) {
    const pid_t child = fork();
    if (child == 0) {
      auto* const file = new TemporaryFile(make_temporary_file(root / "a"));
      auto* const directory = new TemporaryDirectory(make_temporary_directory(root / "d"));
      if (write(file->file.number(), "x", 1) != 1 || mkdir((directory->path / "full").c_str(), 0777) != 0) _exit(1);
      if (live) kill(getpid(), SIGSTOP);
      _exit(0);
    }
    int status = 0;
    waitpid(child, &status, WUNTRACED);
    return child;
  };
  leave_behind(false);
  const std::vector<std::string> dead = names();
  EXPECT_EQ(dead.size(), 3U);
  const pid_t living = leave_behind(true);
  fs::create_directory(root / ".heed-tmp-1-0");  // of another version
  check_file_writable(root / "a");
  EXPECT_EQ(names().size(), 4U) << "of the living, and the last";
  for (const std::string& name : dead) EXPECT_FALSE(fs::exists(root / name)) << name;
  kill(living, SIGKILL);
  waitpid(living, nullptr, 0);
  fs::last_write_time(root / ".heed-tmp-1-0", fs::file_time_type::clock::now() - std::chrono::hours(30));
  AtomicDirectory(root / "d").commit();
  EXPECT_EQ(names(), std::vector<std::string>{"d"});
}

TEST_F(AtomicFiles, OfAnotherHostOnlyWhatIsOldIsRemoved) {
  const fs::path other = root / ".heed-tmp-another-host-12-0";
  write_file_atomically(other, "x");
  check_file_writable(root / "a");
  EXPECT_TRUE(fs::exists(other));
  fs::last_write_time(other, fs::file_time_type::clock::now() - std::chrono::hours(30));
  check_file_writable(root / "a");
  EXPECT_FALSE(fs::exists(other));
}

TEST_F(AtomicFiles, ADirectoryIsLockedByOneAtATime) {
  fs::create_directory(root / "run");
  fs::create_symlink("run", root / "link");
  {
    const DirectoryLock lock(root / "run" / "");
    for (const char* name : {"run", "link"}) {
      EXPECT_THAT([&] { DirectoryLock(root / name); },
                  ThrowsMessage<Error>(testing::ContainsRegex("is being written by process " +
                                                              std::to_string(getpid()) + " on .* since 20..-..-.. ")));
    }
    AtomicDirectory(root / "run").commit();  // takes nothing from it
    EXPECT_THROW(DirectoryLock(root / "run"), Error);
    const DirectoryLock other(root / "other");
  }
  EXPECT_EQ(names(), (std::vector<std::string>{"link", "run"}));
  write_file_atomically(root / ".heed-lock-run", "process 1 on nowhere since then\n");  // of the dead
  const DirectoryLock lock(root / "run");
}

TEST_F(AtomicFiles, WhatCanNotBeReplacedIsSaidBefore) {
  if (!fs::exists("/proc/self")) GTEST_SKIP() << "no /proc here";
  EXPECT_THAT([] { AtomicDirectory("/proc"); }, ThrowsMessage<Error>(HasSubstr("'/proc': something is mounted there")));
  EXPECT_THROW(AtomicDirectory("/proc/heed-test"), Error);
  EXPECT_THROW(check_file_writable("/proc/heed-test"), Error);
  EXPECT_THROW(DirectoryLock("/proc/heed-test"), Error);
  EXPECT_THAT([&] { check_file_writable(root); }, ThrowsMessage<Error>(HasSubstr("Is a directory")));
  check_file_writable("/dev/null");
}

TEST_F(AtomicFiles, SwapWithoutExchange) {
  for (const std::string name : {"fresh", "target"}) {
    fs::create_directory(root / name);
    write_file_atomically(root / name / "a", name);
  }
  EXPECT_EQ(swap_in_directory(root / "fresh", root / "target", false), 0);
  EXPECT_EQ(read_file(root / "target" / "a"), "fresh");
  EXPECT_EQ(read_file(root / "fresh" / "a"), "target");
  fs::remove_all(root / "fresh");
  EXPECT_EQ(swap_in_directory(root / "fresh", root / "target", false), ENOENT);
  EXPECT_EQ(read_file(root / "target" / "a"), "fresh");  // moved back
}

// A file system without exchange, and a process that dies when the old directory is aside and the new one not in place.
TEST_F(AtomicFiles, WhatTheDeadMovedAsideIsPutBack) {
  const auto die_in_exchange = [&] {
    fs::create_directory(root / "run");
    write_file_atomically(root / "run" / "a", "old");
    const pid_t child = fork();
    if (child == 0) {
      auto* const fresh = new TemporaryDirectory(make_temporary_directory(root / "run"));
      _exit(rename((root / "run").c_str(), moved_aside(fresh->path).c_str()) == 0 ? 0 : 1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
    EXPECT_FALSE(fs::exists(root / "run"));
  };
  die_in_exchange();
  { const DirectoryLock lock(root / "run"); }
  EXPECT_EQ(names(), std::vector<std::string>{"run"});
  EXPECT_EQ(read_file(root / "run" / "a"), "old");

  die_in_exchange();
  fs::create_directory(root / "run");
  write_file_atomically(root / "run" / "a", "another");
  check_file_writable(root / "a");
  ASSERT_EQ(names().size(), 2U) << "its place is taken: both stay";
  const fs::path aside = root / names().front();
  fs::last_write_time(aside, fs::file_time_type::clock::now() - std::chrono::hours(30));
  check_file_writable(root / "a");
  EXPECT_EQ(read_file(aside / "a"), "old");
  EXPECT_EQ(read_file(root / "run" / "a"), "another");
}

volatile std::sig_atomic_t signals_seen = 0;

TEST_F(AtomicFiles, SignalsToStopWaitUntilNothingIsLeftBehind) {
  const auto before = std::signal(SIGTERM, [](int) { signals_seen = signals_seen + 1; });
  {
    const HeldSignals held;
    { const HeldSignals inner; }
    raise(SIGTERM);
    EXPECT_EQ(signals_seen, 0);
  }
  EXPECT_EQ(signals_seen, 1);
  check_directory_writable(root / "run");
  raise(SIGTERM);
  EXPECT_EQ(signals_seen, 2) << "none is held longer";
  std::signal(SIGTERM, before);
  EXPECT_TRUE(names().empty());
}

TEST_F(AtomicFiles, ADirectoryThatWasExchangedIsReadAgain) {
  struct stat first = {};
  struct stat second = {};
  int tries = 0;
  const auto read = [&] {
    if (++tries > 1) return 1;
    // The next directory may have the number of the one that is gone.
    stat((root / "run").c_str(), &first);
    usleep(20000);
    fs::remove(root / "run");
    fs::create_directory(root / "run");
    stat((root / "run").c_str(), &second);
    throw Error("half of each");
  };
  fs::create_directory(root / "run");
  EXPECT_EQ(read_directory(root / "run", read), 1) << first.st_ino << " " << second.st_ino;
  const auto fails = [&]() -> int { throw Error("broken"); };
  EXPECT_THROW(read_directory(root / "run", fails), Error);
}

}  // namespace
}  // namespace heed
