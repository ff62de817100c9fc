// A task that only a model that copies can do: names that stand once in all texts.
#include "heed/translate/translator.h"
#include "runs.h"

namespace heed {
namespace {

constexpr const char* kState = "training_state/parameters.safetensors";

class CopyTask : public RunTest {
 protected:
  /// "please call xq7 now" is "xq7 : call": a verb to be learnt, and a name to be copied.
  std::string write_names(const std::string& name, int count, std::uint64_t seed) const {
    Rng rng(test_seed(seed));
    const std::vector<std::string> verbs = {"call", "find", "greet", "thank"};
    const std::vector<std::string> fillers = {"please", "now", "today", "kindly", "then"};
    const std::string path = (root / name).string();
    std::ofstream out(path);
    for (int i = 0; i < count; ++i) {
      std::string own;
      for (int c = 0; c < 6; ++c) own += static_cast<char>('a' + rng.below(26));
      std::vector<std::string> words = {verbs[rng.below(verbs.size())], own};
      const std::string target = own + " : " + words.front();
      for (auto more = rng.below(4); more > 0; --more) {
        words.insert(words.begin() + static_cast<std::ptrdiff_t>(rng.below(words.size() + 1)),
                     fillers[rng.below(fillers.size())]);
      }
      for (std::size_t w = 0; w < words.size(); ++w) out << (w > 0 ? " " : "") << words[w];
      out << '\t' << target << '\n';
    }
    return path;
  }

  Config names(const std::string& name, const std::string& copy) const {
    Config out = config({4, 2, 3, false}, 4, 4);
    out.data.train.tsv = write_names("names.tsv", kSanitized ? 300 : 1200, 1);
    out.data.validation.tsv = write_names("names-dev.tsv", 100, 2);
    out.data.source.min_count = out.data.target.min_count = 3;
    out.output = (root / name).string();
    out.model.embedding = 24;
    out.model.encoder_hidden = out.model.decoder_hidden = 32;
    out.model.attention.kind = "bahdanau";
    out.model.copy = copy;
    out.model.dropout = 0;
    out.training.batch_sentences = 16;
    out.training.learning_rate = 0.005;
    out.training.best_by = "accuracy";
    out.training.epochs = kSanitized ? 4 : 12;
    return out;
  }

  double accuracy_of(const Config& run) {
    double accuracy = 0;
    TrainerEvents events;
    events.validated = [&](const ValidationResult& result) {
      accuracy = result.value("accuracy");
      stop = accuracy >= 99;
    };
    stop = false;
    train(run, {.stop = &stop, .events = events});
    return accuracy;
  }
};

TEST_F(CopyTask, NamesAreCopied) {
  Config run = names("copies", "pointer-generator");
  run.training.coverage_loss = 0.1;
  const double accuracy = accuracy_of(run);
  if (kSanitized) return;  // too few updates there
  EXPECT_GE(accuracy, 99.0);
  const Translator translator({Bundle::load(run.output)});
  const std::vector<std::string> sentence = {"please greet Nebuchadnezzar today"};
  const Translation best = translator.translate(sentence, {.beam = 3}).front().translations.front();
  EXPECT_EQ(best.text, "Nebuchadnezzar : greet");
  ASSERT_TRUE(best.copied.has_value());
  EXPECT_EQ(best.copied->front(), 0);
}

TEST_F(CopyTask, NamesCanNotBeSaidWithoutCopying) {
  Config run = names("generates", "none");
  run.training.epochs = 2;
  EXPECT_EQ(accuracy_of(run), 0.0);
}

TEST_F(CopyTask, ResumingChangesNothing) {
  const auto small = [&](const char* name) {
    Config out = names(name, "pointer-generator");
    out.data.train.tsv = write_names("few.tsv", 80, 3);
    out.model.dropout = 0.2;
    out.training.label_smoothing = 0.1;
    out.training.coverage_loss = 1;
    out.training.epochs = 2;
    return out;
  };
  const Config whole = small("whole");
  train(whole);
  const Config parts = small("parts");
  TrainerEvents events;
  events.progress = [&](const TrainingProgress& progress) { stop = progress.update == 7; };
  EXPECT_TRUE(train(parts, {.stop = &stop, .events = events}).stopped);
  stop = false;
  train(parts, {.mode = TrainingMode::kResume, .stop = &stop});
  EXPECT_EQ(bytes(whole, kState), bytes(parts, kState));
}

}  // namespace
}  // namespace heed
