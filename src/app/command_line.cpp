#include "command_line.h"

#include <algorithm>
#include <cctype>

#include "heed/base/atomic_file.h"
#include "heed/base/error.h"

namespace heed::app {

std::vector<std::string> command_line() try {
  std::vector<std::string> out;
  const std::string words = read_file("/proc/self/cmdline");
  for (std::size_t at = 0; at < words.size();) {
    const std::size_t end = std::min(words.find('\0', at), words.size());
    out.push_back(words.substr(at, end - at));
    at = end + 1;
  }
  return out;
} catch (const Error&) {
  return {};
}

std::string shell_text(const std::vector<std::string>& words) {
  const auto is_plain = [](unsigned char c) {
    return std::isalnum(c) != 0 || std::string_view("-_./=:,+@%").find(static_cast<char>(c)) != std::string_view::npos;
  };
  std::string out;
  for (const std::string& word : words) {
    if (!out.empty()) out += ' ';
    if (!word.empty() && std::all_of(word.begin(), word.end(), is_plain)) {
      out += word;
      continue;
    }
    out += '\'';
    for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    out += '\'';
  }
  return out;
}

}  // namespace heed::app
