#include "heed/base/checksums.h"

#define XXH_INLINE_ALL
#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <fstream>
#include <memory>
#include <vector>

#include "heed/base/atomic_file.h"
#include "heed/base/error.h"
#include "heed/base/mapped_file.h"
#include "heed/base/regular_file.h"
#include "temporary.h"

namespace heed {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kDigits = 32;
constexpr std::string_view kBetween = "  ";

bool is_digest(std::string_view text) {
  return text.size() == kDigits && text.find_first_not_of("0123456789abcdef") == text.npos;
}

Digest digest_of(const XXH128_hash_t& hash) { return {hash.low64, hash.high64}; }

Error damaged(const fs::path& file, const std::string& what) {
  return Error::at({.file = file.string()}, what, ErrorKind::kModel);
}

}  // namespace

Digest digest(std::string_view bytes) { return digest_of(XXH3_128bits(bytes.data(), bytes.size())); }

std::string to_text(const Digest& digest) { return fmt::format("{:016x}{:016x}", digest[1], digest[0]); }

std::string checksum(std::string_view bytes) { return to_text(digest(bytes)); }

std::string file_checksum(const fs::path& path) {
  constexpr std::size_t kBlock = std::size_t{1} << 20;
  std::ifstream file(path, std::ios::binary);
  const std::unique_ptr<XXH3_state_t, XXH_errorcode (*)(XXH3_state_t*)> state(XXH3_createState(), XXH3_freeState);
  XXH3_128bits_reset(state.get());
  std::vector<char> block(kBlock);
  while (file.read(block.data(), kBlock) || file.gcount() > 0)
    XXH3_128bits_update(state.get(), block.data(), static_cast<std::size_t>(file.gcount()));
  if (!file.eof() || file.bad()) fail_with("read", path, errno);
  return to_text(digest_of(XXH3_128bits_digest(state.get())));
}

struct StreamChecksum::State {
  XXH3_state_t of_all;
};

StreamChecksum::StreamChecksum() : state_(std::make_unique<State>()) { XXH3_128bits_reset(&state_->of_all); }

StreamChecksum::~StreamChecksum() = default;

void StreamChecksum::add(std::string_view text) {
  const std::uint64_t size = text.size();
  XXH3_128bits_update(&state_->of_all, &size, sizeof(size));
  XXH3_128bits_update(&state_->of_all, text.data(), text.size());
}

void StreamChecksum::add_piece(std::string_view piece) {
  XXH3_128bits_update(&state_->of_all, piece.data(), piece.size());
}

std::string StreamChecksum::value() const { return to_text(digest_of(XXH3_128bits_digest(&state_->of_all))); }

Checksums Checksums::load(const Folder& folder) {
  Checksums out;
  out.folder_ = folder;
  if (!folder.has(kFile)) return out;
  const fs::path file = folder.path(kFile);
  const std::string text = folder.read(kFile, kMostOfSmallFile);
  std::string_view rest = text;
  for (long number = 1; !rest.empty(); ++number) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const std::string_view digest = line.substr(0, kDigits);
    const std::string_view tail = line.substr(digest.size());
    if (!is_digest(digest) || !tail.starts_with(kBetween) || tail.size() == kBetween.size()) {
      throw Error::at({.file = file.string(), .line = number},
                      "damaged: expected lines of 32 hexadecimal digits, two spaces and a file's name",
                      ErrorKind::kModel);
    }
    out.digests_[std::string(tail.substr(kBetween.size()))] = digest;
  }
  if (out.digests_.empty()) throw damaged(file, "damaged: it is empty");
  return out;
}

void Checksums::save(const fs::path& folder) const {
  std::string text;
  for (const auto& [name, digest] : digests_) text += fmt::format("{}{}{}\n", digest, kBetween, name);
  write_file_atomically(folder / kFile, text);
}

void Checksums::check(const std::string& name, std::string_view content) const {
  if (digests_.empty()) return;
  check_has(name);
  const auto found = digests_.find(name);
  const fs::path file = folder_.path(kFile);
  if (found->second == checksum(content)) return;
  throw damaged(folder_.path(name),
                fmt::format("damaged: its checksum is not the one in {} (if you changed it yourself, "
                            "remove that file of checksums, and nothing is checked)",
                            file.string()));
}

void Checksums::check_has(const std::string& name) const {
  if (!digests_.empty() && !digests_.contains(name))
    throw damaged(folder_.path(kFile), "damaged: it has no checksum of " + name);
}

void Checksums::check_file(const std::string& name) const {
  if (digests_.empty()) return;
  const std::shared_ptr<const MappedFile> file = folder_.map(name);
  check(name, {file->bytes().data(), file->bytes().size()});
}

void Checksums::check_all_but(std::initializer_list<std::string_view> left_out) const {
  for (const auto& [name, digest] : digests_) {
    if (std::find(left_out.begin(), left_out.end(), name) != left_out.end()) continue;
    if (!folder_.has(name)) {
      throw damaged(folder_.path(kFile), fmt::format("it has a checksum of '{}', which is missing", name));
    }
    check_file(name);
  }
}

}  // namespace heed
