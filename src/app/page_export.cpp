#include "page_export.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <vector>

#include "heed/base/atomic_file.h"
#include "heed/base/error.h"
#include "heed/base/regular_file.h"
#include "heed/model/bundle.h"
#include "heed/view/single_page.h"
#include "messages.h"

namespace heed::app {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMostOfProgram = std::uintmax_t{64} << 20;
constexpr const char* kProgram = "heed.wasm";

/// The first of the places where it may be: beside the binary, below the prefix where both are installed, and beside
/// the folder of this build.
std::string find_program() {
  std::error_code error;
  const fs::path folder = fs::read_symlink("/proc/self/exe", error).parent_path();
  for (const fs::path& place : {folder, folder / "../share/heed", folder / "../wasm"}) {
    if (fs::is_regular_file(place / kProgram, error)) return (place / kProgram).lexically_normal().string();
  }
  throw Error(ErrorKind::kSystem,
              fmt::format("there is no {}, the program of pages, beside heed or in share/heed: build it with "
                          "scripts/wasm, or name it with --program",
                          kProgram));
}

std::string read_program(const std::string& path) {
  std::string out = read_regular_file(path, kMostOfProgram);
  constexpr std::string_view kWasm("\0asm", 4);
  if (!out.starts_with(kWasm)) throw Error(shown(path) + " is no program of WebAssembly");
  if (out.find(program_mark()) != out.npos) return out;
  throw Error(
      fmt::format("{} is not the program of this version of heed: build it anew with scripts/wasm", shown(path)));
}

void check_side(const char* side, const TextOptions& options) {
  if (!options.normalizes()) return;
  throw Error(ErrorKind::kModel, fmt::format("data.{}.normalization is {}: a page has no tables of Unicode for it",
                                             side, options.normalization));
}

/// The program has all but these.
void check_model(const Bundle& bundle) {
  check_side("source", bundle.source.options());
  check_side("target", bundle.target.options());
  if (!bundle.source.options().features().empty())
    throw Error(ErrorKind::kModel, "the model reads source features: a page has nowhere to type them");
}

struct FileInMemory {
  std::string name;
  std::string bytes;
};

std::vector<FileInMemory> read_bundle(const fs::path& directory) {
  std::vector<FileInMemory> out;
  const Folder folder(directory);
  std::vector<std::string> names = folder.names();
  std::ranges::sort(names);
  for (const std::string& name : names) {
    if (is_bundle_file(name)) out.push_back({name, folder.read(name, kMostOfFile)});
  }
  return out;
}

/// The files of the model in int8: its own, or what `heed quantize` makes of them.
std::vector<FileInMemory> int8_files(const std::string& model, const std::string& output) {
  const Bundle stored = Bundle::load(model);
  check_model(stored);
  if (stored.precision == Precision::kInt8) return read_bundle(model);
  const AtomicDirectory beside(output + ".bundle");  // never made: it is read and removed
  const Bundle whole = Bundle::load(model, Precision::kFloat32);
  write_bundle(beside.path(), whole.config, whole.source, whole.target, *whole.model, Precision::kInt8);
  return read_bundle(beside.path());
}

}  // namespace

void PageExport::run() const {
  const std::string wasm = read_program(program.empty() ? find_program() : program);
  check_file_writable(output);
  const std::vector<FileInMemory> files = int8_files(model, output);
  std::vector<NamedBytes> named;
  for (const FileInMemory& file : files) named.push_back({file.name, file.bytes});
  const std::string name = fs::absolute(fs::path(model) / ".").parent_path().filename().string();
  write_file_atomically(output, single_page(name, wasm, named));
}

}  // namespace heed::app
