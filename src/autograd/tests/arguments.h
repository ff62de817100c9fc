#pragma once
#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <vector>

#include "error_of.h"
#include "heed/autograd/recurrent_attention.h"
#include "heed/tensor/worker_pool.h"

namespace heed {

/// The arguments of one call of an operation: all of them right, or all but one. A call asks for its arguments one by
/// one and is made again for every way in which one of them can be wrong.
class Arguments {
 public:
  /// What may be otherwise of an argument.
  enum Free { kNothing = 0, kRows = 1, kColumns = 2, kEmpty = 4 };
  static constexpr int kRight = -1;

  Arguments(bool recording, int fault) : tape_(arena_, recording), fault_(fault) {}

  Tape& tape() { return tape_; }
  Arena& arena() { return arena_; }
  /// Which way the call was wrong in; empty if there are not so many.
  const std::string& fault() const { return what_; }

  Variable variable(const std::string& name, std::int64_t rows, std::int64_t columns, int free = kNothing) {
    if (!(free & kEmpty) && wrong(name + " is empty")) return {};
    if (!(free & kRows) && wrong(name + " lacks a row")) --rows;
    if (!(free & kColumns) && wrong(name + " has a column more")) ++columns;
    return tape_.variable(arena_.zeros(rows, columns));
  }
  /// Gates of a recurrent step, which writes their gradient over them.
  Variable gates(std::int64_t rows, std::int64_t columns, int free = kNothing) {
    const Variable out = variable("gates", rows, columns, free);
    const bool keeps = tape_.recording() && wrong("the gradient of gates stands elsewhere");
    if (!out.empty() && !keeps) tape_.gradient_replaces_value(out);
    return out;
  }
  const Parameter* weight(const std::string& name, std::int64_t rows, std::int64_t columns, int free = kNothing) {
    if (wrong(name + " is missing")) return nullptr;
    if (wrong(name + " has a row more")) ++rows;
    if (!(free & kColumns) && wrong(name + " has a column more")) ++columns;
    Parameter& out = parameter(name, ParameterRole::kWeight, rows, columns);
    if (wrong(name + " is not packed")) return &out;
    out.forward.pack(out.value.view(), false, Precision::kFloat32);
    if (tape_.recording() && wrong(name + " is packed for inference")) return &out;
    out.backward.pack(out.value.view(), true, Precision::kFloat32);
    return &out;
  }
  const Parameter* vector(const std::string& name, std::int64_t columns, int free = kNothing) {
    if (!(free & kEmpty) && wrong(name + " is missing")) return nullptr;
    if (wrong(name + " has a column more")) ++columns;
    if (wrong(name + " has two rows")) return &parameter(name, ParameterRole::kVector, 2, columns);
    Parameter& out = parameter(name, ParameterRole::kVector, 1, columns);
    if (wrong(name + " has no values")) out.value = Buffer::of_shape(1, columns);
    return &out;
  }
  /// Values of a parameter that is no weight of products.
  const Parameter& table(const std::string& name, std::int64_t rows, std::int64_t columns) {
    Parameter& out = parameter(name, ParameterRole::kEmbedding, rows, columns);
    if (wrong(name + " has no values")) out.value = Buffer::of_shape(rows, columns);
    return out;
  }
  /// As many ids, from 0 to limit - 1; below 0 is right with kEmpty, limit with kColumns.
  std::span<const int> ids(const std::string& name, std::size_t count, int limit, int free = kNothing) {
    const std::span<int> out = arena_.array<int>(count);
    for (std::size_t i = 0; i < count; ++i) out[i] = static_cast<int>(i) % limit;
    if (!(free & kEmpty) && wrong(name + " has one below 0")) out[count / 2] = -1;
    if (!(free & kColumns) && wrong(name + " has one beyond")) out[count - 1] = limit;
    return out.first(!(free & kRows) && wrong(name + " has one less") ? count - 1 : count);
  }
  template <typename T>
  T number(const std::string& name, T right, T wrong_one) {
    return wrong(name) ? wrong_one : right;
  }
  /// Makes what a fault is that is none of these.
  bool wrong(const std::string& what) {
    if (next_++ != fault_) return false;
    what_ = what;
    return true;
  }

