#pragma once
#include <filesystem>
#include <string>

#include "descriptor.h"

namespace heed {

/// Throws Error "cannot <what> '<path>': <the system's reason>".
[[noreturn]] void fail_with(const char* what, const std::filesystem::path& path, int error);

/// The folder that a path is in; "." for a bare name.
std::filesystem::path parent_of(const std::filesystem::path& path);

/// Where symbolic links lead: what is behind a link is replaced, not the link.
std::filesystem::path behind_links(const std::filesystem::path& path);

/// A file beside `target` that is to take its place, and is locked (flock) for as long as it is open: that is how other
/// processes know that its maker lives. It has to be renamed or removed before it is closed.
struct TemporaryFile {
  std::filesystem::path path;
  Descriptor file;
};
TemporaryFile make_temporary_file(const std::filesystem::path& target, const char* suffix = "");

/// Likewise a directory. The lock is a file of its own beside it, since a directory can not be locked everywhere; it
/// holds the name of `target`.
struct TemporaryDirectory {
  std::filesystem::path path;
  TemporaryFile guard;
};
TemporaryDirectory make_temporary_directory(const std::filesystem::path& target);

/// Where what stands in the place of a temporary directory is while that takes its place.
std::filesystem::path moved_aside(const std::filesystem::path& temporary);

/// Whether a path still leads to the file that was opened there, and not to another or none.
bool is_at(const Descriptor& file, const std::filesystem::path& path);

/// Removes what make_temporary_...() of processes that died left in a folder. What such a process had moved aside goes
/// back to its place, or stays if that is taken: it is never removed. Errors are ignored.
void remove_stale_temporaries(const std::filesystem::path& folder);

}  // namespace heed
