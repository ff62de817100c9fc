#pragma once
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "heed/tensor/buffer.h"
#include "heed/tensor/kernels/matmul.h"

namespace heed {

/// What a parameter is used for: only weights are packed for matrix products.
enum class Role {
  kWeight,
  kHoistedWeight,  ///< a weight whose training products have the rows of all steps at once: read where it lies
  kEmbedding,
  kVector,
};

/// A named array that training changes. Weights are stored [in, out].
struct Parameter {
  std::string name;
  Role role = Role::kWeight;
  Buffer value;
  int index = -1;          ///< place in the model's ParameterList
  PackedWeights forward;   ///< W, packed
  PackedWeights backward;  ///< W^T, packed; only while training

  std::int64_t rows() const { return value.view().rows; }
  std::int64_t columns() const { return value.view().columns; }
  std::int64_t size() const { return value.view().size(); }
};

using ParameterVisitor = std::function<void(Parameter&)>;

/// All parameters of a model in a fixed order; gives each its index and its place in a flat gradient.
class ParameterList {
 public:
  explicit ParameterList(const std::function<void(const ParameterVisitor&)>& visit);

  std::span<Parameter* const> all() const { return all_; }
  std::int64_t offset(int index) const { return offsets_[static_cast<std::size_t>(index)]; }
  std::int64_t total() const { return total_; }

  /// Packs every weight again after its value has changed. `part` of `parts` equal shares, for several threads.
  void pack(Precision precision, bool for_training, int part = 0, int parts = 1);

 private:
  std::vector<Parameter*> all_;
  std::vector<std::int64_t> offsets_;
  std::int64_t total_ = 0;
};

/// Gradients of all parameters, one flat array for each worker.
class GradientStore {
 public:
  explicit GradientStore(const ParameterList& parameters);
  Tensor of(const Parameter& parameter) const;
  const Tensor& flat() const { return flat_.view(); }

  /// Everything is zero again. Weights are only marked, since their first product of a batch replaces what stands
  /// there: first_write(); finish() then clears those that got none.
  void start_batch();
  Into first_write(const Parameter& weight);
  void finish();
  /// Rows of a table that this batch adds to: what the next start_batch() has to clear.
  void touch_rows(const Parameter& table, std::span<const int> rows);
  /// All rows that another store's batch has touched: to be called where that store is added to this one.
  void touch_rows_of(const GradientStore& other);

 private:
  const ParameterList& parameters_;
  Buffer flat_;
  std::vector<bool> written_;              // by index, weights only
  std::vector<std::vector<int>> touched_;  // by index, tables only
};

}  // namespace heed
