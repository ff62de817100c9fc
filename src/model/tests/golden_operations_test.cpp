// Single operations against PyTorch in float64: the cases of tests/golden/operations.safetensors (README.md there).
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

#include "golden_case.h"
#include "heed/autograd/operations.h"
#include "heed/nn/lstm.h"

namespace heed {
namespace {

void product(const std::string& name) {
  for (const ParameterRole role : {ParameterRole::kWeight, ParameterRole::kHoistedWeight}) {
    GoldenCase test(name);
    Parameter b;
    test.parameter("b", b, role);
    const Variable a = test.leaf("a");
    test.output("c", linear(test.tape(), {{a, &b}}));
    test.backward();
  }
}

void product_with_bias(const std::string& name) {
  GoldenCase test(name);
  Parameter weight, bias;
  test.parameter("weight", weight, ParameterRole::kWeight);
  test.parameter("bias", bias, ParameterRole::kVector);
  const Variable x = test.leaf("x");
  test.output("y", linear(test.tape(), {{x, &weight}}, &bias));
  test.backward();
}

void table_rows(const std::string& name) {
  GoldenCase test(name);
  Parameter table;
  test.parameter("table", table, ParameterRole::kEmbedding);
  test.output("y", embedding(test.tape(), table, test.integers("ids")));
  test.backward();
}

void lstm_steps(const std::string& name) {
  GoldenCase test(name);
  Parameter input, recurrent, bias;
  test.parameter("input", input, ParameterRole::kHoistedWeight);
  test.parameter("recurrent", recurrent, ParameterRole::kWeight);
  test.parameter("bias", bias, ParameterRole::kVector);
  Tape& tape = test.tape();
  const Variable x = test.leaf("x");  // [4 steps * 3, 5]
  RnnState state{test.leaf("h0"), test.leaf("c0")};
  const RnnState all{tape.variable(12, 7), tape.variable(12, 7)};
  for (int t = 0; t < 4; ++t) {
    const std::vector<LinearTerm> terms = {{tape.view(x, 3 * t, 3), &input}, {state.hidden, &recurrent}};
    const RnnState out{tape.view(all.hidden, 3 * t, 3), tape.view(all.cell, 3 * t, 3)};
    lstm_step(tape, {{}, terms, &bias, state.cell}, out);
    state = out;
  }
  test.output("h", all.hidden);
  test.output("c", all.cell);
  test.backward();
}

// Sequences by decreasing length, as run_cell packs them; their rows in the padded arrays of the file.
struct PackedRows {
  std::vector<int> order, step_rows, padded, first, last;

  PackedRows(const std::vector<int>& lengths, int steps)
      : order(GoldenCase::all_rows(static_cast<std::int64_t>(lengths.size()))) {
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return lengths[a] > lengths[b]; });
    last.resize(order.size());
    for (int t = 0; t < lengths[order[0]]; ++t) {
      step_rows.push_back(0);
      for (std::size_t r = 0; r < order.size() && lengths[order[r]] > t; ++r) {
        ++step_rows.back();
        if (t == 0) first.push_back(static_cast<int>(r));
        last[r] = static_cast<int>(padded.size());
        padded.push_back(order[r] * steps + t);
      }
    }
  }
};

void two_directions(const std::string& name) {
  GoldenCase test(name);
  LstmCell forward("forward", 5, 3);
  LstmCell backward("backward", 5, 3);
  for (LstmCell* cell : {&forward, &backward}) {
    const std::string direction = cell == &forward ? "forward" : "backward";
    test.parameter(direction + ".input", cell->input, ParameterRole::kHoistedWeight);
    test.parameter(direction + ".recurrent", cell->recurrent, ParameterRole::kWeight);
    test.parameter(direction + ".bias", cell->bias, ParameterRole::kVector);
  }
  Tape& tape = test.tape();
  const PackedRows rows(test.integers("lengths"), 6);
  const Variable x = test.leaf("x", rows.padded);
  const RnnState there = run_cell(tape, forward, x, rows.step_rows, false);
  const RnnState back = run_cell(tape, backward, x, rows.step_rows, true);
  test.output("y", concat_columns(tape, std::array{there.hidden, back.hidden}), rows.padded);
  const auto ends = [&](const Variable& last, const Variable& first) {
    return concat_columns(tape, std::array{gather_rows(tape, last, rows.last), gather_rows(tape, first, rows.first)});
  };
  test.output("h", ends(there.hidden, back.hidden), rows.order);
  test.output("c", ends(there.cell, back.cell), rows.order);
  test.backward();
}

