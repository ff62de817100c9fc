#include "heed/model/bundle.h"

#include <algorithm>
#include <future>
#include <optional>
#include <system_error>

#include "config_text.h"
#include "fmt/format.h"
#include "fmt/ranges.h"
#include "heed/base/atomic_file.h"
#include "heed/base/checksums.h"
#include "heed/base/error.h"
#include "heed/base/exchanged.h"
#include "heed/base/processors.h"
#include "heed/base/regular_file.h"
#include "heed/base/settings.h"
#include "heed/model/array_names.h"
#include "heed/model/file_names.h"
#include "heed/model/safetensors.h"
#include "heed/model/seq2seq.h"
#include "heed/tensor/worker_pool.h"
#include "heed/text/side_files.h"
#include "parameter_file.h"

namespace heed {
namespace {

namespace fs = std::filesystem;

/// What holds for all that is wrong with a bundle.
Error model_error(const fs::path& file, const std::string& message) {
  return {ErrorKind::kModel, message, {.file = file.string()}};
}

/// The side's tokenizer that no text can be cut with; "" if none is.
std::string key_of_auto(const DataOptions& data) {
  return data.source.is_auto() ? "data.source.tokenizer" : data.target.is_auto() ? "data.target.tokenizer" : "";
}

void check_directory(const fs::path& directory) {
  std::error_code ignored;
  if (!fs::exists(directory, ignored))
    throw model_error(directory, fmt::format("'{}' does not exist: {}", directory.string(), kBundleFiles));
  if (!fs::is_directory(directory, ignored)) {
    throw model_error(directory, fmt::format("'{}' is not a directory: {}", directory.string(), kBundleFiles));
  }
  const Folder folder(directory);
  // The log begins before there is a model.
  if (folder.has(kTrainingLog) && !folder.has(kConfigFile) && !folder.has(kParametersFile)) {
    throw model_error(directory, fmt::format("'{}' has no model yet: its training has not reached its first validation",
                                             directory.string()));
  }
}

void check_files(const Folder& folder) {
  for (const char* name : {kConfigFile, kParametersFile}) {
    if (folder.has(name)) continue;
    const fs::path file = folder.path(name);
    throw model_error(file, fmt::format("'{}' is missing: {}", file.string(), kBundleFiles));
  }
}

/// A file of checksums that was cut at the end of a line lacks files.
void check_listed(const Folder& folder, const Checksums& sums) {
  if (sums.empty()) return;
  for (const std::string& name : folder.names()) {
    if (is_bundle_file(name) && name != Checksums::kFile) sums.check_has(name);
  }
}

Config load_config(const Folder& folder, const Checksums& sums) {
  const fs::path path = folder.path(kConfigFile);
  const std::string yaml = read_config_text(folder);
  sums.check(kConfigFile, yaml);
  try {
    Config config;
    Settings settings = config.settings();
    settings.load(yaml, path.string());
    config.adopt(settings);
    config.check();
    if (const std::string key = key_of_auto(config.data); !key.empty()) {
      throw UsageError(
          fmt::format("{}: {}: 'auto' is of a training that chooses; expected: the tokenizer of this model",
                      path.string(), key),
          {.file = path.string(), .key = key});
    }
    settle_output(config.model);
    return config;
  } catch (const UsageError& error) {  // nobody's command line is wrong: the bundle is damaged
    ErrorPlace place = error.place();
    if (!place.file.empty()) throw Error(ErrorKind::kModel, error.what(), place);
    place.file = path.string();
    throw Error::at(place, error.what(), ErrorKind::kModel);
  }
}

class ShapeCheck {
 public:
  ShapeCheck(const SafetensorsReader& file, std::string path) : file_(file), path_(std::move(path)) {}

  void expect(const std::string& name, std::int64_t rows, std::int64_t columns, const char* what) const {
    const auto found = file_.arrays().find(name);
    if (found == file_.arrays().end()) throw error(fmt::format("array '{}' is missing", name));
    const auto& shape = found->second.shape;
    const bool vector = rows == 1 && shape == std::vector{columns};
    if (vector || shape == std::vector{rows, columns}) return;
    throw error(fmt::format("array '{}' has the shape [{}], but {} asks for [{}, {}]", name, fmt::join(shape, ", "),
                            what, rows, columns));
  }

