#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>

#include "error_of.h"
#include "heed/model/seq2seq.h"
#include "small_run.h"

namespace heed {
namespace {

using nlohmann::json;

bool is_of_cut_answers(const std::string& warning) {
  return warning.find("cut at the length limit") != std::string::npos;
}

class EventLogTest : public SmallRunTest {
 protected:
  static std::vector<json> lines(const Config& config) {
    std::vector<json> out;
    std::istringstream text(bytes(config, "train.jsonl"));
    for (std::string line; std::getline(text, line);) out.push_back(json::parse(line));
    // Whether a model that has learnt little comes to an end is not what is tested.
    std::erase_if(out, [](const json& line) { return is_of_cut_answers(line.value("text", "")); });
    return out;
  }
  static std::string events(const Config& config) {
    std::string out;
    for (const json& line : lines(config)) out += line.at("event").get<std::string>() + " ";
    return out;
  }
};

TEST_F(EventLogTest, HasALineForEachEventInItsOrder) {
  const Config run = small_run("run", 2);
  bool read_while_it_happens = false;
  TrainerEvents observer;
  observer.progress = [&](const TrainingProgress& progress) {
    if (progress.update == 1) read_while_it_happens = events(run) == "started progress ";
  };
  train(run, {.stop = &stop, .events = observer, .origin = {"1.2.3", {"heed", "train"}}});
  EXPECT_TRUE(read_while_it_happens);
  // The state is saved before the first validation: what that may die of costs no work.
  EXPECT_EQ(events(run), "started progress progress saved validated saved progress validated saved finished ");
  const std::vector<json> all = lines(run);
  EXPECT_EQ(all[0].at("heed"), "1.2.3");
  EXPECT_EQ(all[2].at("epoch"), 1);
  EXPECT_GT(all[2].at("loss"), 0);
  EXPECT_EQ(all[4].at("update"), kBatches);
  EXPECT_GT(all[4].at("attention_maximum"), all[4].at("attention_entropy"));
  EXPECT_EQ(all.back().at("text"), "training.epochs: all 2 are done");
}

TEST_F(EventLogTest, IsOnlyEverAppended) {
  const Config run = small_run("run", 2);
  TrainerEvents observer;
  observer.progress = [&](const TrainingProgress& progress) { stop = progress.update == 7; };
  const auto go_on = [](const std::filesystem::path&, const std::string&) { return "heed train my.yaml --resume"; };
  EXPECT_TRUE(train(run, {.stop = &stop, .events = observer, .origin = {"", {}, go_on}}).stopped);
  stop = false;
  std::string before = bytes(run, "train.jsonl");
  EXPECT_EQ(lines(run).back().at("event"), "stopped");
  EXPECT_NE(before.find("holds the state of update 7; go on with `heed train my.yaml --resume`"), std::string::npos);
  // The power went while a line was written.
  before += "{\"event\": \"pro";
  std::ofstream(run.output + "/train.jsonl") << before;
  train(run, {.mode = TrainingMode::kResume, .stop = &stop});
  const std::string after = bytes(run, "train.jsonl");
  ASSERT_TRUE(after.starts_with(before + "\n"));
  const json next =
      json::parse(after.substr(before.size() + 1, after.find('\n', before.size() + 1) - before.size() - 1));
  EXPECT_EQ(next.at("event"), "started");
  EXPECT_EQ(next.at("update"), 7);
}

TEST_F(EventLogTest, NothingBesideItIsWrongWhereItCanNotBeWritten) {
  const Config run = small_run("run", 1);
  const std::string log = run.output + "/train.jsonl";
  TrainerEvents events;
  events.started = [&](const TrainingStart&) { std::filesystem::create_directories(log); };
  std::vector<std::string> warnings = warnings_of(run, events);
  std::erase_if(warnings, is_of_cut_answers);
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_NE(warnings[0].find("train.jsonl': it is no regular file: remove it; training goes on without it"),
            std::string::npos);
}

TEST_F(EventLogTest, NothingIsTrainedWhereItIsNoFile) {
  const Config run = small_run("run", 1);
  std::filesystem::create_directories(run.output + "/train.jsonl");
  EXPECT_NE(error_of([&] { train(run); }).find("train.jsonl': it is no regular file: remove it"), std::string::npos);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(run.output), {}), 1);
}

