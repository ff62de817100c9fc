#include "tensorboard_log.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <fstream>

#include "heed/base/append.h"
#include "heed/base/atomic_file.h"
#include "heed/base/error.h"
#include "heed/base/host_and_time.h"
#include "heed/model/array_names.h"
#include "heed/model/seq2seq.h"
#include "heed/view/attention_picture.h"
#include "heed/view/tensorboard.h"

namespace heed::app {
namespace {

namespace fs = std::filesystem;
namespace tb = heed::tensorboard;

constexpr const char* kPrefix = "events.out.tfevents.";
constexpr const char* kSuffix = ".heed";
constexpr int kPointsPerEpoch = 100;
constexpr int kProjectedTokens = 5000;

double wall_time() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::vector<fs::path> event_files(const fs::path& directory) {
  std::vector<fs::path> out;
  for (const auto& entry : fs::directory_iterator(directory)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(kPrefix) && name.ends_with(kSuffix)) out.push_back(entry.path());
  }
  return out;
}

/// The last by its name, which begins with the time; empty if there is none.
fs::path last_of(const std::vector<fs::path>& event_files) {
  fs::path out;
  for (const fs::path& path : event_files) {
    if (fs::is_regular_file(path)) out = std::max(out, path);
  }
  return out;
}

/// The bytes of the whole records that a file begins with. A record is its length in 8 bytes, 4 of a checksum, the
/// data, 4 of a checksum; of a process that was killed while it wrote, the last may be cut off, and readers go no
/// further.
std::uint64_t whole_records(const fs::path& path) {
  constexpr std::uint64_t kAround = 16;
  std::ifstream file(path, std::ios::binary);
  const std::uint64_t size = fs::file_size(path);
  std::uint64_t at = 0;
  for (std::array<unsigned char, 8> bytes; size - at >= kAround;) {
    file.seekg(static_cast<std::streamoff>(at));
    if (!file.read(reinterpret_cast<char*>(bytes.data()), bytes.size())) break;
    std::uint64_t length = 0;
    for (std::size_t i = bytes.size(); i-- > 0;) length = length << 8 | bytes[i];
    if (length > size - at - kAround) break;
    at += kAround + length;
  }
  return at;
}

/// TensorBoard reads files by their names' order: a new one is behind the last.
std::string new_name(const fs::path& last, double now) {
  double begun = std::floor(now);
  if (!last.empty()) {
    const std::string name = last.filename().string();
    begun = std::max(begun, std::strtod(name.c_str() + std::string_view(kPrefix).size(), nullptr) + 1);
  }
  return fmt::format("{}{:010.0f}.{}.{}{}", kPrefix, begun, host_name(), getpid(), kSuffix);
}

/// As a block of code, in which Markdown means nothing.
std::string markdown_of(const ValidationSample& sample) {
  return fmt::format("    source       {}\n    reference    {}\n    translation  {}\n", sample.translated.source,
                     sample.reference, sample.translated.translations.front().text);
}

std::string as_code(const std::string& yaml) {
  std::string out = "    ";
  for (const char c : yaml) out += c == '\n' ? std::string("\n    ") : std::string(1, c);
  return out;
}

std::span<const float> values_of(const Parameter& parameter, std::int64_t rows) {
  const Tensor& tensor = parameter.value.view();
  return {tensor.data, static_cast<std::size_t>(rows * tensor.columns)};
}

std::string records_of(const ValidationView& view) {
  const ValidationResult& result = view.result;
  const tb::Moment moment{wall_time(), result.update};
  std::vector<std::pair<std::string, double>> values = {{"validation/loss", std::log(result.perplexity)},
                                                        {"validation/perplexity", result.perplexity},
                                                        {"train/epoch_loss", result.train_loss}};
  for (const auto& [name, value] : result.metrics) values.emplace_back("validation/" + name, value);
  if (result.attention_maximum > 0) {
    values.emplace_back("validation/attention_entropy", result.attention_entropy);
    values.emplace_back("validation/attention_maximum", result.attention_maximum);
  }
  std::string records = tb::scalars(moment, values);
  for (const Parameter* parameter : view.model.parameters().all()) {
    records += tb::histogram(moment, "weights/" + parameter->name, values_of(*parameter, parameter->rows()));
    if (view.gradient.empty()) continue;
    const auto offset = static_cast<std::size_t>(view.model.parameters().offset(parameter->index));
    records += tb::histogram(moment, "gradients/" + parameter->name,
                             view.gradient.subspan(offset, static_cast<std::size_t>(parameter->size())));
  }
  for (std::size_t i = 0; i < view.samples.size(); ++i) {
    const Translated& translated = view.samples[i].translated;
    records += tb::text(moment, fmt::format("samples/{}", i + 1), markdown_of(view.samples[i]));
    if (translated.translations.front().attention.empty()) continue;
    const AttentionPicture picture = picture_of(translated, {.merging = Merging::kPieces});
    records += tb::image(moment, fmt::format("attention/{}", i + 1), render_png(std::span(&picture, 1), {}));
  }
  return records;
}

}  // namespace

