#pragma once
#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "attention_probes.h"

// What every attention mechanism must do, as functions of its line in the table: attention_test.cpp runs them over all
// lines.
namespace heed::conformance {

inline void rows_sum_to_one_and_end_at_the_sentence(const AttentionKind& kind, const NormalizerKind& normalizer) {
  const Mechanism mechanism(kind, {kWidth, kWidth}, small_options(normalizer));
  std::vector<Sentence> sentences;
  std::vector<int> rows;
  for (const int length : {1, 2, 7, 16, 33}) {
    rows.push_back(static_cast<int>(sentences.size()));
    sentences.push_back(make_sentence(length, static_cast<std::uint64_t>(length)));
  }
  for (const Answer& answer : ask(*mechanism.attention, sentences, rows, sentences)) {
    EXPECT_EQ(answer.beyond, 0.0F);
    for (const std::vector<float>& weights : answer.weights) {
      double sum = 0;
      for (const float weight : weights) {
        EXPECT_GE(weight, 0.0F);
        sum += static_cast<double>(weight);
      }
      if (kind.rows_sum_to_one) {
        EXPECT_NEAR(sum, 1.0, 1e-5);
      } else {
        EXPECT_LE(sum, 1.0 + 1e-5);
      }
    }
  }
}

/// The weights are the mean over layers of the mean over their heads.
inline void weights_are_the_mean_of_the_parts(const AttentionKind& kind) {
  const Mechanism mechanism(kind);
  const std::vector<int> offsets = {0}, lengths = {5};
  Arena arena;
  Tape tape(arena);
  const Variable states = tape.variable(5, kWidth), query = tape.variable(1, kWidth);
  randomize(states.value(), 1);
  randomize(query.value(), 2);
  const AttentionMemory memory = mechanism.attention->prepare(tape, {states, {offsets, lengths, 5}});
  const AttentionTrace none;
  const AttentionTrace trace = mechanism.attention->attend(tape, {query, memory, offsets, none}).trace;
  std::vector<double> mean(5);
  std::vector<int> heads;
  const auto layers = layers_of(trace);
  for (const std::vector<Variable>& layer : layers) {
    heads.push_back(static_cast<int>(layer.size()));
    for (const Variable& head : layer) {
      const double share = 1.0 / static_cast<double>(layers.size() * layer.size());
      for (std::size_t s = 0; s < mean.size(); ++s) mean[s] += share * static_cast<double>(head.value().data[s]);
    }
  }
  EXPECT_EQ(heads, mechanism.attention->heads());
  for (std::size_t s = 0; s < mean.size(); ++s)
    EXPECT_NEAR(static_cast<double>(trace.weights.value().data[s]), mean[s], 1e-6);
}

/// The context is the sum of the sentence's states by the weights. That of several heads sums projections.
inline void context_is_the_weighted_sum(const AttentionKind& kind) {
  const Mechanism mechanism(kind);
  if (mechanism.attention->heads() != std::vector<int>{1}) return weights_are_the_mean_of_the_parts(kind);
  const Sentence sentence = make_sentence(9, 3);
  const Answer answer = ask_alone(*mechanism.attention, sentence, sentence);
  for (int t = 0; t < kSteps; ++t) {
    ASSERT_EQ(answer.contexts[t].size(), static_cast<std::size_t>(kWidth));
    for (int i = 0; i < kWidth; ++i) {
      double expected = 0;
      for (int s = 0; s < 9; ++s) {
        expected += static_cast<double>(answer.weights[t][s]) * static_cast<double>(sentence.states[s * kWidth + i]);
      }
      EXPECT_NEAR(static_cast<double>(answer.contexts[t][i]), expected, 1e-5);
    }
  }
}

/// A sentence alone, in a batch of any size, at any row, asked by several rows, beside a much longer one: the same to
/// the bit.
inline void batches_change_nothing(const AttentionKind& kind, const NormalizerKind& normalizer) {
  const Mechanism mechanism(kind, {kWidth, kWidth}, small_options(normalizer));
  std::vector<Sentence> sentences;
  for (int i = 0; i < 11; ++i) sentences.push_back(make_sentence(1 + (i * 5) % 12, 40 + static_cast<std::uint64_t>(i)));
  std::vector<Answer> alone;
  for (const Sentence& sentence : sentences) alone.push_back(ask_alone(*mechanism.attention, sentence, sentence));

  const std::vector<int> rows = {10, 3, 3, 0, 7, 1, 2, 9, 8, 4, 3, 5, 6};
  std::vector<Sentence> questions;
  for (const int row : rows) questions.push_back(sentences[row]);
  const std::vector<Answer> together = ask(*mechanism.attention, sentences, rows, questions);
  for (std::size_t r = 0; r < rows.size(); ++r) EXPECT_EQ(together[r], alone[rows[r]]) << "row " << r;

  const Sentence longer = make_sentence(70, 99);
  for (const std::vector<Sentence>& batch : {std::vector{sentences[4], longer}, std::vector{longer, sentences[4]}}) {
    const std::vector<Answer> answers = ask(*mechanism.attention, batch, {0, 1}, batch);
    EXPECT_EQ(answers[batch[0].length == 70 ? 1 : 0], alone[4]);
  }
}

/// Two memories used in turns give what they give one after the other.
inline void interleaved_sentences_do_not_meet(const AttentionKind& kind) {
  const Mechanism mechanism(kind);
  const std::vector<Sentence> one = {make_sentence(6, 1), make_sentence(3, 2)};
  const std::vector<Sentence> other = {make_sentence(8, 3)};
  Batch first(*mechanism.attention, one, {1, 0}, {one[1], one[0]});
  Batch second(*mechanism.attention, other, {0}, {other[0]});
  for (int t = 0; t < kSteps; ++t) {
    first.step();
    second.step();
  }
  EXPECT_EQ(first.all_steps(), ask(*mechanism.attention, one, {1, 0}, {one[1], one[0]}));
  EXPECT_EQ(second.all_steps(), ask(*mechanism.attention, other, {0}, {other[0]}));
}

/// Rows that change their places between steps, come twice, or end, take what they carry with them.
inline void what_is_carried_goes_with_its_row(const AttentionKind& kind) {
  const Mechanism mechanism(kind);
  const std::vector<Sentence> sentences = {make_sentence(7, 11), make_sentence(4, 12), make_sentence(9, 13)};
  std::vector<Answer> alone;
  for (const Sentence& sentence : sentences) alone.push_back(ask_alone(*mechanism.attention, sentence, sentence));
  Batch batch(*mechanism.attention, sentences, {0, 1, 2}, sentences);
  batch.step();
  batch.gather({2, 0, 2, 1});
  batch.step();
  batch.end_rows(3);
  const std::vector<Answer> answers = batch.all_steps();
  EXPECT_EQ(answers, (std::vector<Answer>{alone[2], alone[0], alone[2]}));
}

/// Through queries, encoded states and every parameter, over steps in which rows end; none of them without influence.
/// Where weights become exactly 0 and where windows end there are kinks and jumps.
inline void gradients_are_right(const AttentionKind& kind, const NormalizerKind& normalizer) {
  constexpr int kSmall = 6;
  const std::vector<int> lengths = {3, 1, 4};
  const std::vector<int> offsets = {0, 3, 4};
  const std::vector<int> sentence = {2, 0, 2, 1};
  Mechanism mechanism(kind, {kSmall, kSmall}, small_options(normalizer));
  GradientCheck check(30);  // inputs of which few stand near a kink
  check.kinks = true;
  check.input(8, kSmall);
  check.input(4, kSmall);
  check.input(2, kSmall);
  check.input(1, kSmall);
  mechanism.attention->visit([&](Parameter& parameter) { check.use(parameter); });
  check.run([&](Tape& tape, std::span<const Variable> inputs) {
    const AttentionMemory memory = mechanism.attention->prepare(tape, {inputs[0], {offsets, lengths, 4}});
    const AttentionTrace none;
    const Attended first = mechanism.attention->attend(tape, {inputs[1], memory, sentence, none});
    const Attended second =
        mechanism.attention->attend(tape, {inputs[2], memory, std::span(sentence).subspan(0, 2), first.trace});
    const Attended third =
        mechanism.attention->attend(tape, {inputs[3], memory, std::span(sentence).subspan(0, 1), second.trace});
    return GradientCheck::Outputs{{first.context, second.context, second.trace.weights, third.context}};
  });
}

/// What does not fit together is an Error: queries, states, sentences and rows of the previous step.
inline void refuses_what_does_not_fit(const AttentionKind& kind) {
  const Mechanism mechanism(kind);
  struct Call {
    int states = kWidth, query = kWidth, rows = 2, sentence = 0;
    bool goes_on = false;  // from a step of fewer rows
  };
  const auto refused = [&](const Call& call) {
    Arena arena;
    Tape tape(arena, true);
    const std::vector<int> offsets = {0}, lengths = {5};
    const std::vector<int> first = {0}, rows = {0, call.sentence};
    try {
      const Variable states = tape.variable(arena.zeros(5, call.states));
      const AttentionMemory memory = mechanism.attention->prepare(tape, {states, {offsets, lengths, 5}});
      AttentionTrace trace;
      if (call.goes_on) {
        trace = mechanism.attention->attend(tape, {tape.variable(arena.zeros(1, kWidth)), memory, first, trace}).trace;
      }
      mechanism.attention->attend(tape, {tape.variable(arena.zeros(call.rows, call.query)), memory, rows, trace});
    } catch (const Error&) {
      return true;
    }
    return false;
  };
  EXPECT_FALSE(refused({}));
  EXPECT_TRUE(refused({.states = kWidth + 1}));
  EXPECT_TRUE(refused({.query = kWidth + 1}));
  EXPECT_TRUE(refused({.rows = 3}));
  EXPECT_TRUE(refused({.sentence = 1}));
  EXPECT_TRUE(refused({.sentence = -1}));
  (void)refused({.goes_on = true});  // by what remembers the previous step; no other may read beyond it
}

/// A memory, or a step before, of another mechanism is an Error, unless there is nothing in it that this one does not
/// have: then it is used, and no value beyond it is read.
inline void refuses_what_is_of_another(const AttentionKind& kind) {
  const Mechanism mechanism(kind);
  for (const AttentionKind& other_kind : attention_kinds()) {
    if (other_kind.make == nullptr) continue;
    const Mechanism other(other_kind);
    Arena arena;
    Tape tape(arena);
    const std::vector<int> offsets = {0}, lengths = {5};
    const Encoded encoded{tape.variable(arena.zeros(5, kWidth)), {offsets, lengths, 5}};
    const Variable query = tape.variable(arena.zeros(1, kWidth));
    const AttentionMemory memory = mechanism.attention->prepare(tape, encoded);
    const AttentionMemory others_memory = other.attention->prepare(tape, encoded);
    const AttentionTrace none;
    const AttentionTrace trace = mechanism.attention->attend(tape, {query, memory, offsets, none}).trace;
    const AttentionTrace others_trace = other.attention->attend(tape, {query, others_memory, offsets, none}).trace;
    const auto refused = [&](const AttentionMemory& given, const AttentionTrace& previous) {
      try {
        mechanism.attention->attend(tape, {query, given, offsets, previous});
      } catch (const Error&) {
        return true;
      }
      return false;
    };
    const auto other_type = [](const AttentionMemory& own, const AttentionMemory& given) {
      return own.kept_type != nullptr && (given.kept_type == nullptr || *given.kept_type != *own.kept_type);
    };
    EXPECT_FALSE(refused(memory, trace)) << kind.name;
    const bool differs = other_type(memory, others_memory) || memory.parts.size() != others_memory.parts.size();
    if (differs) {
      EXPECT_TRUE(refused(others_memory, none)) << kind.name << " with the memory of " << other_kind.name;
    }
    const bool carries_else = !trace.carried.empty() && !others_trace.carried.empty() &&
                              trace.carried.front().columns() != others_trace.carried.front().columns();
    const bool parts_differ = !others_trace.parts.empty() && trace.parts.size() != others_trace.parts.size();
    EXPECT_EQ(refused(memory, others_trace), carries_else || (parts_differ && !trace.parts.empty()))
        << kind.name << " after " << other_kind.name;
  }
}

/// What a mechanism does under options: its answers in decoding, and in training with noise.
inline std::vector<Answer> behaviour(const AttentionKind& kind, const AttentionOptions& options) {
  const Mechanism mechanism(kind, {kWidth, kWidth}, options);
  const Sentence sentence = make_sentence(9, 21);
  std::vector<Answer> out = ask(*mechanism.attention, {sentence}, {0}, {sentence});
  Arena arena;
  Tape tape(arena, true);
  Rng rng(3);
  const Variable states = tape.variable(sentence.length, kWidth);
  std::copy(sentence.states.begin(), sentence.states.end(), states.value().data);
  const Variable query = tape.variable(1, kWidth);
  std::copy(sentence.queries[0].begin(), sentence.queries[0].end(), query.value().data);
  const std::vector<int> offsets = {0}, lengths = {sentence.length}, rows = {0};
  const AttentionMemory memory = mechanism.attention->prepare(tape, {states, {offsets, lengths, sentence.length}});
  const AttentionTrace none;
  const auto attended = mechanism.attention->attend(tape, {query, memory, rows, none, &rng});
  const Tensor& context = attended.context.value();
  out.push_back({{}, {std::vector<float>(context.data, context.data + context.columns)}});
  return out;
}

/// Of what is tried it refuses what its line says, and nothing else.
inline void refuses_what_its_line_says(const AttentionKind& kind) {
  std::set<std::string> refused;
  for (const Trial& trial : trials()) {
    if (!refusal_of(kind, trial).empty()) refused.insert(trial.name);
  }
  EXPECT_EQ(refused, std::set<std::string>(kind.refuses.begin(), kind.refuses.end())) << kind.name;
}

/// Each option that its line says it reads changes what it does, and no other one.
inline void reads_what_its_line_says(const AttentionKind& kind) {
  struct Change {
    const char* name;
    void (*change)(AttentionOptions& options);
  };
  const Change changes[] = {
      {"normalizer", [](AttentionOptions& options) { options.normalizer = "sparsemax"; }},
      {"temperature", [](AttentionOptions& options) { options.temperature = 3; }},
      {"scale", [](AttentionOptions& options) { options.scale = "none"; }},
      {"score", [](AttentionOptions& options) { options.score = "bahdanau"; }},
      {"heads", [](AttentionOptions& options) { options.heads = 4; }},
      {"window", [](AttentionOptions& options) { options.window = 3; }},
      {"chunk", [](AttentionOptions& options) { options.chunk = 3; }},
      {"filters", [](AttentionOptions& options) { options.filters = 4; }},
      {"filter_width", [](AttentionOptions& options) { options.filter_width = 5; }},
      {"noise", [](AttentionOptions& options) { options.noise = 2; }},
      {"positions", [](AttentionOptions& options) { options.positions = 5; }},
      {"hard", [](AttentionOptions& options) { options.hard = true; }},
  };
  const std::vector<std::string> read = options_read(kind, small_options());
  const std::vector<Answer> usual = behaviour(kind, small_options());
  for (const Change& change : changes) {
    AttentionOptions options = small_options();
    change.change(options);
    const bool says = std::find(read.begin(), read.end(), change.name) != read.end();
    EXPECT_EQ(behaviour(kind, options) != usual, says) << kind.name << ": " << change.name;
  }
}

/// All of it, for a test of your own: an installed Heed has this file as heed/testing/attention_conformance.h.
inline void check(const AttentionKind& kind) {
  for (const NormalizerKind& normalizer : normalizers_of(kind)) {
    rows_sum_to_one_and_end_at_the_sentence(kind, normalizer);
    batches_change_nothing(kind, normalizer);
    gradients_are_right(kind, normalizer);
  }
  context_is_the_weighted_sum(kind);
  interleaved_sentences_do_not_meet(kind);
  what_is_carried_goes_with_its_row(kind);
  refuses_what_does_not_fit(kind);
  refuses_what_is_of_another(kind);
  refuses_what_its_line_says(kind);
  reads_what_its_line_says(kind);
}

}  // namespace heed::conformance
