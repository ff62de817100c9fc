// Tasks that every attentional model must learn, through the same door as `heed train`.
#include "runs.h"

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
                           std::string name = test.param.attention;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name + (test.param.reverse ? "_reverse" : "_copy");
                         });

TEST_P(ToyTask, IsLearntExactly) {
  // Under a sanitizer the same on fewer symbols and shorter strings.
  const Task task{kSanitized ? 5 : 12, kSanitized ? 2 : 3, kSanitized ? 4 : 8, GetParam().reverse};
  Config run = config(task, kSanitized ? 800 : 3000, kSanitized ? 100 : 300);
  run.model.embedding = 32;
  run.model.encoder_hidden = run.model.decoder_hidden = kSanitized ? 32 : 64;
  run.model.attention.kind = GetParam().attention;
  run.model.dropout = 0;
  run.training.batch_sentences = 32;
  run.training.learning_rate = 0.004;
  run.training.epochs = 30;
  run.training.best_by = "accuracy";
  // Learnt is learnt: what remains of the epochs is spared.
  double accuracy = 0;
  TrainerEvents events;
  events.validated = [&](const ValidationResult& result) {
    accuracy = result.accuracy;
    stop = accuracy >= 99;
  };
  try {
    train(run, false, events, stop);
  } catch (const Interrupted&) {
  }
  EXPECT_GE(accuracy, 99.0);
}

}  // namespace
}  // namespace heed
