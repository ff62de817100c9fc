// Tasks that every attentional model must learn, through the same door as `heed train`.
#include <cmath>

#include "heed/translate/translator.h"
#include "runs.h"
#include "test_name.h"

namespace heed {
namespace {

struct Toy {
  const char* attention;
  bool reverse;
};

class ToyTask : public RunTest, public testing::WithParamInterface<Toy> {};
INSTANTIATE_TEST_SUITE_P(Tasks, ToyTask,
                         testing::Values(Toy{"luong-general", false}, Toy{"luong-general", true},
                                         Toy{"bahdanau", false}, Toy{"bahdanau", true},
                                         Toy{"location-sensitive", false}, Toy{"coverage", false},
                                         Toy{"coverage-fertility", false}, Toy{"coverage-neural", false},
                                         Toy{"monotonic-soft", false}, Toy{"monotonic-chunkwise", false}),
                         [](const auto& test) {
                           return test_name(test.param.attention) + (test.param.reverse ? "_reverse" : "_copy");
                         });

// 12,000 strings: from 3,000 a model learns those all right, but of new ones some that have a symbol several times stay
// wrong, and whether they are more than one of a hundred is then the seed's and the processor's choice.
TEST_P(ToyTask, IsLearntExactly) {
  // Under a sanitizer the same on fewer symbols and shorter strings.
  const Task task{kSanitized ? 5 : 12, kSanitized ? 2 : 3, kSanitized ? 4 : 8, GetParam().reverse};
  Config run = config(task, kSanitized ? 800 : 12000, kSanitized ? 100 : 300);
  run.model.embedding = 32;
  run.model.encoder_hidden = run.model.decoder_hidden = kSanitized ? 32 : 64;
  run.model.attention.kind = GetParam().attention;
  run.model.dropout = 0;
  run.training.batch_sentences = 32;
  run.training.learning_rate = 0.004;
  run.training.epochs = kSanitized ? 30 : 12;
  run.training.best_by = "accuracy";
  // Learnt is learnt: what remains of the epochs is spared.
  double accuracy = 0;
  TrainerEvents events;
  events.validated = [&](const ValidationResult& result) {
    accuracy = result.value("accuracy");
    stop = accuracy >= 99;
  };
  train(run, {.stop = &stop, .events = events});
  EXPECT_GE(accuracy, 99.0);
}

/// Mean over steps of the entropy of attention, as a share of what it is when every position has the same weight.
double spread_of_attention(const Config& run, const std::string& source) {
  const Translator translator({Bundle::load(run.output)});
  const Translated answer = translator.translate(source, {.beam = 1, .attention = true});
  double entropy = 0;
  const auto& rows = answer.translations.front().attention;
  for (const auto& row : rows) {
    for (const float weight : row) entropy -= weight > 0 ? weight * std::log(weight) : 0;
  }
  return entropy / (static_cast<double>(rows.size()) * std::log(static_cast<double>(rows.front().size())));
}

class ScoreScale : public RunTest, public testing::WithParamInterface<const char*> {};
INSTANTIATE_TEST_SUITE_P(Mechanisms, ScoreScale,
                         testing::Values("bahdanau", "bahdanau-normed", "scaled-dot", "luong-general", "luong-scaled",
                                         "luong-concat", "luong-local-p", "location-sensitive", "coverage",
                                         "multi-head"),
                         [](const auto& test) { return test_name(test.param); });

// Twenty updates of a wide model, in which nothing can be learnt yet: a softmax that has one position left has no
// gradient to learn from later. Undivided bilinear scores leave 0.6. Not of luong-dot, whose paper has no divisor.
TEST_P(ScoreScale, LeavesTheSoftmaxOpenWhateverTheWidth) {
  Config run = config({12, 8, 12, false}, 320, 10);
  run.model.embedding = 32;
  run.model.encoder_hidden = run.model.decoder_hidden = kSanitized ? 64 : 256;
  run.model.attention.kind = GetParam();
  run.training.batch_sentences = 16;
  run.training.learning_rate = 0.002;
  run.training.epochs = 1;
  train(run);
  EXPECT_GT(spread_of_attention(run, "a b c d e f g h i j"), 0.7);
}

}  // namespace
}  // namespace heed