// Sentences as attention has them, one row each; the rows of the padded arrays that exist.
struct Memory {
  std::vector<int> lengths, offsets, padded, sentence;
  int longest = 0;

  Memory(std::vector<int> of_sentences, int width) : lengths(std::move(of_sentences)) {
    for (std::size_t b = 0; b < lengths.size(); ++b) {
      offsets.push_back(static_cast<int>(padded.size()));
      sentence.push_back(static_cast<int>(b));
      for (int s = 0; s < lengths[b]; ++s) padded.push_back(static_cast<int>(b) * width + s);
    }
    longest = width;
  }
  SentenceRows rows() const { return {offsets, lengths, longest}; }
};

void masked_softmax(const std::string& name) {
  GoldenCase test(name);
  const Memory memory(test.integers("lengths"), 5);
  const Variable x = test.leaf("x");
  const Variable y = attention_softmax(test.tape(), x, memory.rows(), memory.sentence);
  test.output("y", y);
  for (std::size_t r = 0; r < memory.lengths.size(); ++r) {
    for (int s = memory.lengths[r]; s < 5; ++s) EXPECT_EQ(y.value().row(static_cast<std::int64_t>(r))[s], 0.0F);
  }
  test.backward();
}

// The bias is the projection's: keys + bias, as the mechanism adds it.
Variable with_bias(Tape& tape, const Variable& keys, const Parameter& bias) {
  const std::vector<int> zeros(static_cast<std::size_t>(keys.rows()), 0);
  return add(tape, keys, embedding(tape, bias, zeros));
}

void additive_score(const std::string& name) {
  GoldenCase test(name);
  const Memory memory({5, 5, 5}, 5);
  Parameter bias, v;
  test.parameter("bias", bias, ParameterRole::kEmbedding);
  test.parameter("v", v, ParameterRole::kVector);
  Tape& tape = test.tape();
  const Variable query = test.leaf("query");
  const Variable keys = with_bias(tape, test.leaf("keys"), bias);
  test.output("scores", additive_scores(tape, query, source_matrix(tape, keys, memory.rows()), value_of(tape, v),
                                        memory.sentence));
  test.backward();
}

void masked_attention(const std::string& name) {
  const bool additive = name == "additive_attention";
  GoldenCase test(name);
  const Memory memory(test.integers("lengths"), 5);
  Parameter bias, v;
  if (additive) {
    test.parameter("bias", bias, ParameterRole::kEmbedding);
    test.parameter("v", v, ParameterRole::kVector);
  }
  Tape& tape = test.tape();
  const Variable query = test.leaf("query");
  Variable keys = test.leaf("keys", memory.padded);
  if (additive) keys = with_bias(tape, keys, bias);
  const SourceMatrix compared = source_matrix(tape, keys, memory.rows());
  const SourceMatrix summed = source_matrix(tape, test.leaf("memory", memory.padded), memory.rows());
  const Variable scores = additive ? additive_scores(tape, query, compared, value_of(tape, v), memory.sentence)
                                   : dot_scores(tape, query, compared, memory.sentence);
  const Variable weights = attention_softmax(tape, scores, memory.rows(), memory.sentence);
  test.output("weights", weights);
  test.output("context", weighted_sum(tape, weights, summed, memory.sentence));
  test.backward();
}

