// Every operation refuses arguments that do not fit together, before a kernel reads them.
#include "heed/autograd/checks.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <regex>
#include <set>

#include "arguments.h"
#include "heed/autograd/gradient_store.h"
#include "test_name.h"

namespace heed {
namespace {

using A = Arguments;
constexpr int kN = 3;  // rows
constexpr int kH = 5;  // width
constexpr int kF = 2;  // values of each position
constexpr int kV = 7;  // vocabulary
constexpr int kS = A::kLongest;
constexpr int kAnyShape = A::kRows | A::kColumns;

OutputLayer output(A& a) { return {a.weight("weight", kH, kV, A::kColumns), a.vector("bias", kV)}; }
AdditivePair pair(A& a) { return {a.variable("query", kN, kH), a.source("keys", kH, false), a.variable("v", 1, kH)}; }
Variable scores(A& a, const char* name) { return a.variable(name, kN, kS); }
/// Of the previous step: it has a row that goes on no more.
Variable before(A& a, const char* name, int columns) {
  const int rows = a.wrong(std::string(name) + " has too few rows") ? kN - 1 : kN + 1;
  return a.variable(name, rows, columns, A::kRows | A::kEmpty);
}

void collect(A& a, ParameterRole role) {
  const std::int64_t rows = role == ParameterRole::kVector ? 1 : kH;
  Parameter own{"own", role, Buffer(rows, kV), -1, {}, {}};
  const ParameterList list([&](const ParameterVisitor& visitor) { visitor(own); });
  GradientStore store(list);
  // A tape knows a parameter by its index: this is what one of another model leaves there.
  const Parameter other{"other", role, Buffer(rows, kV), 0, {}, {}};
  const std::int64_t columns = a.wrong("a gradient of another parameter") ? kV + 1 : kV;
  if (role == ParameterRole::kEmbedding) {
    const std::array<int, 2> ids = {1, a.wrong("an id of another table") ? kH : 0};
    a.tape().add_row_gradients(other, a.arena().copy(std::span<const int>(ids)), a.arena().zeros(2, columns));
  } else if (role == ParameterRole::kVector) {
    a.tape().add_bias_gradient(other, a.arena().zeros(kN, columns));
  } else {
    const std::int64_t in = a.wrong("inputs of another weight") ? kH - 1 : kH;
    a.tape().add_weight_gradient(other, a.arena().zeros(kN, in), a.arena().zeros(kN, columns));
  }
  if (role != ParameterRole::kEmbedding) {
    a.tape().add_gradient(other, a.arena().zeros(rows, a.wrong("a sum of another parameter") ? kV - 1 : kV));
  }
  const Tape* const tapes[] = {&a.tape()};
  store.collect(tapes, a.number("part", 0, 2), 2);
}

const std::vector<OperationCall> kCalls = {
    // ---- tables, products
    {"embedding", [](A& a) { embedding(a.tape(), a.table("table", 4, kH), a.ids("ids", 6, 4, A::kRows)); }},
    {"value_of", [](A& a) { value_of(a.tape(), a.table("table", 4, kH)); }},
    {"linear",
     [](A& a) {
       const LinearTerm terms[] = {{a.variable("x", kN, kH), a.weight("first", kH, kV)},
                                   {a.variable("y", kN, 4), a.weight("second", 4, kV)}};
       linear(a.tape(), std::span(terms).first(a.number<std::size_t>("terms", 2, 0)), a.vector("bias", kV, A::kEmpty));
     }},
    {"tanh_linear",
     [](A& a) {
       const LinearTerm terms[] = {{a.variable("x", kN, kH), a.weight("weight", kH, kV)}};
       tanh_linear(a.tape(), terms, a.vector("bias", kV, A::kEmpty), a.variable("out", kN, kV, A::kEmpty));
     }},
    // ---- shape
    {"gather_rows",
     [](A& a) { gather_rows(a.tape(), a.variable("x", kN, kH, kAnyShape), a.ids("indices", 5, kN, A::kRows)); }},
    {"resize_columns",
     [](A& a) { resize_columns(a.tape(), a.variable("x", kN, kH, kAnyShape), a.number("columns", 7, -1), 0); }},
    {"concat_rows",
     [](A& a) {
       const Variable parts[] = {a.variable("a", kN, kH, A::kRows), a.variable("b", kN, kH, A::kRows)};
       concat_rows(a.tape(), std::span(parts).first(a.number<std::size_t>("parts", 2, 0)));
     }},
    {"concat_columns",
     [](A& a) {
       const Variable parts[] = {a.variable("a", kN, kH, A::kColumns), a.variable("b", kN, kH, A::kColumns)};
       concat_columns(a.tape(), std::span(parts).first(a.number<std::size_t>("parts", 2, 0)));
     }},
    {"view",
     [](A& a) {
       a.tape().view(a.variable("x", kN, kH, A::kColumns), a.number("first", 1, -1), a.number("count", kN - 1, -1));
     }},
    // ---- element by element
    {"add", [](A& a) { add(a.tape(), a.variable("a", kN, kH), a.variable("b", kN, kH)); }},
    {"multiply", [](A& a) { multiply(a.tape(), a.variable("a", kN, kH), a.variable("b", kN, kH)); }},
    {"scale", [](A& a) { scale(a.tape(), a.variable("x", kN, kH, kAnyShape), 2.0F); }},
    {"scale", [](A& a) { scale(a.tape(), a.variable("x", kN, kH, kAnyShape), a.variable("factor", 1, 1)); }},
    {"weight_norm", [](A& a) { weight_norm(a.tape(), a.variable("v", kN, kH, kAnyShape), a.variable("gain", 1, 1)); }},
    {"mean",
     [](A& a) {
       const Variable parts[] = {a.variable("a", kN, kH), a.variable("b", kN, kH)};
       mean(a.tape(), std::span(parts).first(a.number<std::size_t>("parts", 2, 0)));
     }},
    {"tanh", [](A& a) { tanh(a.tape(), a.variable("x", kN, kH, kAnyShape)); }},
    {"sigmoid", [](A& a) { sigmoid(a.tape(), a.variable("x", kN, kH, kAnyShape)); }},
    {"dropout",
     [](A& a) {
       Rng rng(1);
       const bool drops = a.tape().recording();
       const double rate = drops && a.wrong("rate") ? 1 : 0.5;
       dropout(a.tape(), a.variable("x", kN, kH, kAnyShape), rate, drops && a.wrong("no rng") ? nullptr : &rng);
     }},
    {"dropout_rows",
     [](A& a) {
       Rng rng(1);
       const bool drops = a.tape().recording();
       const double rate = drops && a.wrong("rate") ? 1 : 0.5;
       dropout_rows(a.tape(), a.variable("x", kN, kH, kAnyShape), rate, drops && a.wrong("no rng") ? nullptr : &rng);
     }},
    {"masked",
     [](A& a) {
       const Variable x = a.variable("x", kN, kH, A::kRows);
       masked(a.tape(), x, a.tape().arena().zeros(kN, a.wrong("mask") ? kH + 1 : kH));
     }},
    // ---- recurrence
    {"lstm_step",
     [](A& a) {
       const LinearTerm terms[] = {{a.variable("h", kN - 1, kH, A::kRows), a.weight("recurrent", kH, 4 * kH)}};
       lstm_step(a.tape(),
                 {a.gates(kN, 4 * kH, A::kEmpty), terms, a.vector("bias", 4 * kH),
                  a.variable("previous", kN - 1, kH, A::kRows | A::kEmpty)},
                 {a.variable("hidden", kN, kH), a.variable("cell", kN, kH)});
     }},
    {"lstm_step",
     [](A& a) {
       const LinearTerm terms[] = {{a.variable("x", kN, 4), a.weight("input", 4, 4 * kH)},
                                   {a.variable("h", kN - 1, kH, A::kRows), a.weight("recurrent", kH, 4 * kH)}};
       lstm_step(a.tape(),
                 {{}, std::span(terms).first(a.number<std::size_t>("terms", 2, 0)), a.vector("bias", 4 * kH), {}},
                 {a.variable("hidden", kN, kH), a.variable("cell", kN, kH)});
     }},
    {"gru_step",
     [](A& a) {
       const LinearTerm terms[] = {{a.variable("context", kN - 1, 4, A::kRows), a.weight("more", 4, 3 * kH)}};
       gru_step(a.tape(),
                {a.gates(kN, 3 * kH, A::kEmpty), terms, a.vector("bias", 3 * kH), a.weight("recurrent", kH, 3 * kH),
                 a.vector("recurrent_bias", 3 * kH), a.variable("previous", kN + 1, kH, A::kRows | A::kEmpty)},
                a.variable("hidden", kN, kH));
     }},
    {"gru_step",
     [](A& a) {
       gru_step(a.tape(),
                {a.gates(kN, 3 * kH),
                 {},
                 a.vector("bias", 3 * kH),
                 a.weight("recurrent", kH, 3 * kH),
                 a.vector("recurrent_bias", 3 * kH),
                 a.variable("previous", kN - 1, kH, A::kRows | A::kEmpty),
                 a.variable("recurrent_input", kN - 1, kH, A::kEmpty)},
                a.variable("hidden", kN, kH));
     }},
    {"normed_gru_step",
     [](A& a) {
       normed_gru_step(
           a.tape(),
           {a.variable("gates", kN, 3 * kH), a.vector("bias", 3 * kH), a.variable("product", kN - 1, 3 * kH, A::kEmpty),
            a.vector("recurrent_bias", 3 * kH), a.variable("previous", kN - 1, kH, A::kRows | A::kEmpty)},
           a.variable("hidden", kN, kH));
     }},
    {"layer_norm",
     [](A& a) {
       layer_norm(a.tape(), a.variable("x", kN, kH, A::kRows), *a.vector("gain", kH, A::kEmpty),
                  a.vector("bias", kH, A::kEmpty));
     }},
    {"add_to_gates", [](A& a) { add_to_gates(a.tape(), a.variable("x", kN, kH, A::kRows), a.gates(kN, kH)); }},
    {"normed_lstm_step",
     [](A& a) {
       normed_lstm_step(a.tape(),
                        {a.gates(kN, 4 * kH), a.vector("bias", 4 * kH), a.vector("gain", kH), a.vector("shift", kH),
                         a.variable("previous", kN - 1, kH, A::kRows | A::kEmpty)},
                        {a.variable("hidden", kN, kH), a.variable("cell", kN, kH)});
     }},
    // ---- attention
    {"source_matrix",
     [](A& a) { source_matrix(a.tape(), a.variable("rows", A::kPositions, kH, A::kColumns), a.sentences(true)); }},
    {"dot_scores",
     [](A& a) { dot_scores(a.tape(), a.variable("query", kN, kH), a.source("keys", kH, true), a.sentence()); }},
    {"dot_scores",
     [](A& a) {
       dot_scores(a.tape(), a.variable("query", kN, kH), a.source("keys", kH, false), a.sentence(), a.windows());
     }},
    {"additive_scores",
     [](A& a) {
       const AdditivePair of = pair(a);
       additive_scores(a.tape(), of.query, of.keys, of.v, a.sentence());
     }},
    {"add_log_gaussian",
     [](A& a) {
       add_log_gaussian(a.tape(), a.variable("scores", kN, kS, A::kColumns), a.variable("centre", kN, 1),
                        a.number("deviation", 1.0F, 0.0F), a.windows());
     }},
    {"attention_softmax",
     [](A& a) { attention_softmax(a.tape(), scores(a, "scores"), a.sentences(false), a.sentence(), a.windows()); }},
    {"attention_sparsemax",
     [](A& a) { attention_sparsemax(a.tape(), scores(a, "scores"), a.sentences(false), a.sentence(), a.windows()); }},
    {"attention_entmax15",
     [](A& a) { attention_entmax15(a.tape(), scores(a, "scores"), a.sentences(false), a.sentence(), a.windows()); }},
    {"weighted_sum",
     [](A& a) {
       weighted_sum(a.tape(), scores(a, "weights"), a.source("values", kH, true, A::kColumns), a.sentence());
     }},
    // ---- attention that depends on the previous step
    {"additive_pair_scores",
     [](A& a) {
       const PairTerm term{a.variable("values", kN, kS * kF, A::kEmpty), a.variable("weights", kF, kH)};
       additive_pair_scores(a.tape(), pair(a), term, a.sentence());
     }},
    {"location_features",
     [](A& a) {
       location_features(a.tape(), a.variable("weights", kN, kS), a.variable("filters", 3, kF, A::kColumns),
                         a.sentences(false), a.sentence(A::kRows));
     }},
    {"covered_share",
     [](A& a) { covered_share(a.tape(), scores(a, "weights"), a.source("x", 1, false), 2, a.sentence()); }},
    {"gated_coverage",
     [](A& a) {
       gated_coverage(a.tape(),
                      {scores(a, "weights"), before(a, "previous", kS * kF), a.variable("query", kN, 3 * kF),
                       a.source("positions", 3 * kF, false), a.variable("of_weight", 1, 3 * kF),
                       a.variable("recurrent", kF, 3 * kF)},
                      a.sentence());
     }},
    {"choice_probability",
     [](A& a) { choice_probability(a.tape(), scores(a, "scores"), a.variable("offset", 1, 1), a.pairing(), {}); }},
    {"monotonic_alignment",
     [](A& a) { monotonic_alignment(a.tape(), scores(a, "p"), before(a, "previous", kS), a.pairing()); }},
    {"chunk_weights",
     [](A& a) {
       chunk_weights(a.tape(), scores(a, "alignment"), scores(a, "scores"), a.number("chunk", 2, 0), a.pairing());
     }},
    {"jump_alignment",
     [](A& a) {
       const int width = a.wrong("an even width") ? 4 : 5;
       jump_alignment(a.tape(), before(a, "before", kS), a.variable("query", kN, width), a.source("keys", width, false),
                      a.sentence());
     }},
    {"position_posterior",
     [](A& a) { position_posterior(a.tape(), scores(a, "prior"), scores(a, "log_probability"), a.pairing()); }},
    {"hard_alignment",
     [](A& a) {
       hard_alignment(a.tape(), pair(a), a.variable("offset", 1, 1), before(a, "previous", kS), a.sentence());
     }},
    {"hard_chunk_weights",
     [](A& a) {
       hard_chunk_weights(a.tape(), scores(a, "alignment"), pair(a), a.number("chunk", 2, 0), a.sentence());
     }},
    {"few_weighted_sum",
     [](A& a) {
       few_weighted_sum(a.tape(), scores(a, "weights"), a.source("values", kH, false, A::kColumns), a.sentence());
     }},
    // ---- loss
    {"cross_entropy",
     [](A& a) { cross_entropy(a.tape(), a.variable("hidden", kN, kH), output(a), a.ids("labels", kN, kV)); }},
    {"cross_entropy",
     [](A& a) {
       const std::array<float, kN> weights = {};
       const Parameter* const weight = a.weight("weight", kH, kV);
       const Parameter* const bias = a.vector("bias", kV);
       const Tensor taught = a.tape().arena().zeros(a.number("taught", kN, kN - 1), kH);
       const TeacherOutput teacher{taught, weight, bias};
       const std::vector<int> labels(kN, 1);
       cross_entropy(a.tape(), a.tape().variable(kN, kH), {weight, bias}, labels,
                     {.weights = std::span(weights).first(a.number("weights", kN, kN - 1)),
                      .teachers = {&teacher, 1},
                      .distillation = 0.5});
     }},
    {"copy_cross_entropy",
     [](A& a) {
       const Copying copying{a.variable("gate", kN, 1), scores(a, "weights"), a.sentence(), a.sentences(true),
                             a.ids("ids", A::kPositions, kV, A::kColumns | A::kEmpty)};
       copy_cross_entropy(a.tape(), a.variable("hidden", kN, kH), output(a), copying,
                          a.ids("labels", kN, kV, A::kColumns));
     }},
    {"position_log_probability",
     [](A& a) {
       const PositionStates states{a.variable("rows", kN, kH), a.variable("positions", A::kPositions, kH),
                                   a.arena().zeros(kN, a.wrong("mask") ? kH + 1 : kH), a.sentence(), a.sentences(true)};
       position_log_probability(a.tape(), states, output(a), a.ids("labels", kN, kV));
     }},
    {"marginal_loss",
     [](A& a) { marginal_loss(a.tape(), scores(a, "weights"), scores(a, "log_probability"), a.pairing(), 1); }},
    {"marginal_log_probability",
     [](A& a) {
       const std::array<float, kS> weights{}, log_sum{};
       std::array<float, kV> out{};
       marginal_log_probability(weights, a.variable("logits", kS, kV, A::kEmpty).value(),
                                std::span(log_sum).first(a.number("log_sum", kS, kS - 1)), out);
     }},
    {"coverage_loss",
     [](A& a) {
       const int rows = a.wrong("a step has more rows than the one before") ? kN + 1 : kN - 1;
       const Variable weights[] = {a.variable("first", kN, kS, A::kRows), a.variable("second", rows, kS, A::kRows)};
       coverage_loss(a.tape(), weights, 1);
     }},
    {"alignment_loss",
     [](A& a) {
       const Variable weights[] = {a.variable("weights", kN, kS, A::kColumns)};
       static std::vector<int> first;
       first.assign(a.wrong("the rows of the weights are not those of the links") ? kN : kN + 1, 0);
       alignment_loss(a.tape(), weights, {first, {}}, 1);
     }},
    // ---- parameters and their gradients
    {"pack",
     [](A& a) {
       Parameter own{"own", ParameterRole::kWeight, Buffer(kH, kV), -1, {}, {}};
       if (a.wrong("no values")) own.value = Buffer::of_shape(kH, kV);
       ParameterList([&](const ParameterVisitor& visitor) {
         visitor(own);
       }).pack(Precision::kFloat32, true, a.number("part", 1, 2), 2);
     }},
    {"add_gradient",
     [](A& a) {
       const Parameter own{"own", ParameterRole::kWeight, Buffer(kH, kV), a.number("in no list", 0, -1), {}, {}};
       a.tape().add_gradient(own, a.arena().zeros(kH, kV));
     }},
    {"GradientStore::of",
     [](A& a) {
       Parameter own{"own", ParameterRole::kWeight, Buffer(kH, kV), -1, {}, {}},
           other{"other", ParameterRole::kWeight, {}, 0, {}, {}};
       const ParameterList list([&](const ParameterVisitor& visitor) { visitor(own); });
       (void)GradientStore(list).of(a.wrong("a parameter of another list") ? other : own);
     }},
    {"collect", [](A& a) { collect(a, ParameterRole::kWeight); }},
    {"collect", [](A& a) { collect(a, ParameterRole::kVector); }},
    {"collect", [](A& a) { collect(a, ParameterRole::kEmbedding); }},
};

class Checks : public testing::TestWithParam<std::size_t> {};
INSTANTIATE_TEST_SUITE_P(Operations, Checks, testing::Range<std::size_t>(0, kCalls.size()), [](const auto& test) {
  return test_name(kCalls[test.param].name + "_" + std::to_string(test.param));
});

TEST_P(Checks, RefuseWhatDoesNotFit) { refuses_wrong_arguments(kCalls[GetParam()]); }

// Whoever declares an operation adds a call of it above.
TEST(Checks, NoOperationIsForgotten) {
  std::set<std::string> called = {"check_ids",              // with embedding
                                  "draw_dropout",           // with dropout
                                  "log_copy_probability"};  // reads two numbers
  for (const OperationCall& call : kCalls) called.insert(call.name);
  int found = 0;
  for (const char* header : {"operations.h", "recurrent_attention.h"}) {
    std::ifstream file(std::string(HEED_SOURCE_DIR "/src/autograd/include/heed/autograd/") + header);
    const std::regex declaration(R"(^(?:inline )?\w+ (\w+)\(.*)");
    std::smatch match;
    for (std::string line; std::getline(file, line);) {
      if (!std::regex_match(line, match, declaration)) continue;
      ++found;
      EXPECT_TRUE(called.contains(match[1])) << header << ": no case calls " << match[1];
    }
  }
  EXPECT_GT(found, 40);
}

}  // namespace
}  // namespace heed