  // Three rows that look at three sentences of kPositions positions together.
  static constexpr int kPositions = 8, kLongest = 4;
  std::span<const int> sentence(int free = kNothing) {
    std::span<int> out = arena_.array<int>(3);
    out[0] = 2, out[1] = 0, out[2] = 2;
    if (wrong("a sentence below 0")) out[1] = -1;
    if (wrong("a sentence that there is not")) out[1] = 3;
    return !(free & kRows) && wrong("a row has no sentence") ? out.first(2) : out;
  }
  SentenceRows sentences(bool of_a_matrix) {
    std::span<int> offsets = arena_.array<int>(3), lengths = arena_.array<int>(3);
    offsets[0] = 0, offsets[1] = 3, offsets[2] = 4;
    lengths[0] = 3, lengths[1] = 1, lengths[2] = 4;
    if (wrong("a sentence without positions")) lengths[2] = 0;
    if (wrong("a sentence longer than the longest")) lengths[2] = kLongest + 1;
    if (of_a_matrix && wrong("a sentence before the matrix")) offsets[2] = -1;
    if (of_a_matrix && wrong("a sentence beyond the matrix")) offsets[2] = 5;
    return {offsets, lengths, kLongest};
  }
  Pairing pairing() { return {sentences(false), sentence()}; }
  std::span<const PositionWindow> windows() {
    std::span<PositionWindow> out = arena_.array<PositionWindow>(3);
    out[0] = {1, 3}, out[1] = {0, 1}, out[2] = {0, 4};
    if (wrong("a window before the sentence")) out[0].first = -1;
    if (wrong("a window without positions")) out[0].last = 1;
    if (wrong("a window beyond the sentence")) out[2].last = kLongest + 1;
    return wrong("a row has no window") ? out.first(2) : out;
  }
  SourceMatrix source(const std::string& name, std::int64_t columns, bool collects, int free = kNothing) {
    const int offsets[] = {0}, lengths[] = {1};
    const Variable one = tape_.variable(arena_.zeros(1, 1));
    SourceMatrix out = source_matrix(tape_, one, {offsets, lengths, 1});
    if (tape_.recording() && collects && wrong(name + " collect no gradient")) out.pending = nullptr;
    out.rows = variable(name, kPositions, columns, free);
    out.sentences = sentences(true);
    return out;
  }

 private:
  Parameter& parameter(const std::string& name, ParameterRole role, std::int64_t rows, std::int64_t columns) {
    parameters_.push_back({name, role, Buffer(rows, columns), static_cast<int>(parameters_.size()), {}, {}});
    return parameters_.back();
  }

  Arena arena_;
  Tape tape_;
  std::deque<Parameter> parameters_;
  int fault_;
  int next_ = 0;
  std::string what_;
};

/// A call of an operation, under the name that its errors begin with.
struct OperationCall {
  std::string name;
  void (*call)(Arguments& arguments);
};

/// With and without recording: the right arguments are taken, and each wrong one is refused.
inline void refuses_wrong_arguments(const OperationCall& operation) {
  for (const bool recording : {false, true}) {
    Arguments right(recording, Arguments::kRight);
    ASSERT_NO_THROW(operation.call(right));
    for (int fault = 0;; ++fault) {
      Arguments arguments(recording, fault);
      const std::string message = error_of([&] { operation.call(arguments); });
      if (arguments.fault().empty()) {
        EXPECT_GT(fault, 0) << "nothing can be wrong with it";
        break;
      }
      EXPECT_TRUE(message.starts_with(operation.name + ": ")) << arguments.fault() << ": '" << message << "'";
    }
  }
}

}  // namespace heed