// From what was still finite, training can go on: with a smaller rate, which no other run may take.
TEST_F(EventLogTest, TheStateBeforeALossThatIsNotFiniteIsSaved) {
  Config run = small_run("run", 3);
  run.training.max_skipped = 0;
  TrainerEvents observer;
  observer.inspected = spoil_loss;
  const auto fails = [&](bool resume) {
    try {
      train(run, {.mode = resume ? TrainingMode::kResume : TrainingMode::kNew, .stop = &stop, .events = observer});
      ADD_FAILURE() << "went on";
    } catch (const UsageError& error) {
      ADD_FAILURE() << error.what();
    } catch (const Error& error) {
      const std::string text = error.what();
      EXPECT_EQ(error.kind(), ErrorKind::kNumeric);
      EXPECT_EQ(error.place().file, run.output);
      EXPECT_NE(text.find("update 6: the loss is"), std::string::npos) << text;
      EXPECT_NE(text.find("holds the state of update 5: resume it with training.learning_rate="), std::string::npos)
          << text;
    }
  };
  fails(false);
  EXPECT_NE(bytes(run, "training_state/position.json").find("\"not_finite\": true"), std::string::npos);
  EXPECT_EQ(lines(run).back().at("event"), "failed");
  run.training.learning_rate = 0.0001;
  run.training.clip_norm = 0.1;
  fails(true);
}

// Weights that an update has spoilt would not load again.
TEST_F(EventLogTest, NothingOfWeightsThatAreNotFiniteIsSaved) {
  Config run = small_run("run", 3);
  run.training.max_skipped = 0;
  TrainerEvents observer;
  observer.inspected = [](const ValidationView& view) {
    view.model.parameters().all().front()->value.view().data[0] = std::numeric_limits<float>::infinity();
  };
  const std::string text = error_of<Error>([&] { train(run, {.stop = &stop, .events = observer}); });
  EXPECT_NE(text.find("'source.embedding' holds numbers that are not finite, and nothing is saved: "),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("holds the state before: resume it with training.learning_rate="), std::string::npos) << text;
  run.training.learning_rate = 0.001;
  report = train(run, {.mode = TrainingMode::kResume, .stop = &stop});
  EXPECT_EQ(report.validations.size(), 3U);
  EXPECT_EQ(bytes(run, "training_state/position.json").find("\"not_finite\": true"), std::string::npos);
  run.training.learning_rate = 0.0001;
  run.training.epochs = 4;
  EXPECT_NE(error_of<UsageError>([&] { train(run, {.mode = TrainingMode::kResume}); }).find("must be the same"),
            std::string::npos)
      << "the rate was changed once, and that was all";
}

TEST_F(EventLogTest, UpdatesThatAreNotFiniteAreSkippedUpToALimit) {
  Config run = small_run("run", 3);
  run.training.max_skipped = 3;
  TrainerEvents observer;
  std::vector<std::string> warnings;
  observer.inspected = spoil_loss;
  observer.log = [&](LogLevel level, std::string_view text) {
    if (level == LogLevel::kWarning && text.find("skipped") != std::string_view::npos) warnings.emplace_back(text);
  };
  EXPECT_NE(error_of<Error>([&] { train(run, {.events = observer}); }).find("update 6: the loss is"),
            std::string::npos);
  ASSERT_EQ(warnings.size(), 3U);
  EXPECT_NE(warnings.back().find("skipped (3 in a row; training.max_skipped: 3)"), std::string::npos)
      << warnings.back();
  const std::string position = bytes(run, "training_state/position.json");
  EXPECT_NE(position.find("\"skipped\": 3"), std::string::npos);
  EXPECT_NE(position.find("\"updates\": 5"), std::string::npos) << "none of them was applied";
}

}  // namespace
}  // namespace heed
