// What holds of monotonic attention alone; attention_test.cpp has what holds of every mechanism.
#include <algorithm>

#include "attention_conformance.h"
#include "error_of.h"
#include "heed/base/error.h"

namespace heed {
namespace {

using conformance::Answer;
using conformance::ask;
using conformance::kSteps;
using conformance::kWidth;
using conformance::make_sentence;
using conformance::Mechanism;
using conformance::Sentence;

std::unique_ptr<Attention> make_hard(const char* kind, const std::string& name, const AttentionSizes& sizes,
                                     AttentionOptions options) {
  options.hard = true;
  return find_attention(kind).make(name, sizes, options);
}

// The table's lines, and the same with hard decisions.
AttentionKind soft(const std::string& kind) { return find_attention(kind); }
AttentionKind hard(const std::string& kind) {
  AttentionKind out = find_attention(kind);
  if (kind == "monotonic-soft") {
    out.make = [](const std::string& name, const AttentionSizes& sizes, const AttentionOptions& options) {
      return make_hard("monotonic-soft", name, sizes, options);
    };
  } else {
    out.make = [](const std::string& name, const AttentionSizes& sizes, const AttentionOptions& options) {
      return make_hard("monotonic-chunkwise", name, sizes, options);
    };
  }
  return out;
}

class MonotonicAttention : public testing::TestWithParam<std::string> {
 protected:
  static int chunk() { return GetParam() == "monotonic-soft" ? 1 : conformance::small_options().chunk; }
};
INSTANTIATE_TEST_SUITE_P(Kinds, MonotonicAttention, testing::Values("monotonic-soft", "monotonic-chunkwise"),
                         [](const auto& test) { return test.param == "monotonic-soft" ? "soft" : "chunkwise"; });

std::vector<Sentence> some_sentences() {
  std::vector<Sentence> out;
  for (const int length : {1, 2, 5, 9, 16, 33})
    out.push_back(make_sentence(length, static_cast<std::uint64_t>(length)));
  return out;
}

Parameter& parameter(const Mechanism& mechanism, const std::string& name) {
  for (Parameter* each : mechanism.parameters->all()) {
    if (each->name == "attention." + name) return *each;
  }
  throw Error("no parameter " + name);
}

std::vector<Answer> ask_each(const Mechanism& mechanism) {
  const std::vector<Sentence> sentences = some_sentences();
  return ask(*mechanism.attention, sentences, {0, 1, 2, 3, 4, 5}, sentences);
}

double sum_until(const std::vector<float>& weights, int last) {
  double sum = 0;
  for (int s = 0; s <= last && s < static_cast<int>(weights.size()); ++s) sum += static_cast<double>(weights[s]);
  return sum;
}

// Not only on the average: what is at or before a position becomes less from step to step. A chunk reaches back, so
// that there what the next step has until j was within chunk - 1 of j.
TEST_P(MonotonicAttention, NothingGoesBack) {
  for (const AttentionKind& kind : {soft(GetParam()), hard(GetParam())}) {
    for (const Answer& answer : ask_each(Mechanism(kind))) {
      for (int t = 1; t < kSteps; ++t) {
        for (int j = 0; j < static_cast<int>(answer.weights[t].size()); ++j) {
          EXPECT_LE(sum_until(answer.weights[t], j), sum_until(answer.weights[t - 1], j + chunk() - 1) + 1e-6);
        }
      }
    }
  }
}

// A scale so large that every p is 0 or 1.
TEST_P(MonotonicAttention, WithCertainChoicesHardEqualsSoft) {
  std::vector<std::vector<Answer>> answers;
  for (const AttentionKind& kind : {soft(GetParam()), hard(GetParam())}) {
    const Mechanism mechanism(kind);
    *parameter(mechanism, "scale").value.view().data = 1e4F;
    answers.push_back(ask_each(mechanism));
  }
  int moved = 0;
  for (std::size_t i = 0; i < answers[0].size(); ++i) {
    for (int t = 0; t < kSteps; ++t) {
      for (std::size_t s = 0; s < answers[0][i].weights[t].size(); ++s) {
        EXPECT_NEAR(answers[0][i].weights[t][s], answers[1][i].weights[t][s], 1e-6);
        moved += s > 0 && answers[1][i].weights[t][s] > 0.5F ? 1 : 0;
      }
      for (int c = 0; c < kWidth; ++c) EXPECT_NEAR(answers[0][i].contexts[t][c], answers[1][i].contexts[t][c], 1e-5);
    }
  }
  EXPECT_GT(moved, 3) << "nothing was decided";
}

TEST_P(MonotonicAttention, HardDecisionsChooseOnePlaceOrNone) {
  int chosen = 0;
  int lost = 0;
  const Mechanism mechanism(hard(GetParam()));
  // So that some positions are chosen, and some sentences passed through.
  *parameter(mechanism, "scale").value.view().data = 4.0F;
  *parameter(mechanism, "offset").value.view().data = -3.0F;
  for (const Answer& answer : ask_each(mechanism)) {
    bool gone = false;
    for (int t = 0; t < kSteps; ++t) {
      const double sum = sum_until(answer.weights[t], static_cast<int>(answer.weights[t].size()));
      const auto places =
          std::count_if(answer.weights[t].begin(), answer.weights[t].end(), [](float w) { return w > 0; });
      EXPECT_LE(places, chunk());
      if (places == 0) {
        ++lost;
        gone = true;
        for (const float value : answer.contexts[t]) EXPECT_EQ(value, 0.0F);
      } else {
        ++chosen;
        EXPECT_NEAR(sum, 1.0, 1e-6);
        EXPECT_FALSE(gone) << "what has run off the end came back";
      }
    }
  }
  EXPECT_GT(chosen, 0);
  EXPECT_GT(lost, 0);
}

TEST_P(MonotonicAttention, HardDecisionsConform) {
  const AttentionKind kind = hard(GetParam());
  conformance::rows_sum_to_one_and_end_at_the_sentence(kind, normalizer_kinds().front());
  conformance::context_is_the_weighted_sum(kind);
  conformance::batches_change_nothing(kind, normalizer_kinds().front());
  conformance::interleaved_sentences_do_not_meet(kind);
  conformance::what_is_carried_goes_with_its_row(kind);
}

TEST_P(MonotonicAttention, HardDecisionsAreNotForTraining) {
  AttentionKind kind = hard(GetParam());
  conformance::Mechanism mechanism(kind);
  Arena arena;
  Tape tape(arena, true);
  const std::vector<int> lengths = {5};
  const std::vector<int> offsets = {0};
  const Variable states = tape.variable(5, kWidth);
  const Variable query = tape.variable(1, kWidth);
  randomize(states.value(), 1);
  randomize(query.value(), 2);
  const AttentionMemory memory = mechanism.attention->prepare(tape, {states, {offsets, lengths, 5}});
  const auto weights = [&](Rng* rng) {
    const Attended attended = mechanism.attention->attend(tape, {query, memory, offsets, {}, rng});
    const Tensor& value = attended.trace.weights.value();
    return std::vector<float>(value.data, value.data + 5);
  };
  for (const float weight : weights(nullptr)) EXPECT_GT(weight, 0.0F);
  // Noise is drawn from the generator that is handed in, and only from it.
  Rng one(1);
  Rng same(1);
  Rng other(2);
  const std::vector<float> noisy = weights(&one);
  EXPECT_NE(noisy, weights(nullptr));
  EXPECT_EQ(noisy, weights(&same));
  EXPECT_NE(noisy, weights(&other));
}

TEST_P(MonotonicAttention, RefusesWhatItCanNotHave) {
  AttentionOptions options;
  options.kind = GetParam();
  options.temperature = 2;
  const std::string error = error_of<UsageError>([&] { check_effect(options); });
  EXPECT_NE(error.find("model.attention.temperature"), std::string::npos) << error;
}

TEST(LocationSensitive, RefusesAnEvenFilter) {
  AttentionOptions options;
  options.filter_width = 4;
  EXPECT_THROW(find_attention("location-sensitive").make("attention", {8, 8}, options), UsageError);
}

// See et al. 2017, equation 10: c of a step is the sum of the weights of the steps before it, without its own.
TEST(Coverage, IsTheSumOfTheStepsBefore) {
  const Mechanism mechanism(find_attention("coverage"));
  Arena arena;
  Tape tape(arena);
  const std::vector<int> lengths = {6};
  const std::vector<int> offsets = {0};
  const Variable states = tape.variable(6, kWidth);
  randomize(states.value(), 1);
  const AttentionMemory memory = mechanism.attention->prepare(tape, {states, {offsets, lengths, 6}});
  AttentionTrace trace;
  std::vector<float> sum(6);
  for (int t = 0; t < 4; ++t) {
    const Variable query = tape.variable(1, kWidth);
    randomize(query.value(), 10 + static_cast<std::uint64_t>(t));
    trace = mechanism.attention->attend(tape, {query, memory, offsets, trace}).trace;
    for (int s = 0; s < 6; ++s) sum[s] += trace.weights.value().data[s];
    for (int s = 0; s < 6; ++s) EXPECT_NEAR(trace.carried.front().value().data[s], sum[s], 1e-6);
  }
}

// The first step does not see coverage: it is as if there were none.
TEST(Coverage, ChangesNothingInTheFirstStep) {
  const Sentence sentence = make_sentence(7, 1);
  for (const char* kind : {"coverage", "coverage-fertility"}) {
    const Mechanism mechanism(find_attention(kind));
    const Answer with = conformance::ask_alone(*mechanism.attention, sentence, sentence);
    const Tensor& weights = parameter(mechanism, "coverage").value.view();
    std::fill_n(weights.data, weights.size(), 0.0F);
    const Answer without = conformance::ask_alone(*mechanism.attention, sentence, sentence);
    EXPECT_EQ(with.weights[0], without.weights[0]) << kind;
    EXPECT_NE(with.weights[1], without.weights[1]) << kind;
  }
}

}  // namespace
}  // namespace heed
