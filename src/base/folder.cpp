#include "heed/base/folder.h"

#include <fmt/format.h>

#include "heed/base/error.h"
#include "heed/base/mapped_file.h"
#include "heed/base/regular_file.h"

namespace heed {

Folder Folder::of_memory(std::span<const NamedBytes> files, const std::string& name) {
  Folder out(name);
  out.in_memory_ = true;
  for (const NamedBytes& file : files) {
    if (file.name.empty() || file.name.find('/') != std::string::npos)
      throw UsageError(fmt::format("'{}' in {} is no file name", file.name, name));
    if (!out.files_.emplace(file.name, std::make_shared<const MappedFile>(file.bytes)).second)
      throw UsageError(fmt::format("the file '{}' is given twice in {}", file.name, name));
  }
  return out;
}

bool Folder::has(const std::string& file) const {
  std::error_code ignored;
  return in_memory_ ? files_.contains(file) : std::filesystem::exists(path(file), ignored);
}

std::vector<std::string> Folder::names() const {
  std::vector<std::string> out;
  if (in_memory_) {
    for (const auto& [name, file] : files_) out.push_back(name);
    return out;
  }
  for (const auto& entry : std::filesystem::directory_iterator(directory_))
    out.push_back(entry.path().filename().string());
  return out;
}

std::string Folder::read(const std::string& file, std::uintmax_t most) const {
  if (!in_memory_) return read_regular_file(path(file), most);
  const std::span<const char> bytes = find(file)->bytes();
  if (bytes.size() > most) {
    throw Error::at({.file = path(file).string()}, fmt::format("more than {} bytes, which no such file has", most),
                    ErrorKind::kModel);
  }
  return {bytes.begin(), bytes.end()};
}

std::shared_ptr<const MappedFile> Folder::map(const std::string& file) const {
  return in_memory_ ? find(file) : std::make_shared<const MappedFile>(path(file));
}

const std::shared_ptr<const MappedFile>& Folder::find(const std::string& file) const {
  const auto found = files_.find(file);
  if (found != files_.end()) return found->second;
  throw Error::at({.file = path(file).string()}, "it is not among the files in memory", ErrorKind::kModel);
}

}  // namespace heed
