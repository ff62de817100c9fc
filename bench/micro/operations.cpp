#include "heed/autograd/operations.h"

#include <algorithm>
#include <deque>
#include <memory>

#include "fmt/format.h"
#include "heed/autograd/gradient_store.h"
#include "kernel.h"
#include "sentences.h"

// A few operations of autograd as they are used: forward alone without a tape, and forward, backward and the gradients
// of the parameters with one.
namespace heed::micro {
namespace {

constexpr std::int64_t kRows = 32;
constexpr std::int64_t kHidden = 512;

// Parameters, their gradients, and what a batch needs. It stays where it is: tapes point into it.
class Workshop {
 public:
  const Parameter& parameter(std::int64_t rows, std::int64_t columns, ParameterRole role) {
    Parameter& made = parameters_.emplace_back();
    made.name = fmt::format("parameter {}", parameters_.size());
    made.role = role;
    made.value = random_buffer(rows, columns, 0.05);
    return made;
  }
  const Tensor& input(std::int64_t rows, std::int64_t columns) {
    return inputs_.emplace_back(random_buffer(rows, columns)).view();
  }
  void finish(Precision precision) {
    list_ = std::make_unique<ParameterList>([this](const ParameterVisitor& visit) {
      for (Parameter& parameter : parameters_) visit(parameter);
    });
    list_->pack(precision, true);
    store_ = std::make_unique<GradientStore>(*list_);
  }

  template <typename Function>
  void run(const Function& function, bool backward) {
    arena_.reset();
    Tape tape(arena_, backward);
    const Variable out = function(tape);
    if (!backward) return;
    if (!out.empty()) std::fill_n(out.gradient().data, out.value().size(), 0.01F);
    tape.backward();
    store_->collect(tape);
  }

