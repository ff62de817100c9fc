#include "heed/autograd/checks.h"

#include <algorithm>
#include <string>
#include <utility>

#include "fmt/format.h"
#include "heed/base/error.h"

namespace heed {
namespace {

template <typename... Parts>
[[noreturn]] void fail(const char* operation, fmt::format_string<Parts...> text, Parts&&... parts) {
  throw Error(ErrorKind::kArgument, fmt::format("{}: {}", operation, fmt::format(text, std::forward<Parts>(parts)...)),
              {.operation = operation});
}

std::string size_of(std::int64_t size) { return size == ArgumentCheck::kAny ? "any" : std::to_string(size); }
std::string shape_of(const Tensor& x) { return fmt::format("[{}, {}]", x.rows, x.columns); }

/// "x is [2, 3]", "keys are [4, 3]"
std::string says(const std::string& name, const Tensor& x) {
  return fmt::format("{} {} {}", name, name.ends_with('s') ? "are" : "is", shape_of(x));
}

}  // namespace

void ArgumentCheck::that(bool holds, const char* complaint) const {
  if (!holds) fail(operation_, "{}", complaint);
}

void ArgumentCheck::refuse_empty(const char* name) const { fail(operation_, "{} is empty", name); }

void ArgumentCheck::refuse_shape(const char* name, const Tensor& x, std::int64_t rows, std::int64_t columns) const {
  fail(operation_, "{}, not [{}, {}]", says(name, x), size_of(rows), size_of(columns));
}

void ArgumentCheck::first_rows(const char* name, const Variable& x, std::int64_t rows, std::int64_t columns) const {
  given(name, x);
  if (x.rows() >= rows && x.columns() == columns) return;
  fail(operation_, "{}, not [{} or more, {}]", says(name, x.value()), rows, columns);
}

void ArgumentCheck::refuse_rows(const char* name, const Tensor& x, std::int64_t first, std::int64_t count) const {
  fail(operation_, "rows {} to {}, but {}", first, first + count - 1, says(name, x));
}

void ArgumentCheck::refuse_pair(const char* name, const Tensor& x, const char* other_name, const Tensor& y) const {
  fail(operation_, "{}, {}", says(name, x), says(other_name, y));
}

void ArgumentCheck::values(const Parameter* parameter) const {
  if (parameter == nullptr) fail(operation_, "a parameter is missing");
  if (!parameter->value.view().empty()) return;
  fail(operation_, "'{}' has no values yet: initialize() gives it its first ones", parameter->name);
}

void ArgumentCheck::elements(const Parameter* parameter, std::int64_t first, std::int64_t count) const {
  values(parameter);
  if (first >= 0 && count >= 0 && first + count <= parameter->size()) return;
  fail(operation_, "elements {} to {} of '{}', which has {}", first, first + count - 1, parameter->name,
       parameter->size());
}

void ArgumentCheck::listed(const Parameter* parameter, std::span<Parameter* const> all) const {
  if (parameter == nullptr) fail(operation_, "a parameter is missing");
  const int index = parameter->index;
  if (index >= 0 && static_cast<std::size_t>(index) < all.size() && all[index] == parameter) return;
  fail(operation_, "'{}' is in no ParameterList, or in another one", parameter->name);
}

void ArgumentCheck::gradient(const Parameter& parameter, std::int64_t rows, std::int64_t columns) const {
  if (parameter.rows() == rows && parameter.columns() == columns) return;
  fail(operation_, "a gradient [{}, {}] of '{}', which is {}", rows, columns, parameter.name,
       shape_of(parameter.value.view()));
}

void ArgumentCheck::share(int part, int parts) const {
  if (part < 0 || part >= parts) fail(operation_, "part {} of {}", part, parts);
}

void ArgumentCheck::refuse_vector(const Parameter* parameter, std::int64_t columns) const {
  values(parameter);
  fail(operation_, "'{}' is {}, not [1, {}]", parameter->name, shape_of(parameter->value.view()), columns);
}

void ArgumentCheck::refuse_product(const Tape& tape, const char* name, const Variable& x,
                                   const Parameter* weight) const {
  given(name, x);
  if (weight == nullptr) fail(operation_, "the weight of {} is missing", name);
  if (x.columns() != weight->in()) {
    fail(operation_, "{}, weight '{}' has {} {}", says(name, x.value()), weight->name, weight->in(),
         weight->tied ? "columns" : "rows");
  }
  if (!weight->is_weight()) {
    fail(operation_, "'{}' has another role than a weight's, so ParameterList::pack() leaves it out", weight->name);
  }
  fail(operation_, "weight '{}' is not packed{}: call ParameterList::pack(precision, {})", weight->name,
       weight->forward.empty() ? "" : " for the backward pass", tape.recording());
}

void ArgumentCheck::output(const Tape& tape, const char* name, const Variable& hidden,
                           const OutputLayer& output) const {
  product(tape, name, hidden, output.weight);
  vector(output.bias, output.weight->out());
}

void ArgumentCheck::terms(const Tape& tape, std::span<const LinearTerm> terms, std::int64_t columns) const {
  if (terms.empty()) fail(operation_, "there are no terms");
  for (const LinearTerm& term : terms) {
    product(tape, "x", term.x, term.weight);
    if (term.weight->columns() == columns) continue;
    fail(operation_, "weight '{}' is [{}, {}], but the sum has {} columns", term.weight->name, term.weight->rows(),
         term.weight->columns(), columns);
  }
}

void ArgumentCheck::replaced(const Tape& tape, const char* name, const Variable& x) const {
  if (!tape.recording() || x.gradient().data == x.value().data) return;
  fail(operation_, "the gradient of {} does not replace the value: call Tape::gradient_replaces_value()", name);
}

void ArgumentCheck::gates(const Tape& tape, const Variable& gates, std::span<const LinearTerm> all, std::int64_t rows,
                          std::int64_t columns) const {
  if (!all.empty()) terms(tape, all, columns);
  if (!gates.empty()) {
    shape("gates", gates, rows, columns);
    replaced(tape, "gates", gates);
  } else if (all.empty()) {
    fail(operation_, "gates are empty, and there are no terms");
  } else {
    first_rows("x", all.front().x, rows, all.front().weight->rows());
  }
}

void ArgumentCheck::ids(const char* name, std::span<const int> ids, std::int64_t count, std::int64_t limit) const {
  if (!fits(static_cast<std::int64_t>(ids.size()), count)) {
    fail(operation_, "there are {} {}, not {}", ids.size(), name, count);
  }
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] < 0) fail(operation_, "{}[{}] is {}", name, i, ids[i]);
    if (limit != kAny && ids[i] >= limit) fail(operation_, "{}[{}] is {}, of {}", name, i, ids[i], limit);
  }
}

