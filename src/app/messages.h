#pragma once
#include <string>
#include <string_view>

namespace heed::app {

/// What people are told goes to standard error, and only from here. That it cannot be written (a full disk, a reader
/// or a terminal that went away) ends nothing that is under way: it is then not told.
void tell(std::string_view text) noexcept;
/// "heed: warning: ..." on a line.
void warn(std::string_view text);
/// A message on one line of bounded length, whatever a file or an exception had in it: no control characters, and bytes
/// that are no text as \x9b.
std::string one_line(std::string_view message);

/// The part of a line that fits into `columns` of a terminal, where characters take zero to two.
std::string fitted(std::string_view text, std::size_t columns);

/// Standard streams that were closed by the caller: reading and writing them fails, and no file that is opened later
/// takes their place, where messages would be written into it. To be called first of all.
void keep_standard_streams() noexcept;

}  // namespace heed::app
