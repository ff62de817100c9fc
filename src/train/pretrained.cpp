#include "pretrained.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "heed/base/error.h"
#include "heed/data/lines.h"

namespace heed {
namespace {

std::string_view trimmed(std::string_view text) {
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

std::optional<long> whole_number(std::string_view text) {
  long out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size() || out < 0) return std::nullopt;
  return out;
}

/// Counts that begin a file of word2vec and fastText.
struct Header {
  long vectors;
  long width;
};
std::optional<Header> header_of(std::string_view line) {
  const std::size_t blank = line.find(' ');
  if (blank == std::string_view::npos) return std::nullopt;
  const auto vectors = whole_number(line.substr(0, blank)), width = whole_number(line.substr(blank + 1));
  if (!vectors || !width) return std::nullopt;
  return Header{*vectors, *width};
}

/// Takes the last word off a line.
std::string_view take_last(std::string_view& line) {
  line = trimmed(line);
  const std::size_t blank = line.find_last_of(" \t");
  const std::string_view word = blank == std::string_view::npos ? line : line.substr(blank + 1);
  line.remove_suffix(word.size());
  return word;
}

class VectorFile {
 public:
  VectorFile(const std::string& path, const std::string& key, std::int64_t width)
      : path_(path), key_(key), reader_(path), numbers_(static_cast<std::size_t>(width)) {}

  /// The next token, and its numbers in numbers(); none at the end.
  std::optional<std::string_view> next() {
    std::optional<Line> line = reader_.next_text();
    if (line && line->number == 1) {
      header_ = header_of(trimmed(line->text));
      if (header_) check_width(header_->width);
      if (header_) line = reader_.next_text();
    }
    if (!line) return end();
    ++vectors_;
    std::string_view rest = line->text;
    for (std::size_t i = numbers_.size(); i-- > 0;) numbers_[i] = number(take_last(rest), rest, *line);
    rest = trimmed(rest);
    // A token of fastText's may have blanks; a vector that is longer than asked for looks alike.
    if (!header_ && rest.find(' ') != std::string_view::npos) check_width(words_of(line->text) - 1);
    if (rest.empty()) fail(*line, fmt::format("expected a token and {} numbers", numbers_.size()));
    return rest;
  }
  const std::vector<float>& numbers() const { return numbers_; }

 private:
  static long words_of(std::string_view line) {
    long count = 0;
    while (!trimmed(line).empty()) {
      take_last(line);
      ++count;
    }
    return count;
  }
  float number(std::string_view word, std::string_view before, const Line& line) const {
    float out = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), out);
    if (before.empty() || error != std::errc() || end != word.data() + word.size() || !std::isfinite(out)) {
      if (!header_) check_width(words_of(line.text) - 1);
      fail(line, fmt::format("expected a token and {} numbers", numbers_.size()));
    }
    return out;
  }
  void check_width(long width) const {
    const auto wanted = static_cast<long>(numbers_.size());
    if (width == wanted) return;
    throw UsageError(fmt::format("{}: the vectors of {} have {} numbers, but the model's embeddings of that side {}: "
                                 "set model.{}_embedding to {}",
                                 key_, path_, width, wanted, key_.ends_with("source") ? "source" : "target", width),
                     {.file = path_, .key = key_});
  }
  std::optional<std::string_view> end() const {
    if (vectors_ == 0) throw Error(ErrorKind::kData, path_ + " has no vectors", {.file = path_, .key = key_});
    if (header_ && header_->vectors != vectors_) {
      throw Error(ErrorKind::kData,
                  fmt::format("{} ends after {} vectors; its first line says {}", path_, vectors_, header_->vectors),
                  {.file = path_, .key = key_});
    }
    return std::nullopt;
  }
  [[noreturn]] void fail(const Line& line, const std::string& text) const {
    throw Error::at({.file = path_, .line = line.number, .key = key_}, text);
  }

  std::string path_;
  std::string key_;
  LineReader reader_;
  std::vector<float> numbers_;
  std::optional<Header> header_;
  long vectors_ = 0;
};

}  // namespace

void read_vectors(const std::string& path, const std::string& name, const TextSide& side, const Parameter& array,
                  const LogSink& log) {
  VectorFile file(path, name, array.columns());
  const Tensor table = array.value.view();
  std::vector<bool> found(static_cast<std::size_t>(side.vocabulary_size()));
  const int unknown = side.id("");
  std::size_t count = 0;
  while (const std::optional<std::string_view> token = file.next()) {
    const int id = side.id(*token);
    if (id == unknown || found[static_cast<std::size_t>(id)]) continue;
    found[static_cast<std::size_t>(id)] = true;
    ++count;
    std::copy(file.numbers().begin(), file.numbers().end(), table.row(id));
  }
  if (count == 0) {
    throw Error(ErrorKind::kData, fmt::format("{} has a vector of none of the {} tokens", path, found.size()),
                {.file = path, .key = name});
  }
  log(LogLevel::kInfo, fmt::format("{}: {} of {} tokens have a vector in {}", name, count, found.size(), path));
}

void take_vectors(Seq2Seq& model, const TextSide& source, const TextSide& target, const LogSink& log) {
  const auto take = [&](const std::string& path, const std::string& side, const TextSide& text) {
    if (path.empty()) return;
    for (const Parameter* parameter : model.parameters().all()) {
      if (parameter->name == side + ".embedding") read_vectors(path, "model.pretrained." + side, text, *parameter, log);
    }
  };
  take(model.options().pretrained_source, "source", source);
  take(model.options().pretrained_target, "target", target);
}

}  // namespace heed
