#include "heed/model/bridge.h"

#include <algorithm>
#include <optional>
#include <span>

#include "fmt/format.h"
#include "heed/base/error.h"
#include "heed/base/nearest.h"
#include "heed/model/context_entry.h"

namespace heed {
namespace {

bool has_cell(const ModelOptions& options) { return make_cell(options.decoder_cell, "", 1, 1)->has_cell(); }

/// Weights for a hidden state, and for a cell if the decoder's cells have one: h0 = tanh(x W + b), c0 = y W + b. If it
/// is linear, h0 = x W + b.
class Projection {
 public:
  Projection(const std::string& name, std::int64_t in, const ModelOptions& options, bool is_linear = false)
      : is_linear_(is_linear),
        hidden_(make_weight(name + ".hidden.weight", in, options.decoder_hidden)),
        hidden_bias_(make_vector(name + ".hidden.bias", options.decoder_hidden)) {
    if (!has_cell(options)) return;
    cell_ = make_weight(name + ".cell.weight", in, options.decoder_hidden);
    cell_bias_ = make_vector(name + ".cell.bias", options.decoder_hidden);
  }
  void visit(const ParameterVisitor& visitor) {
    visitor(hidden_);
    visitor(hidden_bias_);
    if (!cell_) return;
    visitor(*cell_);
    visitor(*cell_bias_);
  }
  RnnState apply(Tape& tape, const Variable& of_hidden, const Variable& of_cell) const {
    return {is_linear_ ? linear(tape, {{of_hidden, &hidden_}}, &hidden_bias_)
                       : tanh_linear(tape, {{of_hidden, &hidden_}}, &hidden_bias_),
            cell_ ? linear(tape, {{of_cell, &*cell_}}, &*cell_bias_) : Variable()};
  }

 private:
  bool is_linear_;
  Parameter hidden_, hidden_bias_;             // [in, Hd], [1, Hd]
  std::optional<Parameter> cell_, cell_bias_;  // likewise
};

/// h0 = tanh(h W + b), c0 = c W + b; with h in place of the c that a GRU does not have.
class Dense : public Bridge {
 public:
  Dense(const std::string& name, const ModelOptions& options, bool is_linear = false)
      : projection_(name, options.encoder_hidden, options, is_linear) {}
  void visit(const ParameterVisitor& visitor) override { projection_.visit(visitor); }
  RnnState start(Tape& tape, const EncodedBatch&, const RnnState& last) const override {
    return projection_.apply(tape, last.hidden, last.cell.empty() ? last.hidden : last.cell);
  }

 private:
  Projection projection_;
};

/// h0 = h W + b, c0 likewise.
class LinearBridge : public Dense {
 public:
  LinearBridge(const std::string& name, const ModelOptions& options) : Dense(name, options, true) {}
};

/// h0 = h, c0 = c; 0 for the c that a GRU does not have.
class Last : public Bridge {
 public:
  Last(const std::string&, const ModelOptions& options) : has_cell_(has_cell(options)) {}
  void visit(const ParameterVisitor&) override {}
  RnnState start(Tape&, const EncodedBatch&, const RnnState& last) const override {
    return {last.hidden, has_cell_ ? last.cell : Variable()};
  }

 private:
  bool has_cell_;
};

/// m = mean of the memory's states; h0 = tanh(m W + b), c0 = m W + b.
class MeanTanh : public Bridge {
 public:
  MeanTanh(const std::string& name, const ModelOptions& options)
      : projection_(name, memory_columns(options), options) {}
  void visit(const ParameterVisitor& visitor) override { projection_.visit(visitor); }
  RnnState start(Tape& tape, const EncodedBatch& encoded, const RnnState&) const override {
    const SentenceRows& sentences = encoded.memory.sentences;
    const auto count = static_cast<std::int64_t>(sentences.lengths.size());
    const Variable shares = tape.variable(tape.arena().zeros(count, sentences.longest));
    const std::span<int> sentence = tape.arena().array<int>(sentences.lengths.size());
    for (int b = 0; b < count; ++b) {
      sentence[b] = b;
      std::fill_n(shares.value().row(b), sentences.lengths[b], 1.0F / static_cast<float>(sentences.lengths[b]));
    }
    const Variable mean =
        weighted_sum(tape, shares, source_matrix(tape, encoded.memory.states, sentences), sentence);  // [B, He]
    return projection_.apply(tape, mean, mean);
  }

