#pragma once
#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "gradient_check.h"
#include "heed/base/error.h"
#include "heed/nn/attention.h"
#include "heed/tensor/worker_pool.h"

// What attention_conformance.h tests mechanisms with: sentences, batches that are advanced step by step, options.
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
      if (parameter.role == ParameterRole::kVector) randomize(parameter.value.view(), seed++, 0.5);
    });
    parameters =
        std::make_unique<ParameterList>([this](const ParameterVisitor& visitor) { attention->visit(visitor); });
    parameters->pack(Precision::kFloat32, true);
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

/// What a mechanism may refuse, by the name in AttentionKind::refuses.
struct Trial {
  const char* name;
  AttentionSizes sizes;
  void (*change)(AttentionOptions& options);
};
inline const std::vector<Trial>& trials() {
  constexpr AttentionSizes kEqual = {kWidth, kWidth};
  static const std::vector<Trial> all = {
      {"unequal widths", {12, kWidth}, [](AttentionOptions&) {}},
      {"heads that do not divide the width", kEqual, [](AttentionOptions& options) { options.heads = 3; }},
      {"an even filter_width", kEqual, [](AttentionOptions& options) { options.filter_width = 4; }},
      {"a filter_width of 1", kEqual, [](AttentionOptions& options) { options.filter_width = 1; }},
      {"one filter", kEqual, [](AttentionOptions& options) { options.filters = 1; }},
      {"a window of 1", kEqual, [](AttentionOptions& options) { options.window = 1; }},
      {"a chunk of 1", kEqual, [](AttentionOptions& options) { options.chunk = 1; }},
      {"one position", kEqual, [](AttentionOptions& options) { options.positions = 1; }},
      {"one head", kEqual, [](AttentionOptions& options) { options.heads = 1; }},
      {"no noise", kEqual, [](AttentionOptions& options) { options.noise = 0; }},
      {"hard", kEqual, [](AttentionOptions& options) { options.hard = true; }},
      {"scale none", kEqual, [](AttentionOptions& options) { options.scale = "none"; }},
      {"sparsemax", kEqual, [](AttentionOptions& options) { options.normalizer = "sparsemax"; }},
      {"entmax15", kEqual, [](AttentionOptions& options) { options.normalizer = "entmax15"; }},
      {"a temperature", kEqual, [](AttentionOptions& options) { options.temperature = 0.1; }},
  };
  return all;
}
/// What it says when it refuses a trial; "" if it does not.
inline std::string refusal_of(const AttentionKind& kind, const Trial& trial) {
  AttentionOptions options = small_options();
  trial.change(options);
  try {
    (void)kind.make("attention", trial.sizes, options);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

}  // namespace heed::conformance