void ArgumentCheck::positions(const SentenceRows& sentences, int sentence, std::int64_t rows) const {
  const std::int64_t first = sentences.offsets[sentence];
  const std::int64_t length = sentences.lengths[sentence];
  if (length < 1 || length > sentences.longest) {
    fail(operation_, "sentence {} has {} positions, the longest {}", sentence, length, sentences.longest);
  }
  if (rows == kAny || (first >= 0 && first + length <= rows)) return;
  fail(operation_, "sentence {} is rows {} to {}, of {}", sentence, first, first + length - 1, rows);
}

void ArgumentCheck::sentences(const SentenceRows& sentences, std::int64_t rows) const {
  if (sentences.offsets.size() != sentences.lengths.size()) {
    fail(operation_, "there are {} sentences with an offset, {} with a length", sentences.offsets.size(),
         sentences.lengths.size());
  }
  for (std::size_t b = 0; b < sentences.lengths.size(); ++b) positions(sentences, static_cast<int>(b), rows);
}

void ArgumentCheck::pairing(const Pairing& pairing, std::int64_t rows) const {
  const auto& [source, sentence, windows] = pairing;
  const std::size_t count = std::min(source.offsets.size(), source.lengths.size());
  if (!windows.empty()) window_count(windows.size(), sentence.size());
  for (std::size_t r = 0; r < sentence.size(); ++r) {
    if (sentence[r] < 0 || static_cast<std::size_t>(sentence[r]) >= count) {
      fail(operation_, "sentence[{}] is {}, of {}", r, sentence[r], count);
    }
    positions(source, sentence[r], rows);
    if (!windows.empty()) window(windows[r], r, source.lengths[sentence[r]]);
  }
}

void ArgumentCheck::source(const Tape& tape, const char* name, const SourceMatrix& source, const Pairing& pairs) const {
  given(name, source.rows);
  pairing(pairs, source.rows.rows());
  if (!tape.recording() || source.pending != nullptr || !pairs.windows.empty()) return;
  fail(operation_, "{} collect no gradient: source_matrix() makes what does", name);
}

void ArgumentCheck::query(const Variable& query, const SourceMatrix& keys, std::span<const int> sentence) const {
  same_columns("query", query, "keys", keys.rows);
  shape("query", query, static_cast<std::int64_t>(sentence.size()), kAny);
}

void ArgumentCheck::additive(const AdditivePair& pair, std::span<const int> sentence) const {
  query(pair.query, pair.keys, sentence);
  shape("v", pair.v, 1, pair.query.columns());
  pairing({pair.keys.sentences, sentence}, pair.keys.rows.rows());
}

void ArgumentCheck::scores(const char* name, const Variable& x, const Pairing& pairing) const {
  shape(name, x, static_cast<std::int64_t>(pairing.sentence.size()), pairing.source.longest);
}

void ArgumentCheck::windows(std::span<const PositionWindow> windows, std::int64_t rows, std::int64_t columns) const {
  window_count(windows.size(), static_cast<std::size_t>(rows));
  for (std::size_t r = 0; r < windows.size(); ++r) window(windows[r], r, columns);
}

void ArgumentCheck::window_count(std::size_t windows, std::size_t rows) const {
  if (windows != rows) fail(operation_, "there are {} windows, not {}", windows, rows);
}

void ArgumentCheck::window(const PositionWindow& window, std::size_t row, std::int64_t positions) const {
  if (window.first >= 0 && window.first < window.last && window.last <= positions) return;
  fail(operation_, "windows[{}] is [{}, {}), of {} positions", row, window.first, window.last, positions);
}

}  // namespace heed