 private:
  Projection projection_;
};

class Zero : public Bridge {
 public:
  Zero(const std::string&, const ModelOptions& options) : hidden_(options.decoder_hidden) {}
  void visit(const ParameterVisitor&) override {}
  RnnState start(Tape& tape, const EncodedBatch&, const RnnState& last) const override {
    return {tape.variable(tape.arena().zeros(last.hidden.rows(), hidden_)), {}};
  }

 private:
  std::int64_t hidden_;
};

/// The same trained vectors for every sentence.
class Learned : public Bridge {
 public:
  Learned(const std::string& name, const ModelOptions& options)
      : hidden_(make_vector(name + ".hidden", options.decoder_hidden)) {
    if (has_cell(options)) cell_ = make_vector(name + ".cell", options.decoder_hidden);
  }
  void visit(const ParameterVisitor& visitor) override {
    visitor(hidden_);
    if (cell_) visitor(*cell_);
  }
  RnnState start(Tape& tape, const EncodedBatch&, const RnnState& last) const override {
    const std::span<int> first = tape.arena().array<int>(static_cast<std::size_t>(last.hidden.rows()));
    std::fill(first.begin(), first.end(), 0);
    return {gather_rows(tape, value_of(tape, hidden_), first),
            cell_ ? gather_rows(tape, value_of(tape, *cell_), first) : Variable()};
  }

 private:
  Parameter hidden_;               // [1, Hd]
  std::optional<Parameter> cell_;  // [1, Hd]
};

template <typename Kind>
std::unique_ptr<Bridge> make(const std::string& name, const ModelOptions& options) {
  return std::make_unique<Kind>(name, options);
}

}  // namespace

const std::vector<BridgeKind>& bridge_kinds() {
  static const std::vector<BridgeKind> all = {
      {.name = "dense",
       .description = "the encoder's last state, projected",
       .paper = "OpenNMT; Bahdanau et al. 2015, appendix A.2.2",
       .make = make<Dense>},
      {.name = "linear", .description = "the same without tanh", .paper = "fairseq", .make = make<LinearBridge>},
      {.name = "last",
       .description = "a copy of the encoder's last state, of equal width",
       .paper = "Sutskever et al. 2014",
       .make = make<Last>,
       .equal_widths = true},
      {.name = "mean-tanh",
       .description = "the mean of the encoder's states, projected",
       .paper = "Sennrich et al. 2017, Nematus",
       .make = make<MeanTanh>,
       .reads_memory = true},
      {.name = "zero",
       .description = "nothing: what the source says comes by attention alone",
       .paper = "",
       .make = make<Zero>,
       .reads_source = false},
      {.name = "learned",
       .description = "a trained vector, the same for every sentence",
       .paper = "",
       .make = make<Learned>,
       .reads_source = false},
  };
  return all;
}

std::vector<std::string> bridge_names() {
  std::vector<std::string> names;
  for (const BridgeKind& kind : bridge_kinds()) names.push_back(kind.name);
  return names;
}

const BridgeKind& find_bridge(const std::string& name) {
  for (const BridgeKind& kind : bridge_kinds()) {
    if (kind.name == name) return kind;
  }
  throw UsageError(fmt::format("unknown bridge '{}'{}", name, did_you_mean(name, bridge_names())));
}

std::unique_ptr<Bridge> make_bridge(const std::string& name, const ModelOptions& options) {
  return find_bridge(options.bridge).make(name, options);
}

void check_bridge(const ModelOptions& options) {
  if (!find_bridge(options.bridge).equal_widths || options.encoder_hidden == options.decoder_hidden) return;
  throw UsageError(
      fmt::format("model.decoder.bridge '{}' copies states of equal width, but model.encoder.hidden is {} and "
                  "model.decoder.hidden is {}; make them equal or take 'dense'",
                  options.bridge, options.encoder_hidden, options.decoder_hidden),
      {.key = "model.decoder.bridge"});
}

}  // namespace heed