 private:
  std::deque<Parameter> parameters_;
  std::deque<Buffer> inputs_;
  std::unique_ptr<ParameterList> list_;
  std::unique_ptr<GradientStore> store_;
  Arena arena_;
};

// Products: forward, and backward twice as many again.
struct OperationWork {
  Work forward, both;
};
OperationWork products(double flop, Precision precision) { return {{flop, 0, precision}, {3 * flop, 0, precision}}; }

// `make` adds what it needs to a workshop and returns the function of a tape.
template <typename Make>
void add_operation(const std::string& name, const OperationWork& work_of, Precision precision, Make make) {
  for (const bool backward : {false, true}) {
    const Work work = backward ? work_of.both : work_of.forward;
    add_kernel(fmt::format("operation/{}/{}", name, backward ? "and back" : "forward"), work, [=] {
      auto workshop = std::make_unique<Workshop>();
      auto function = make(*workshop);
      workshop->finish(precision);
      return [=, workshop = std::move(workshop), function = std::move(function)] { workshop->run(function, backward); };
    });
  }
}

void add_linear(Precision precision) {
  constexpr std::int64_t kOut = 2048;
  const OperationWork work = products(2.0 * kRows * kHidden * kOut, precision);
  add_operation(fmt::format("linear {} 32x512x2048", name_of(precision)), work, precision, [](Workshop& workshop) {
    const Parameter* weight = &workshop.parameter(kHidden, kOut, ParameterRole::kWeight);
    const Parameter* bias = &workshop.parameter(1, kOut, ParameterRole::kVector);
    const Tensor x = workshop.input(kRows, kHidden);
    return [=](Tape& tape) { return linear(tape, {{tape.variable(x), weight}}, bias); };
  });
}

void add_lstm_step(Precision precision) {
  const OperationWork work = products(2.0 * kRows * (2 * kHidden) * (4 * kHidden), precision);
  add_operation(fmt::format("lstm_step {} 32x(512+512)", name_of(precision)), work, precision, [](Workshop& workshop) {
    const Parameter* input = &workshop.parameter(kHidden, 4 * kHidden, ParameterRole::kWeight);
    const Parameter* recurrent = &workshop.parameter(kHidden, 4 * kHidden, ParameterRole::kWeight);
    const Parameter* bias = &workshop.parameter(1, 4 * kHidden, ParameterRole::kVector);
    const Tensor x = workshop.input(kRows, kHidden);
    const Tensor h = workshop.input(kRows, kHidden);
    const Tensor c = workshop.input(kRows, kHidden);
    return [=](Tape& tape) {
      const LinearTerm terms[] = {{tape.variable(x), input}, {tape.variable(h), recurrent}};
      const RnnState out{tape.variable(kRows, kHidden), tape.variable(kRows, kHidden)};
      lstm_step(tape, {{}, terms, bias, tape.variable(c)}, out);
      return out.hidden;
    };
  });
}

void add_cross_entropy(Precision precision) {
  constexpr std::int64_t kLabels = 128;
  constexpr std::int64_t kVocabulary = 8000;
  const OperationWork work = products(2.0 * kLabels * kHidden * kVocabulary, precision);
  const auto name = fmt::format("cross_entropy {} 128x512x8000", name_of(precision));
  add_operation(name, work, precision, [](Workshop& workshop) {
    const OutputLayer output{&workshop.parameter(kHidden, kVocabulary, ParameterRole::kWeight),
                             &workshop.parameter(1, kVocabulary, ParameterRole::kVector)};
    const Tensor hidden = workshop.input(kLabels, kHidden);
    return [=, labels = random_ids(kLabels, kVocabulary)](Tape& tape) {
      benchmark::DoNotOptimize(cross_entropy(tape, tape.variable(hidden), output, labels).total);
      return Variable();  // its gradient was computed on the way
    };
  });
}

constexpr int kLength = 26;

void add_copy_cross_entropy(Precision precision) {
  constexpr std::int64_t kLabels = 128;
  constexpr std::int64_t kVocabulary = 8000;
  const OperationWork work = products(2.0 * kLabels * kHidden * kVocabulary, precision);
  const auto name = fmt::format("copy_cross_entropy {} 128x512x8000, S = 26", name_of(precision));
  add_operation(name, work, precision, [](Workshop& workshop) {
    const OutputLayer output{&workshop.parameter(kHidden, kVocabulary, ParameterRole::kWeight),
                             &workshop.parameter(1, kVocabulary, ParameterRole::kVector)};
    const Tensor hidden = workshop.input(kLabels, kHidden);
    const Tensor gate = workshop.input(kLabels, 1);
    const Tensor weights = workshop.input(kLabels, kLength);
    std::fill_n(weights.data, weights.size(), 1.0F / kLength);
    return [=, sentences = Sentences(kRows, kLength, kLabels / kRows), labels = random_ids(kLabels, kVocabulary),
            copies = random_ids(kRows * kLength, kVocabulary)](Tape& tape) {
      const Copying copying{tape.variable(gate), tape.variable(weights), sentences.sentence(), sentences.rows(),
                            copies};
      benchmark::DoNotOptimize(copy_cross_entropy(tape, tape.variable(hidden), output, copying, labels).total);
      return Variable();  // its gradient was computed on the way
    };
  });
}

// The output layer of exact hard attention: once for each pair of a row and a position.
void add_position_log_probability() {
  constexpr std::int64_t kVocabulary = 40;
  const OperationWork work = products(2.0 * kRows * kLength * kHidden * kVocabulary, Precision::kFloat32);
  add_operation("position_log_probability 32x26x512x40", work, Precision::kFloat32, [](Workshop& workshop) {
    const OutputLayer output{&workshop.parameter(kHidden, kVocabulary, ParameterRole::kWeight),
                             &workshop.parameter(1, kVocabulary, ParameterRole::kVector)};
    const Tensor rows = workshop.input(kRows, kHidden);
    const Tensor positions = workshop.input(kRows * kLength, kHidden);
    return [=, sentences = Sentences(kRows, kLength, 1), labels = random_ids(kRows, kVocabulary)](Tape& tape) {
      const PositionStates states{
          tape.variable(rows), tape.variable(positions), {}, sentences.sentence(), sentences.rows()};
      return position_log_probability(tape, states, output, labels);
    };
  });
}

void add_embedding() {
  constexpr std::int64_t kWords = 26 * kRows;
  constexpr double kBytes = 1.0 * sizeof(float) * kWords * kHidden;
  // Rows are copied; backward, their gradients are read, and those of the table read and written.
  const OperationWork work{{0, 2 * kBytes}, {0, 5 * kBytes}};
  add_operation("embedding 832 of 8000x512", work, Precision::kFloat32, [](Workshop& workshop) {
    const Parameter* table = &workshop.parameter(8000, kHidden, ParameterRole::kEmbedding);
    return [=, ids = random_ids(kWords, 8000)](Tape& tape) { return embedding(tape, *table, ids); };
  });
}

// Scores, softmax and context of one step.
void add_attention_step(bool additive) {
  const char* name = additive ? "additive attention 32x26x512" : "dot attention 32x26x512";
  constexpr double kSource = 1.0 * sizeof(float) * kRows * kLength * kHidden;
  // Keys and values are read; backward again, and their gradients are read and written.
  const OperationWork work{{0, 2 * kSource}, {0, 8 * kSource}};
  add_operation(name, work, Precision::kFloat32, [=](Workshop& workshop) {
    const Parameter* v = &workshop.parameter(1, kHidden, ParameterRole::kVector);
    const Tensor keys = workshop.input(kRows * kLength, kHidden);
    const Tensor values = workshop.input(kRows * kLength, kHidden);
    const Tensor query = workshop.input(kRows, kHidden);
    return [=, sentences = Sentences(kRows, kLength, 1)](Tape& tape) {
      const std::span<const int> sentence = sentences.sentence();
      const SourceMatrix key_matrix = source_matrix(tape, tape.variable(keys), sentences.rows());
      const SourceMatrix value_matrix = source_matrix(tape, tape.variable(values), sentences.rows());
      const Variable q = tape.variable(query);
      const Variable scores = additive ? additive_scores(tape, q, key_matrix, value_of(tape, *v), sentence)
                                       : dot_scores(tape, q, key_matrix, sentence);
      const Variable weights = attention_softmax(tape, scores, sentences.rows(), sentence);
      return weighted_sum(tape, weights, value_matrix, sentence);
    };
  });
}

}  // namespace

void add_operations() {
  for (const Precision precision : {Precision::kFloat32, Precision::kBfloat16}) {
    add_linear(precision);
    add_lstm_step(precision);
    add_cross_entropy(precision);
    add_copy_cross_entropy(precision);
  }
  add_position_log_probability();
  add_embedding();
  for (const bool additive : {false, true}) add_attention_step(additive);
}

}  // namespace heed::micro
