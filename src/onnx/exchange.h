#pragma once
#include <string>
#include <vector>

#include "graph.h"
#include "heed/model/config.h"

namespace heed::onnx {

// Names of dimensions.
inline constexpr const char* kBatch = "batch";
inline constexpr const char* kSource = "source_length";
inline constexpr const char* kMemory =
    "memory_length";  ///< of the encoder's states: of a pyramid less than the source's

/// What the encoder gives once for a batch and each step reads.
struct Remembered {
  std::string name;
  Type type = Type::kFloat;
  Shape shape;
};

/// The two graphs of a model, and what the first hands to the second. A part of the model that has values of its own
/// for the source adds to both: so each formula stands in one place.
class Exchange {
 public:
  explicit Exchange(const Seq2Seq& model)
      : encoder(model), step(model), options(model.options()), decoder(model.decoder()) {}

  /// A value of the encoder that each step reads, in the step.
  Value remember(const std::string& name, const Value& of_encoder, Type type, const Shape& shape);
  /// A state, which the encoder begins: its value before the step, in the step.
  Value begin(const std::string& name, const Value& first, const Shape& shape);
  /// Its value after the step, to which the name is followed by kNext.
  void carry(const std::string& name, const Value& next);
  static constexpr const char* kNext = ".next";

  Graph encoder;
  Graph step;
  const ModelOptions& options;
  const Decoder& decoder;
  std::vector<Remembered> memory;
  std::vector<Remembered> states;

  // In the encoder.
  Value tokens_inside;  ///< [B, source] 1 in the sentence, 0 beyond
  Value inside;         ///< [B, S] the same of its states
  Value lengths;        ///< [B, 1] states of each sentence
  Value states_read;    ///< [B, S, He] what attention reads
  // In the step.
  Value step_inside;   ///< [B, S] whether it is a state
  Value step_lengths;  ///< [B, 1]
  Value values;        ///< [B, S, He] states_read
  Value step_places;   ///< [S] 0, 1, ...
  Value posterior;     ///< [B, S] where exact hard attention of the first order stood; empty of others
};

}  // namespace heed::onnx
