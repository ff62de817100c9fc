#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "heed/base/export.h"
#include "heed/model/batch.h"
#include "heed/model/config.h"
#include "heed/nn/attention.h"
#include "heed/nn/cell.h"
#include "heed/text/text_side.h"

namespace HEED_ENGINE_API heed {

/// The encoder's result for a batch.
struct EncodedBatch {
  Encoded memory;  ///< states of the last layer, or of all layers side by side, sentence after sentence
  /// For each layer [B, He]: the state after the last position (and, backwards, after the first).
  ArenaList<RnnState> final;
};

/// A value for each direction of a layer; `backward` may be empty.
struct Directions {
  Variable forward;
  Variable backward;
};

/// The embeddings of a feature's values.
struct FeatureTable {
  std::string name;
  int vocabulary = 0;
  int columns = 0;
  bool adds = false;  ///< to the embedding of the token; else they stand beside it
};

/// What an encoder has embeddings of.
struct SourceTables {
  explicit SourceTables(int tokens) : vocabulary(tokens) {}  ///< most have no features
  SourceTables(const ModelOptions& options, const TextSide& source);

  int vocabulary;
  SourceEnd end = {};
  std::vector<FeatureTable> features = {};
};

/// Throws UsageError for widths and layers that do not fit.
void check_encoder(const ModelOptions& options);

/// Embeddings of tokens, with those of their features beside them or added (Sennrich and Haddow 2016), and a stack of
/// uni- or bidirectional recurrent layers. With model.encoder.residual, h^l = layer(x) + x from the second on (He et
/// al. 2016; Wu et al. 2016, section 3.1). With model.encoder.pyramid: N, layers 2 to N + 1 read pairs of neighbouring
/// states joined to one, and have half as many (Chan et al. 2016, section 3.1); an odd last state is joined with
/// itself. Joining layers are not residual.
class Encoder : public Module {
 public:
  /// `shared`: embeddings that another module owns, with model.tied 'all'.
  Encoder(const ModelOptions& options, const SourceTables& tables, const Parameter* shared = nullptr);
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;
  /// `source` must outlive the tape's batch. `rng` is for dropout; unused without recording. `projections`: optional,
  /// for inference only, without features. Row i is input_projection() of token i; rows of `source` must be filled.
  /// Saves the first layer's input product. `embedded`: gets what the first layer reads, [rows, E] with features, for
  /// its gradient.
  EncodedBatch encode(Tape& tape, const SourceBatch& source, Rng* rng, const Directions& projections = {},
                      Variable* embedded = nullptr) const;
  /// The first layer's Cell::input_projection() of the tokens, a row for each.
  Directions input_projection(Tape& tape, std::span<const int> tokens) const;
  /// Its columns, of each direction.
  std::vector<std::int64_t> projection_columns() const;
  /// Multiply-adds of the products of a sentence of `length` tokens.
  double multiply_adds(double length) const;
  void visit(const ParameterVisitor& visitor) override;
  int vocabulary() const { return static_cast<int>(table_->rows()); }
  SourceInput input() const { return {vocabulary(), end_}; }
  bool reads_features() const { return !features_.empty(); }
  /// Source tokens of each state: 1 without a pyramid. A sentence's last state may cover fewer.
  int tokens_per_state() const { return 1 << pyramid_; }

 private:
  struct Layer {
    std::unique_ptr<Cell> forward;
    std::unique_ptr<Cell> backward;             // or none
    std::unique_ptr<Transitions> forward_more;  // of each direction, or none
    std::unique_ptr<Transitions> backward_more;
    bool joins = false;
    bool residual = false;
  };
  struct Feature {
    Parameter table;  // [values, columns]
    bool adds;
  };
  Variable embed(Tape& tape, const SourceBatch& source, Rng* rng) const;
  Directions project_tokens(Tape& tape, const SourceBatch& source, Rng* rng, Directions projections,
                            Variable* embedded) const;
  static Directions project(Tape& tape, const Layer& layer, const Variable& x);
  struct States {
    Variable all;   // of all positions
    RnnState last;  // after each sentence's last one (and, backwards, after the first)
  };
  States run(Tape& tape, const Layer& layer, const Directions& projected, const PackedSteps& steps, Rng* rng) const;

  DropoutOptions dropout_;
  SourceEnd end_;
  bool all_layers_;               // attention reads the states of all layers
  int pyramid_;                   // layers that join
  std::optional<Parameter> own_;  // [V, E] unless it is shared
  const Parameter* table_;        // that, or the shared one
  std::vector<Feature> features_;
  std::vector<Layer> layers_;
};

/// Spreads each state's attention weight equally over the tokens that it covers.
void spread_attention(std::span<const float> states, int tokens_per_state, std::span<float> tokens);

}  // namespace heed
