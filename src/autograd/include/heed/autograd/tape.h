#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "heed/autograd/parameter.h"
#include "heed/base/export.h"
#include "heed/products/matmul.h"
#include "heed/tensor/arena.h"

namespace HEED_ENGINE_API heed {

class Tape;

/// A value on a tape and, while recording, its gradient. A handle: copies refer to the same value. An empty Variable
/// means none (no previous state, no context).
class Variable {
 public:
  Variable() = default;
  bool empty() const { return node_ == nullptr; }
  const Tensor& value() const { return node_->value; }
  std::int64_t rows() const { return node_->value.rows; }
  std::int64_t columns() const { return node_->value.columns; }
  /// The gradient, zero at first use: operations add to it.
  Tensor gradient() const { return gradient_of(*node_); }
  /// False until something was added; the operation that made the value then skips its backward pass.
  bool has_gradient() const { return touched(*node_); }

 private:
  friend class Tape;
  struct Node {
    Tensor value;
    Tensor gradient;
    Node* whole;         // for a view: the variable whose rows these are
    std::int64_t first;  // for a view: the first of those rows
    Arena* arena;
  };
  explicit Variable(Node* node) : node_(node) {}
  static Tensor gradient_of(Node& node);
  static bool touched(const Node& node);

  Node* node_ = nullptr;
};

/// Records, for one batch, how values were made; backward() runs it from the end. Operations (operations.h) are
/// functions that compute a value at once and record how its gradient flows back. Lives in an arena: a recorded
/// operation costs a few nanoseconds, and clear() with a reset of the arena forgets all.
class Tape {
 public:
  /// Without `recording`: inference.
  explicit Tape(Arena& arena, bool recording = false) : arena_(&arena), recording_(recording) {}
  Tape(const Tape&) = delete;
  Tape& operator=(const Tape&) = delete;

  bool recording() const { return recording_; }
  Arena& arena() const { return *arena_; }

  Variable variable(const Tensor& value);
  Variable variable(std::int64_t rows, std::int64_t columns) { return variable(arena_->tensor(rows, columns)); }
  /// A list of variables that lives as long as they do.
  ArenaList<Variable> list(std::initializer_list<Variable> variables) const { return arena_->list(variables); }
  /// Rows [first, first + count) of x, sharing value and gradient with it.
  Variable view(const Variable& x, std::int64_t first, std::int64_t count);
  /// Makes x's gradient alias its value, for operations that overwrite their input.
  void gradient_replaces_value(const Variable& x) { x.node_->gradient = x.node_->value; }

  /// `backward` is called once, after everything that was recorded later. It may hold only handles and pointers into
  /// the arena.
  template <typename Backward>
  void record(Backward backward) {
    if (!recording()) return;
    auto* step = arena_->make<Step<Backward>>(backward);
    steps_.push_back({[](void* data) { static_cast<Step<Backward>*>(data)->backward(); }, step});
  }

  /// Runs the recorded operations backwards. Gradients of parameters are then collected() for GradientStore::collect.
  void backward();

  /// For operations. A weight's gradient is x^T dy, x [n, in] and dy [n, out], computed later as one product over all
  /// steps and all tapes of a batch.
  void add_weight_gradient(const Parameter& weight, const Tensor& x, const Tensor& dy);
  /// A vector's gradient is the sum of the rows of dy.
  void add_bias_gradient(const Parameter& bias, const Tensor& dy);
  /// Rows of dy are gradients of the rows `ids` of a table.
  void add_row_gradients(const Parameter& table, std::span<const int> ids, const Tensor& dy);
  /// A parameter's gradient [rows, columns], which may change until the end of backward().
  void add_gradient(const Parameter& parameter, const Tensor& gradient);
  /// One such gradient for all operations of the tape that call this and add to it; zero at first use.
  Tensor shared_gradient(const Parameter& parameter);

  /// One parameter's collected gradients, in the arena.
  struct Collected {
    struct Rows {
      std::span<const int> ids;
      Tensor dy;
    };
    std::vector<GradientRows> products;  ///< of a weight; of a vector without x
    std::vector<Rows> rows;
    std::vector<Tensor> sums;
  };
  /// Empty if the parameter has none.
  const Collected& collected(const Parameter& parameter) const;

  /// Forgets everything recorded; the caller resets the arena.
  void clear();

 private:
  template <typename Backward>
  struct Step {
    Backward backward;
  };
  struct Recorded {
    void (*run)(void*);
    void* data;
  };
  Collected& collecting(const Parameter& parameter);

  Arena* arena_;
  bool recording_;
  std::vector<Recorded> steps_;
  std::vector<Collected> collected_;  // by index of the parameter
  std::vector<Tensor> shared_;        // likewise; empty: nobody asked
};

}  // namespace heed
