#include "heed/model/encoder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "heed/model/bridge.h"
#include "heed/nn/cell.h"

namespace heed {
namespace {

constexpr int kWords = 11;
using Sources = std::vector<std::vector<int>>;
const Sources kSources = {{3, 4, 5, 6, 7}, {8}, {9, 10, 3, 4, 5, 6, 7, 8}, {4, 4}};

ModelOptions small_model() {
  ModelOptions out;
  out.embedding = 6;
  out.encoder_hidden = out.decoder_hidden = 8;
  out.encoder_layers = out.decoder_layers = 2;
  out.dropout = 0;
  return out;
}

// A module ready for use, with a parameter list of its own.
template <typename Made>
struct Ready {
  explicit Ready(std::unique_ptr<Made> it) : made(std::move(it)) {
    Rng rng(3);
    initialize(*made, rng);
    made->visit([&](Parameter& parameter) {
      const Tensor& value = parameter.value.view();
      for (std::int64_t i = 0; i < value.size(); ++i) value.data[i] += static_cast<float>(0.1 * rng.normal());
    });
    pack();
  }
  void pack() {
    list = std::make_unique<ParameterList>([this](const ParameterVisitor& visitor) { made->visit(visitor); });
    list->pack(Precision::kFloat32, true);
  }
  std::unique_ptr<Made> made;
  std::unique_ptr<ParameterList> list;
};

std::vector<float> row_of(const Variable& x, std::int64_t row) {
  return {x.value().row(row), x.value().row(row) + x.columns()};
}

TEST(JoinPairs, HalvesEachSentenceAndRepeatsAnOddLast) {
  const SourceBatch source = pack_sources(kSources, kWords);  // lengths 6, 2, 9, 3 with EOS
  const JoinedSteps joined = join_pairs(source);
  EXPECT_EQ(joined.steps.lengths, (std::vector<int>{3, 1, 5, 2}));
  EXPECT_EQ(joined.steps.offsets, (std::vector<int>{0, 3, 4, 9}));
  EXPECT_EQ(joined.steps.step_rows, (std::vector<int>{4, 3, 2, 1, 1}));
  EXPECT_EQ(joined.steps.longest, 5);
  ASSERT_EQ(joined.left.size(), 11U);
  for (int b = 0; b < 4; ++b) {
    const auto old_row = [&](int t) { return source.by_sentence[source.offsets[b] + t]; };
    for (int t = 0; t < joined.steps.lengths[b]; ++t) {
      const int row = joined.steps.by_sentence[joined.steps.offsets[b] + t];
      EXPECT_EQ(joined.left[row], old_row(2 * t));
      EXPECT_EQ(joined.right[row], old_row(std::min(2 * t + 1, source.lengths[b] - 1)));
    }
    EXPECT_EQ(joined.steps.first_row[b], joined.steps.by_sentence[joined.steps.offsets[b]]);
    EXPECT_EQ(joined.steps.last_row[b],
              joined.steps.by_sentence[joined.steps.offsets[b] + joined.steps.lengths[b] - 1]);
  }
  EXPECT_EQ(join_pairs(join_pairs(joined.steps).steps).steps.lengths, (std::vector<int>{1, 1, 2, 1}));
}

TEST(SpreadAttention, SharesOutEachWeightAndKeepsTheSum) {
  const std::vector<float> states = {0.4F, 0.4F, 0.2F};
  std::vector<float> tokens(9);
  spread_attention(states, 4, tokens);
  const std::vector<float> expected = {0.1F, 0.1F, 0.1F, 0.1F, 0.1F, 0.1F, 0.1F, 0.1F, 0.2F};
  for (std::size_t s = 0; s < 9; ++s) EXPECT_FLOAT_EQ(tokens[s], expected[s]);
  std::vector<float> same(3);
  spread_attention(states, 1, same);
  EXPECT_EQ(same, states);
}

TEST(Encoder, APyramidHasFewerStatesAndTheSameForASentenceAlone) {
  ModelOptions options = small_model();
  options.encoder_layers = 3;
  options.encoder_pyramid = 2;
  const Ready<Encoder> ready(std::make_unique<Encoder>(options, SourceTables(kWords)));
  EXPECT_EQ(ready.made->tokens_per_state(), 4);
  Arena arena;
  Tape tape(arena);
  const SourceBatch batch = pack_sources(kSources, kWords);
  const EncodedBatch together = ready.made->encode(tape, batch, nullptr);
  const SentenceRows& sentences = together.memory.sentences;
  EXPECT_EQ(std::vector(sentences.lengths.begin(), sentences.lengths.end()), (std::vector<int>{2, 1, 3, 1}));
  for (std::size_t b = 0; b < kSources.size(); ++b) {
    const SourceBatch one = pack_sources(Sources{kSources[b]}, kWords);
    const EncodedBatch alone = ready.made->encode(tape, one, nullptr);
    ASSERT_EQ(alone.memory.states.rows(), sentences.lengths[b]);
    for (int s = 0; s < sentences.lengths[b]; ++s) {
      EXPECT_EQ(row_of(together.memory.states, sentences.offsets[b] + s), row_of(alone.memory.states, s));
    }
    for (std::size_t l = 0; l < 3; ++l) {
      EXPECT_EQ(row_of(together.final[l].hidden, static_cast<std::int64_t>(b)), row_of(alone.final[l].hidden, 0));
    }
  }
}

// A layer whose weights are 0 says nothing: what is left is what it read, of the same position. (Peers were seen to add
// that of the previous step.)
TEST(Encoder, AResidualAddsTheSameStep) {
  ModelOptions options = small_model();
  options.encoder_residual = true;
  Ready<Encoder> ready(std::make_unique<Encoder>(options, SourceTables(kWords)));
  ready.made->visit([](Parameter& parameter) {
    if (!parameter.name.starts_with("encoder.1.")) return;
    std::fill_n(parameter.value.view().data, parameter.size(), 0.0F);
  });
  ready.pack();
  options.encoder_layers = 1;
  Ready<Encoder> first(std::make_unique<Encoder>(options, SourceTables(kWords)));
  std::vector<Parameter*> from;
  ready.made->visit([&](Parameter& parameter) { from.push_back(&parameter); });
  first.made->visit([&](Parameter& parameter) {
    const auto same = [&](const Parameter* other) { return other->name == parameter.name; };
    std::copy_n((*std::find_if(from.begin(), from.end(), same))->value.view().data, parameter.size(),
                parameter.value.view().data);
  });
  first.pack();
  Arena arena;
  Tape tape(arena);
  const SourceBatch batch = pack_sources(kSources, kWords);
  const Variable both = ready.made->encode(tape, batch, nullptr).memory.states;
  const Variable below = first.made->encode(tape, batch, nullptr).memory.states;
  for (std::int64_t r = 0; r < both.rows(); ++r) EXPECT_EQ(row_of(both, r), row_of(below, r)) << r;
}

// Peers were seen to mix the rows of a batch in the bridge, by a reshape of [layers, batch, H].
TEST(Bridge, ARowIsThatOfItsSentenceAlone) {
  for (const std::string& cell : cell_names()) {
    ModelOptions options = small_model();
    options.encoder_cell = options.decoder_cell = cell;
    const Ready<Encoder> encoder(std::make_unique<Encoder>(options, SourceTables(kWords)));
    for (const BridgeKind& kind : bridge_kinds()) {
      options.bridge = kind.name;
      const Ready<Bridge> bridge(make_bridge("bridge.0", options));
      Arena arena;
      Tape tape(arena);
      const auto start = [&](const Sources& sources) {
        const SourceBatch batch = pack_sources(sources, kWords);
        const EncodedBatch encoded = encoder.made->encode(tape, batch, nullptr);
        return bridge.made->start(tape, encoded, encoded.final.front());
      };
      const RnnState together = start(kSources);
      ASSERT_EQ(together.hidden.rows(), 4);
      for (std::size_t b = 0; b < kSources.size(); ++b) {
        const RnnState alone = start({kSources[b]});
        const auto row = static_cast<std::int64_t>(b);
        EXPECT_EQ(row_of(together.hidden, row), row_of(alone.hidden, 0)) << cell << ' ' << kind.name;
        ASSERT_EQ(together.cell.empty(), alone.cell.empty());
        if (alone.cell.empty()) continue;
        EXPECT_EQ(row_of(together.cell, row), row_of(alone.cell, 0)) << cell << ' ' << kind.name;
      }
      const bool reads = kind.name != "zero" && kind.name != "learned";
      EXPECT_EQ(row_of(together.hidden, 0) != row_of(together.hidden, 2), reads) << cell << ' ' << kind.name;
    }
  }
}

}  // namespace
}  // namespace heed
