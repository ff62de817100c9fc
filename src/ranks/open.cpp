#include <dlfcn.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "fmt/format.h"
#include "heed/ranks/ranks.h"
#include "transport_table.h"

namespace heed {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPlugin = "libheed_mpi.so";

// -1 where the environment has no such number.
int number_of(const char* variable) {
  const char* const text = std::getenv(variable);
  int out = -1;
  if (text != nullptr) std::from_chars(text, text + std::strlen(text), out);
  return out;
}

/// Beside the binary in a build folder; where it is installed, HEED_PLUGINS_FROM_BIN leads from its folder to it.
std::array<fs::path, 2> plugin_folders() {
  std::error_code unknown;
  const fs::path bin = fs::read_symlink("/proc/self/exe", unknown).parent_path();
  return {bin, (bin / HEED_PLUGINS_FROM_BIN).lexically_normal()};
}

std::string plugin() {
  std::error_code unknown;
  for (const fs::path& folder : plugin_folders()) {
    if (fs::exists(folder / kPlugin, unknown)) return (folder / kPlugin).string();
  }
  return "";
}

class LoadedTransport : public Transport {
 public:
  explicit LoadedTransport(const HeedTransport& table) : table_(table) {}
  int rank() const override { return table_.rank; }
  int size() const override { return table_.size; }
  void begin(std::span<const Outgoing> out, std::span<const Incoming> in) override {
    for (const Incoming& message : in) table_.receive(message.from, message.bytes.data(), message.bytes.size());
    for (const Outgoing& message : out) table_.send(message.to, message.bytes.data(), message.bytes.size());
  }
  int waits_for() override { return table_.waits_for(); }
  void tell_end(int status) override { table_.tell_end(status); }
  std::optional<ToldEnd> told_end() override {
    ToldEnd out{};
    if (table_.told_end(&out.rank, &out.status) == 0) return std::nullopt;
    return out;
  }
  void finish() override { table_.finish(); }

 private:
  const HeedTransport& table_;
};

Error fault(const std::string& message) { return {ErrorKind::kSystem, message}; }

// It stays loaded: OpenMPI's own parts do not survive being unloaded.
const HeedTransport& load(const std::string& path) {
  void* const library = dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL);
  if (library == nullptr) throw fault(fmt::format("cannot load OpenMPI: {}", dlerror()));
  const auto open = reinterpret_cast<HeedOpenTransport>(dlsym(library, "heed_open_transport"));
  if (open == nullptr) throw fault(fmt::format("'{}' is none of Heed's", path));
  std::array<char, 256> why = {};
  const HeedTransport* const table = open(why.data(), why.size());
  if (table == nullptr) throw fault(fmt::format("OpenMPI cannot begin: {}", why.data()));
  if (table->version != kHeedTransportVersion) throw fault(fmt::format("'{}' is of another version of Heed", path));
  return *table;
}

}  // namespace

Launch launch_of_environment() {
  struct Variables {
    const char* by;
    const char* rank;
    const char* size;
    const char* needs = nullptr;
  };
  // A batch script of Slurm has SLURM_PROCID and SLURM_NTASKS too; a step of srun alone has the last ones.
  constexpr Variables kKnown[] = {{"mpirun", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"},
                                  {"mpirun", "PMI_RANK", "PMI_SIZE"},
                                  {"srun", "SLURM_PROCID", "SLURM_STEP_NUM_TASKS", "PMIX_NAMESPACE"}};
  for (const Variables& known : kKnown) {
    Launch out{known.by, number_of(known.rank), number_of(known.size), known.needs};
    if (out.rank >= 0 && out.size > 0) return out;
  }
  return {};
}

std::unique_ptr<Ranks> open_ranks() {
  const Launch launch = launch_of_environment();
  if (launch.size <= 1) return nullptr;
  const std::string path = plugin();
#ifdef HEED_HAS_MPI
  if (path.empty()) {
    const auto [bin, installed] = plugin_folders();
    throw fault(
        fmt::format("{} started {} processes, and {}, which they need, is neither in '{}' nor in '{}': it was "
                    "built beside this heed (docs/scale.md)",
                    launch.by, launch.size, kPlugin, bin.string(), installed.string()));
  }
#endif
  if (path.empty()) {
    throw fault(
        fmt::format("{} started {} processes, and this heed was built without OpenMPI: one alone trains, or one "
                    "that was built where libopenmpi-dev is installed (docs/scale.md)",
                    launch.by, launch.size));
  }
  // OpenMPI itself would end the process, by a text of its own.
  if (launch.needs != nullptr && std::getenv(launch.needs) == nullptr) {
    throw fault(fmt::format("{} started {} processes without PMIx, by which they find each other (of srun: mpi=pmix)",
                            launch.by, launch.size));
  }
  const HeedTransport& table = load(path);
  if (table.size != launch.size) {
    throw fault(
        fmt::format("{} started {} processes, of which OpenMPI sees {}: start them with OpenMPI's mpirun, or "
                    "with srun and its mpi=pmix",
                    launch.by, launch.size, table.size));
  }
  return std::make_unique<Ranks>(std::make_unique<LoadedTransport>(table));
}

}  // namespace heed
