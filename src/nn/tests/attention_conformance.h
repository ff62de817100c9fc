#pragma once
#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gradient_check.h"
#include "heed/base/error.h"
#include "heed/nn/attention.h"

// What every attention mechanism must do, as functions of its line in the table: attention_test.cpp runs them over all
// lines.
namespace heed::conformance {

constexpr int kWidth = 20;  // of queries and states: no multiple of a vector
constexpr int kSteps = 3;   // the trace goes from one to the next

/// An encoded sentence and the queries of one row that looks at it, one for each step.
struct Sentence {
  int length = 0;
  std::vector<float> states;                ///< [length, kWidth]
  std::vector<std::vector<float>> queries;  ///< [kSteps][kWidth]
};

inline Sentence make_sentence(int length, std::uint64_t seed) {
  Sentence out{length, std::vector<float>(static_cast<std::size_t>(length * kWidth)), {}};
  randomize({out.states.data(), length, kWidth}, seed);
  for (int t = 0; t < kSteps; ++t) {
    out.queries.emplace_back(kWidth);
    randomize({out.queries.back().data(), 1, kWidth}, seed * 100 + t);
  }
  return out;
}

/// What one row got in each step.
struct Answer {
  std::vector<std::vector<float>> weights;  ///< as many as its sentence has positions
  std::vector<std::vector<float>> contexts;
  float beyond = 0;  ///< largest weight beyond its sentence
  bool operator==(const Answer&) const = default;
};

/// Small enough for the sentences here: windows that end inside them, filters that reach beyond them.
inline AttentionOptions small_options() {
  AttentionOptions options;
  options.heads = 2;
  options.window = 2;
  options.chunk = 2;
  options.filters = 3;
  options.filter_width = 3;
  options.positions = 3;
  return options;
}
inline AttentionOptions small_options(const NormalizerKind& normalizer) {
  AttentionOptions options = small_options();
  options.normalizer = normalizer.name;
  // So that the sparse ones do not give all to one position, where there is no gradient.
  if (normalizer.name != "softmax") options.temperature = 6.4;
  return options;
}

/// The normalisers that a mechanism reads: all, or none but the softmax that nobody asks for.
inline std::vector<NormalizerKind> normalizers_of(const AttentionKind& kind) {
  const std::vector<std::string> read = options_read(kind, small_options());
  if (std::find(read.begin(), read.end(), "normalizer") != read.end()) return normalizer_kinds();
  return {find_normalizer("softmax")};
}

/// A mechanism with its weights packed.
struct Mechanism {
  explicit Mechanism(const AttentionKind& kind, AttentionSizes sizes = {kWidth, kWidth},
                     const AttentionOptions& options = small_options(), std::uint64_t seed = 5) {
    attention = kind.make("attention", sizes, options);
    Rng rng(seed);
    initialize(*attention, rng);
    // Vectors are 0 at first, which would hide a mistake.
    attention->visit([&](Parameter& parameter) {
      if (parameter.role == Role::kVector) randomize(parameter.value.view(), seed++, 0.5);
    });
    parameters =
        std::make_unique<ParameterList>([this](const ParameterVisitor& visitor) { attention->visit(visitor); });
    parameters->pack(Precision::kFloat32, true);
    use_one_thread();
  }
  std::unique_ptr<Attention> attention;
  std::unique_ptr<ParameterList> parameters;
};

/// A batch of sentences on a tape of its own: several may be advanced in turns.
class Batch {
 public:
  /// Row r looks at sentences[rows[r]] with the queries of questions[r].
  Batch(const Attention& attention, const std::vector<Sentence>& sentences, std::vector<int> rows,
        std::vector<Sentence> questions)
      : attention_(attention), rows_(std::move(rows)), questions_(std::move(questions)), answers_(rows_.size()) {
    int positions = 0;
    int longest = 0;
    for (const Sentence& sentence : sentences) {
      offsets_.push_back(positions);
      lengths_.push_back(sentence.length);
      positions += sentence.length;
      longest = std::max(longest, sentence.length);
    }
    const Variable states = tape_.variable(positions, kWidth);
    for (std::size_t i = 0; i < sentences.size(); ++i) {
      std::copy(sentences[i].states.begin(), sentences[i].states.end(), states.value().row(offsets_[i]));
    }
    memory_ = attention_.prepare(tape_, {states, {offsets_, lengths_, longest}});
  }

  void step() {
    const Variable query = tape_.variable(static_cast<std::int64_t>(rows_.size()), kWidth);
    for (std::size_t r = 0; r < rows_.size(); ++r) {
      std::copy(questions_[r].queries[step_].begin(), questions_[r].queries[step_].end(),
                query.value().row(static_cast<std::int64_t>(r)));
    }
    const Attended attended = attention_.attend(tape_, {query, memory_, rows_, trace_});
    trace_ = attended.trace;
    ++step_;
    for (std::size_t r = 0; r < rows_.size(); ++r) {
      const Tensor& weights = trace_.weights.value();
      const float* row = weights.row(static_cast<std::int64_t>(r));
      const int length = lengths_[rows_[r]];
      answers_[r].weights.emplace_back(row, row + length);
      for (std::int64_t s = length; s < weights.columns; ++s)
        answers_[r].beyond = std::max(answers_[r].beyond, std::abs(row[s]));
      const Tensor& context = attended.context.value();
      const float* values = context.row(static_cast<std::int64_t>(r));
      answers_[r].contexts.emplace_back(values, values + context.columns);
    }
  }

  /// Row i goes on as row parents[i] has gone so far, as the hypotheses of a beam do.
  void gather(const std::vector<int>& parents) {
    trace_ = gather_rows(tape_, trace_, parents);
    const auto rows = rows_;
    const auto questions = questions_;
    const auto answers = answers_;
    rows_.clear();
    questions_.clear();
    answers_.clear();
    for (const int parent : parents) {
      rows_.push_back(rows[parent]);
      questions_.push_back(questions[parent]);
      answers_.push_back(answers[parent]);
    }
  }

  /// Only the first rows go on.
  void end_rows(std::size_t left) {
    rows_.resize(left);
    questions_.resize(left);
    answers_.resize(left);
  }

  std::vector<Answer> all_steps() {
    while (step_ < kSteps) step();
    return answers_;
  }

 private:
  const Attention& attention_;
  std::vector<int> rows_;
  std::vector<Sentence> questions_;
  std::vector<int> offsets_, lengths_;
  std::vector<Answer> answers_;
  Arena arena_;
  Tape tape_{arena_};
  AttentionMemory memory_;
  AttentionTrace trace_;
  int step_ = 0;
};

inline std::vector<Answer> ask(const Attention& attention, const std::vector<Sentence>& sentences,
                               const std::vector<int>& rows, const std::vector<Sentence>& questions) {
  return Batch(attention, sentences, rows, questions).all_steps();
}

inline Answer ask_alone(const Attention& attention, const Sentence& sentence, const Sentence& question) {
  return ask(attention, {sentence}, {0}, {question}).front();
}

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

/// The context is the sum of the sentence's states by the weights, unless there are heads, which sum projections.
inline void context_is_the_weighted_sum(const AttentionKind& kind) {
  const Mechanism mechanism(kind);
  if (mechanism.attention->heads() != std::vector<int>{1}) return;
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
  reads_what_its_line_says(kind);
}

}  // namespace heed::conformance