TensorboardLog::TensorboardLog(std::string directory, std::string config, bool own, Warn warn)
    : directory_(std::move(directory)), config_(std::move(config)), own_(own), warn_(std::move(warn)) {}

TensorboardLog::~TensorboardLog() {
  std::error_code ignored;
  if (replaces_) fs::remove(file_, ignored);  // the earlier run stays, and its events alone
}

// A TensorBoard that reads the last one goes on to the next at its end, but where it is gone some never do.
void TensorboardLog::remove_earlier() {
  std::error_code ignored;
  const fs::path last = last_of(earlier_);
  for (const fs::path& file : earlier_) {
    if (file != last) fs::remove(file, ignored);
  }
  if (!last.empty()) fs::resize_file(last, 0, ignored);
  earlier_.clear();
}

void TensorboardLog::start(const TrainingStart& start) try {
  fs::create_directories(directory_);
  // What logs to a folder of the user's choice may be another run's.
  if (!start.resumed && own_) earlier_ = event_files(directory_);
  replaces_ = start.replaces;
  if (!replaces_) remove_earlier();
  const fs::path before = last_of(event_files(directory_));
  const double now = wall_time();
  std::string records = tb::session_start({now, start.update + (start.resumed ? 1 : 0)});
  if (start.resumed && own_ && !before.empty()) {
    file_ = before;
    fs::resize_file(file_, whole_records(file_));
  } else {
    file_ = directory_ / new_name(before, now);
    records = tb::file_version(now) + records;
    if (!before.empty() && !own_ && !start.resumed) {
      warn_(
          fmt::format("training.tensorboard: '{}' has event files of an earlier run, which TensorBoard will not show "
                      "beside this one's",
                      directory_.string()));
    }
  }
  append(records + tb::text({now, start.update}, "config", as_code(config_)));
} catch (const fs::filesystem_error& error) {
  throw Error(
      fmt::format("training.tensorboard: cannot write to '{}': {}", directory_.string(), error.code().message()));
}

void TensorboardLog::add(const TrainingProgress& progress) {
  const int every = (progress.batches + kPointsPerEpoch - 1) / kPointsPerEpoch;
  if (failed_ || (progress.batch % every != 0 && progress.batch < progress.batches)) return;
  const std::vector<std::pair<std::string, double>> values = {
      {"train/loss", progress.update_loss},
      {"train/perplexity", std::exp(std::min(progress.update_loss, 88.0))},
      {"train/learning_rate", progress.learning_rate},
      {"train/gradient_norm", progress.gradient_norm},
      {"train/words_per_second", progress.target_tokens_per_second}};
  try {
    append(tb::scalars({wall_time(), progress.update}, values));
  } catch (const Error& error) {
    failed_ = true;
    warn_(fmt::format("{}; training goes on without TensorBoard", error.what()));
  }
}

void TensorboardLog::add(const ValidationView& view) {
  replaces_ = false;
  if (failed_) return;
  try {
    remove_earlier();
    append(records_of(view));
    if (view.result.best) write_projector(view);
  } catch (const Error& error) {
    failed_ = true;
    warn_(fmt::format("{}; training goes on without TensorBoard", error.what()));
  }
}

// Opened by its name each time: the folder may lie in the run's directory, which every checkpoint replaces.
void TensorboardLog::append(const std::string& records) const {
  try {
    append_to_file(file_, records);
  } catch (const Error& error) {
    throw Error(fmt::format("training.tensorboard: {}", error.what()));
  }
}

// The most frequent tokens, those with the least ids, and their vectors.
void TensorboardLog::write_projector(const ValidationView& view) const {
  std::vector<tb::Embedding> embeddings;
  for (const Parameter* parameter : view.model.parameters().all()) {
    const std::optional<VocabularyArray> array = vocabulary_array(parameter->name);
    if (!array || array->in_columns) continue;
    const TextSide& side = array->of_source ? view.source : view.target;
    if (side.vocabulary_size() != parameter->rows()) continue;
    const auto rows = std::min<std::int64_t>(parameter->rows(), kProjectedTokens);
    std::vector<std::string> tokens;
    tokens.reserve(static_cast<std::size_t>(rows));
    for (int id = 0; id < rows; ++id) tokens.push_back(side.token(id));
    const std::string& name = parameter->name;
    embeddings.push_back({name, name + ".vectors.tsv", name + ".labels.tsv"});
    write_file_atomically(
        directory_ / embeddings.back().vectors,
        tb::projector_vectors(values_of(*parameter, rows), static_cast<std::size_t>(parameter->columns())));
    write_file_atomically(directory_ / embeddings.back().metadata, tb::projector_labels(tokens));
  }
  write_file_atomically(directory_ / "projector_config.pbtxt", tb::projector_config(embeddings));
}

}  // namespace heed::app