// Logits come from a product with the unit matrix, so that the gradient of its input is that of the logits.
class LogitsCase : public GoldenCase {
 public:
  explicit LogitsCase(const std::string& name) : GoldenCase(name) {
    for (int i = 0; i < 13; ++i) unit_.value.view().row(i)[i] = 1;
    list_.pack(Precision::kFloat32, true);
    golden().read(key("input", "logits"), hidden_.value());
  }
  TeacherOutput teacher(const Tensor& logits) const { return {logits, &unit_, &zero_}; }
  Tensor array(const std::string& input, std::int64_t rows) {
    const Tensor out = arena_.tensor(rows, 13);
    golden().read(key("input", input), out);
    return out;
  }
  /// Compares the loss and the gradient of the logits.
  Loss compare_loss(CrossEntropyOptions options) {
    options.scale = static_cast<double>(upstream("loss"));
    const Loss out = cross_entropy(tape_, hidden_, {&unit_, &zero_}, integers("labels"), options);
    loss("loss", out.total);
    tape_.backward();
    compare("logits", hidden_.gradient(), golden().floats(key("gradient", "logits")), all_rows(6));
    return out;
  }

 private:
  Parameter unit_{"unit", ParameterRole::kWeight, Buffer(13, 13), 0, {}, {}};
  Parameter zero_{"zero", ParameterRole::kVector, Buffer(1, 13), 1, {}, {}};
  ParameterList list_{[this](const ParameterVisitor& visitor) {
    visitor(unit_);
    visitor(zero_);
  }};
  Arena arena_;
  Tape tape_{arena_, true};
  Variable hidden_ = tape_.variable(6, 13);
};

void losses(const std::string& name) {
  LogitsCase test(name);
  const Loss loss = test.compare_loss({.smoothing = name == "cross_entropy_smoothed" ? 0.1 : 0.0});
  const std::vector<float> log_probability = golden().floats(test.key("output", "log_probability"));
  for (int i = 0; i < 6; ++i)
    EXPECT_NEAR(loss.log_probability[i], log_probability[i], 1e-4F * std::abs(log_probability[i]));
}

void distillation(const std::string& name) {
  LogitsCase test(name);
  const Tensor teachers = test.array("teachers", 12);
  const std::vector<float> weights = golden().floats(test.key("input", "weights"));
  const std::array both = {test.teacher(teachers.slice(0, 6)), test.teacher(teachers.slice(6, 6))};
  test.compare_loss({.smoothing = 0.1, .weights = weights, .teachers = both, .distillation = 0.4});
}

void alignment(const std::string& name) {
  GoldenCase test(name);
  const Memory memory({4, 4, 4, 4, 4}, 4);
  const Variable scores = test.leaf("scores");
  const std::vector<int> first = test.integers("first"), positions = test.integers("positions");
  const Variable weights = attention_softmax(test.tape(), scores, memory.rows(), memory.sentence);
  const std::array steps = {test.tape().view(weights, 0, 3), test.tape().view(weights, 3, 2)};
  test.loss("loss", alignment_loss(test.tape(), steps, {first, positions}, static_cast<double>(test.upstream("loss"))));
  test.backward();
}

const std::map<std::string, void (*)(const std::string& name)> kCases = {
    {"alignment", alignment},
    {"distillation", distillation},
    {"matmul", product},
    {"matmul_one_row", product},
    {"matmul_wide", product},
    {"linear", product_with_bias},
    {"embedding", table_rows},
    {"lstm_cell", lstm_steps},
    {"bidirectional_lstm", two_directions},
    {"masked_softmax", masked_softmax},
    {"additive_score", additive_score},
    {"additive_attention", masked_attention},
    {"dot_attention", masked_attention},
    {"cross_entropy", losses},
    {"cross_entropy_smoothed", losses},
};

std::vector<std::string> case_names() {
  std::vector<std::string> out;
  for (const auto& [name, test] : kCases) out.push_back(name);
  return out;
}

class GoldenOperation : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Cases, GoldenOperation, testing::ValuesIn(case_names()),
                         [](const auto& test) { return test.param; });

TEST_P(GoldenOperation, EqualsPyTorch) { kCases.at(GetParam())(GetParam()); }

TEST(GoldenOperations, TheCasesAreThoseOfTheFile) {
  std::set<std::string> in_file;
  for (const auto& [name, array] : golden().arrays()) in_file.insert(name.substr(5, name.find('/', 5) - 5));
  const std::vector<std::string> names = case_names();
  EXPECT_EQ(in_file, std::set<std::string>(names.begin(), names.end()));
}

}  // namespace
}  // namespace heed
