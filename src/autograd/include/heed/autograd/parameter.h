#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "heed/base/export.h"
#include "heed/base/rng.h"
#include "heed/products/packed_weights.h"
#include "heed/tensor/buffer.h"

namespace HEED_ENGINE_API heed {

/// What a parameter is used for: only weights are packed for matrix products.
enum class ParameterRole {
  kWeight,
  kHoistedWeight,  ///< its training products have the rows of all steps at once: left unpacked where that is as fast
  kEmbedding,
  kVector,
};

struct InitialOptions;

/// A named array that training changes. Weights are stored [in, out].
struct Parameter {
  std::string name;
  ParameterRole role = ParameterRole::kWeight;
  Buffer value;
  int index = -1;             ///< place in the model's ParameterList
  PackedWeights forward;      ///< W, packed
  PackedWeights backward;     ///< W^T, packed; only while training
  QuantizedTable table = {};  ///< of an embedding in int8, read instead of `value`
  using Initializer = std::function<void(const Tensor& value, Rng& rng, const InitialOptions& options)>;
  Initializer initializer = nullptr;  ///< nullptr: zeros
  /// Of an embedding: its transpose is a weight too (an OutputLayer's), packed as such, in int8 for both uses together.
  bool tied = false;
  bool frozen = false;  ///< training leaves the value as it is, and its gradient is zero

  /// What its product reads and gives.
  std::int64_t in() const { return tied ? columns() : rows(); }
  std::int64_t out() const { return tied ? rows() : columns(); }
  bool is_weight() const { return role == ParameterRole::kWeight || role == ParameterRole::kHoistedWeight || tied; }
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

  /// Packs every weight. Call it after parameter values have changed, before using the model; caches of values are then
  /// out of date (packings()). With kInt8 also quantizes embeddings. For several threads: share `part` of `parts`,
  /// all of about the same work.
  void pack(Precision precision, bool for_training, int part = 0, int parts = 1);
  /// Number of pack() calls.
  long packings() const { return packings_; }

 private:
  void quantize_tables(Precision precision);

  std::vector<Parameter*> all_;
  std::vector<std::int64_t> offsets_;
  std::int64_t total_ = 0;
  long packings_ = 0;
  std::map<int, QuantizedStorage> tables_;  // by index, embeddings in int8
};

}  // namespace heed
