#include "../attention_watch.h"

#include "runs.h"

namespace heed {
namespace {

ValidationResult looks(double entropy, double maximum, double movement) {
  ValidationResult out;
  out.attention_entropy = entropy;
  out.attention_maximum = maximum;
  out.attention_movement = movement;
  return out;
}

std::string fault(const std::vector<ValidationResult>& validations, const std::string& kind = "luong-general") {
  AttentionOptions options;
  options.kind = kind;
  return attention_fault(validations, options);
}

TEST(AttentionWatch, ACollapseIsSharpAndStuck) {
  const ValidationResult collapsed = looks(0.02, 3.7, 0.1);
  EXPECT_NE(fault({collapsed}).find("0.02 of 3.7 bits"), std::string::npos);
  EXPECT_NE(fault({collapsed}).find("model.attention.kind: bahdanau"), std::string::npos);
  EXPECT_NE(fault({looks(0.19, 4, 0.1)}), "") << "a share of the maximum";
  EXPECT_EQ(fault({looks(0.25, 4, 0.1)}), "");
  EXPECT_EQ(fault({looks(0.02, 3.7, 0.95)}), "") << "copying: sharp, and each at its own place";
  EXPECT_EQ(fault({looks(0.02, 1.2, 0.1)}), "") << "two words: nothing to choose from";
  EXPECT_EQ(fault({looks(0, 0, 0)}), "") << "no attention";
  EXPECT_EQ(fault({collapsed, collapsed}), "") << "said once";
  EXPECT_NE(fault({looks(2, 3.7, 0.5), collapsed}), "");
  for (const char* kind : {"hard-exact", "hard-exact-first-order", "monotonic-soft", "monotonic-chunkwise",
                           "luong-local-m", "luong-local-p", "bahdanau+monotonic-soft"}) {
    EXPECT_EQ(fault({collapsed}, kind), "") << kind;
  }
}

TEST(AttentionWatch, StayingUniformTakesSeveralValidations) {
  const ValidationResult uniform = looks(3.65, 3.7, 0);
  const ValidationResult learning = looks(3.5, 3.7, 0.1);
  EXPECT_EQ(fault({uniform}), "");
  EXPECT_EQ(fault({uniform, uniform}), "");
  EXPECT_NE(fault({uniform, uniform, uniform}).find("for 3 validations"), std::string::npos);
  EXPECT_EQ(fault({uniform, uniform, learning}), "");
  EXPECT_EQ(fault({uniform, uniform, uniform, uniform}), "") << "said once";
  EXPECT_EQ(fault({uniform, uniform, uniform, learning, uniform, uniform, uniform}), "");
  EXPECT_NE(fault({learning, uniform, uniform, uniform}), "");
}

// Through a training: scores that outgrow the softmax, and such as drown in it.
class WatchedRun : public RunTest {
 protected:
  std::vector<std::string> warnings_at(double temperature, const std::string& kind) {
    Config run = config({8, 6, 9, false}, 32, 10);
    run.model.embedding = 16;
    run.model.encoder_hidden = run.model.decoder_hidden = 32;
    run.model.attention.kind = kind;
    run.model.attention.temperature = temperature;
    run.training.optimizer.kind = "sgd";
    run.training.learning_rate = 1e-6;
    run.training.epochs = 3;
    run.training.best_by = "perplexity";
    run.output += kind;
    std::vector<std::string> out;
    TrainerEvents events;
    events.log = [&](LogLevel level, std::string_view text) {
      if (level == LogLevel::kWarning && text.starts_with("attention")) out.emplace_back(text);
    };
    events.validated = [&](const ValidationResult& result) { seen = result; };
    train(run, {.stop = &stop, .events = events});
    return out;
  }
  ValidationResult seen;
};

TEST_F(WatchedRun, SaysWhatAttentionSuffersFrom) {
  std::vector<std::string> said = warnings_at(1e3, "luong-dot");
  ASSERT_EQ(said.size(), 1U);
  EXPECT_NE(said[0].find("stayed uniform"), std::string::npos);
  EXPECT_NEAR(seen.attention_entropy, seen.attention_maximum, 0.01);
  said = warnings_at(1e-3, "bahdanau");
  ASSERT_EQ(said.size(), 1U) << seen.attention_entropy << " of " << seen.attention_maximum << ", moves by "
                             << seen.attention_movement;
  EXPECT_NE(said[0].find("collapsed"), std::string::npos);
  EXPECT_TRUE(warnings_at(1, "none").empty());
  EXPECT_EQ(seen.attention_maximum, 0);
}

}  // namespace
}  // namespace heed