 private:
  Error error(const std::string& what) const { return Error::at({.file = path_}, what, ErrorKind::kModel); }

  const SafetensorsReader& file_;
  std::string path_;
};

/// Compares the file with the sizes that decide how large the model is, before memory is taken for it: a damaged
/// configuration can then not ask for more than the file holds.
void check_sizes(const SafetensorsReader& file, const std::string& path, const Bundle& bundle) {
  const ModelOptions& model = bundle.config.model;
  const ShapeCheck check(file, path);
  if (!model.ties_both()) {
    check.expect(kSourceEmbedding, bundle.source.vocabulary_size(), model.source_columns(),
                 "the source vocabulary (with model.embedding)");
  }
  for (const FeatureTable& each : SourceTables(model, bundle.source).features)
    check.expect(feature_embedding_name(each.name), each.vocabulary, each.columns,
                 "the values of the feature (with its embedding)");
  check.expect(kTargetEmbedding, bundle.target.vocabulary_size(), model.target_columns(),
               "the target vocabulary (with model.embedding)");
  if (!model.ties_target()) {
    check.expect(kGeneratorWeight, model.decoder_hidden, bundle.target.vocabulary_size(), "the configuration");
  }
  const bool each = model.attends_in_each_layer() && model.decoder_layers > 1;
  check.expect(name_at_attention("output", model, 0) + ".hidden", model.decoder_hidden,
               each ? model.decoder_hidden : model.output_columns(), "the configuration");
  for (int l = 0; l < model.encoder_layers; ++l) {
    const int hidden = model.direction_hidden(l);
    check.expect(forward_name(l) + ".recurrent", hidden, find_cell(model.encoder_cell).gates * std::int64_t{hidden},
                 "the configuration");
  }
  for (int l = 0; l < model.decoder_layers; ++l) {
    check.expect(decoder_name(l) + ".recurrent", model.decoder_hidden,
                 find_cell(model.decoder_cell).gates * std::int64_t{model.decoder_hidden}, "the configuration");
  }
}

// What products are computed in: as asked for, or as the file has its weights.
Precision choose_precision(const SafetensorsReader& file, const std::string& path, std::optional<Precision> asked) {
  const Precision stored = stored_precision(file, path);
  if (stored != Precision::kInt8 || !asked || *asked == stored) return asked.value_or(stored);
  throw model_error(path, fmt::format("{} has {} weights, which cannot become {} again: take the original model", path,
                                      name_of(stored), name_of(*asked)));
}

// Weights are packed by several threads, since most of the time goes into memory that is touched for the first time.
void pack(Seq2Seq& model, Precision precision) {
  constexpr int kMostThreads = 4;
  std::optional<WorkerPool> pool;
  try {
    pool.emplace(std::min(usable_processors(), kMostThreads));
  } catch (const Error&) {  // the system gives no thread
    pool.emplace(1);
  }
  pool->run([&](int worker) { model.parameters().pack(precision, false, worker, pool->size()); });
}

/// Work beside the caller's, or, where there is one processor or the system gives no thread for it, in get().
template <typename Work>
auto beside(const Work& work) {
  static const bool alone = usable_processors() == 1;
  if (alone) return std::async(std::launch::deferred, work);
  try {
    return std::async(std::launch::async, work);
  } catch (const std::system_error&) {
    return std::async(std::launch::deferred, work);
  }
}

/// SentencePiece takes milliseconds over a model: one is made once, two are made beside each other.
void load_sides(const Folder& folder, Bundle& bundle) {
  const DataOptions& data = bundle.config.data;
  if (have_one_sentencepiece(folder, {data.source, kSourceStem}, {data.target, kTargetStem})) {
    bundle.source = TextSide::load(data.source, folder, kSourceStem);
    bundle.target = TextSide::load(data.target, folder, kTargetStem, &bundle.source);
    return;
  }
  std::future<TextSide> target = beside([&] { return TextSide::load(data.target, folder, kTargetStem); });
  bundle.source = TextSide::load(data.source, folder, kSourceStem);
  bundle.target = target.get();
}

}  // namespace

Bundle Bundle::load(const Folder& folder, std::optional<Precision> precision) {
  check_files(folder);
  const Checksums sums = Checksums::load(folder);
  check_listed(folder, sums);
  // Beside all else, which takes longer.
  std::future<void> checked = beside([&sums] { sums.check_file(kParametersFile); });
  Config config = load_config(folder, sums);
  sums.check_all_but({kConfigFile, kParametersFile});
  Bundle bundle{config, {}, {}, nullptr};
  load_sides(folder, bundle);
  const fs::path path = folder.path(kParametersFile);
  const SafetensorsReader file(path, folder.map(kParametersFile));
  bundle.precision = choose_precision(file, path.string(), precision);
  const bool floats = stored_precision(file, path.string()) != Precision::kInt8;
  try {
    check_tied(config.model, bundle.source, bundle.target);
  } catch (const UsageError& error) {
    throw model_error(path, error.what());
  }
  if (floats) check_sizes(file, path.string(), bundle);
  const auto model = std::make_shared<Seq2Seq>(config.model, SourceTables(config.model, bundle.source),
                                               bundle.target.vocabulary_size());
  read_parameters(file, path.string(), *model);
  if (floats) pack(*model, bundle.precision);
  bundle.model = model;
  checked.get();
  return bundle;
}

Bundle Bundle::load(const fs::path& directory, std::optional<Precision> precision) {
  return read_directory(directory, [&] {
    check_directory(directory);
    return load(Folder(directory), precision);
  });
}

void check_tied(const ModelOptions& options, const TextSide& source, const TextSide& target) {
  if (!options.ties_both()) return;
  bool same = source.vocabulary_size() == target.vocabulary_size();
  for (int id = 0; same && id < source.vocabulary_size(); ++id) same = source.token(id) == target.token(id);
  if (same) return;
  throw UsageError(
      fmt::format("model.tied 'all' needs one vocabulary for both sides, but the source has {} tokens, the target {}, "
                  "and they are not the same: set data.joint_vocabulary, or take 'target'",
                  source.vocabulary_size(), target.vocabulary_size()),
      {.key = "model.tied"});
}

Precision stored_precision(const fs::path& directory) {
  const fs::path path = directory / kParametersFile;
  return stored_precision(SafetensorsReader(path), path.string());
}

bool is_bundle(const fs::path& directory) {
  std::error_code ignored;
  if (!fs::exists(directory / kParametersFile, ignored) || !fs::exists(directory / kConfigFile, ignored)) return false;
  return has_format_version(directory / kConfigFile);
}

bool is_bundle_file(const std::string& name) {
  if (name == kConfigFile || name == kParametersFile || name == Checksums::kFile) return true;
  return TextSide::is_file_of(kSourceStem, name) || TextSide::is_file_of(kTargetStem, name);
}

void write_bundle(const fs::path& directory, const Config& config, const TextSide& source, const TextSide& target,
                  const Seq2Seq& model, Precision stored) {
  if (const std::string key = key_of_auto(config.data); !key.empty())
    throw Error(ErrorKind::kArgument, fmt::format("a bundle with the {} 'auto', which cuts no text", key));
  Checksums sums;
  const auto write = [&](const char* name, const std::string& content) {
    write_file_atomically(directory / name, content);
    sums.add(name, content);
  };
  source.save(directory.string(), kSourceStem);
  target.save(directory.string(), kTargetStem);
  for (const auto& entry : fs::directory_iterator(directory)) {
    const std::string name = entry.path().filename().string();
    if (is_bundle_file(name) && name != Checksums::kFile) sums.add(name, read_regular_file(entry.path()));
  }
  write(kConfigFile, config.to_yaml());
  write(kParametersFile, parameter_file(model.parameters(), stored));
  sums.save(directory);
}

}  // namespace heed
