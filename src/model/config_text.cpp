#include "config_text.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

#include "fmt/format.h"
#include "heed/base/error.h"
#include "heed/base/regular_file.h"
#include "heed/model/config.h"
#include "heed/model/file_names.h"

namespace heed {
namespace {

std::optional<long> format_version_of(std::string_view yaml) {
  constexpr std::string_view kKey = "format_version:";
  for (std::size_t at = 0; at < yaml.size();) {
    const std::size_t end = std::min(yaml.find('\n', at), yaml.size());
    std::string_view line = yaml.substr(at, end - at);
    at = end + 1;
    if (!line.starts_with(kKey)) continue;
    line.remove_prefix(kKey.size());
    while (line.starts_with(' ')) line.remove_prefix(1);
    long version = 0;
    if (std::from_chars(line.data(), line.data() + line.size(), version).ec != std::errc()) return std::nullopt;
    return version;
  }
  return std::nullopt;
}

}  // namespace

bool has_format_version(const std::filesystem::path& path) {
  return format_version_of(read_regular_file(path, kMostOfSmallFile)).has_value();
}

std::string read_config_text(const Folder& bundle) {
  const std::filesystem::path path = bundle.path(kConfigFile);
  const auto error = [&](const std::string& message) {
    return Error(ErrorKind::kModel, message, {.file = path.string()});
  };
  std::string yaml = bundle.read(kConfigFile, kMostOfSmallFile);
  const std::optional<long> version = format_version_of(yaml);
  if (!version) {
    throw error(
        fmt::format("'{}' has no format_version: this is no bundle's configuration (those that `heed train` "
                    "reads have none)",
                    path.string()));
  }
  if (*version <= Config::kFormatVersion) return yaml;
  throw error(fmt::format("'{}' has format_version {}, made by a newer heed; this one reads up to {}", path.string(),
                          *version, Config::kFormatVersion));
}

}  // namespace heed
