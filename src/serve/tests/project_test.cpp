#include "project.h"

#include <gtest/gtest.h>

#include <fstream>

#include "heed/base/error.h"
#include "teaching.h"

namespace heed::serve {
namespace {

namespace fs = std::filesystem;

class ProjectTest : public testing::Test {
 protected:
  void SetUp() override { fs::remove_all(folder_); }
  void TearDown() override { fs::remove_all(folder_); }

  Project project() const { return {folder_, "en-fr", "anna"}; }
  /// A bundle that was made, of which nothing is looked at here.
  static fs::path made(const Project& project, const std::string& content) {
    fs::path out = project.work_folder() / "model";
    fs::create_directories(out);
    std::ofstream(out / "content") << content;
    return out;
  }
  static std::string content(const fs::path& copy) {
    std::ifstream file(copy / "content");
    return {std::istreambuf_iterator<char>(file), {}};
  }
  static Lesson lesson(double by_copy) {
    return {.learnt = true, .by_base = {-8, 4}, .by_copy = {by_copy, 4}, .held_out_pairs = 2};
  }

  const fs::path folder_ = fs::temp_directory_path() / "heed-project-test";
};

TEST_F(ProjectTest, KeepsWhatWasLearnt) {
  Project first = project();
  EXPECT_EQ(first.copy(), "");
  first.add({{"a", "x"}, {"b \"q\" \xC3\xA9", "y", {"N", "V"}}}, lesson(-4), made(first, "one"));
  Project again = project();
  EXPECT_EQ(again.report(true), first.report(true));
  EXPECT_EQ(again.model_name(), "en-fr@anna");
  ASSERT_EQ(again.corrections().size(), 2U);
  EXPECT_EQ(again.corrections()[1].source, "b \"q\" \xC3\xA9");
  EXPECT_EQ(again.corrections()[1].features, (FeatureValues{"N", "V"}));
  EXPECT_EQ(content(again.copy()), "one");
  const OrderedJson report = again.report();
  EXPECT_NEAR(report["corrections"]["base"].get<double>(), std::exp(2.0), 1e-9);
  EXPECT_NEAR(report["corrections"]["copy"].get<double>(), std::exp(1.0), 1e-9);
}

TEST_F(ProjectTest, GoesBackToEachState) {
  Project project = this->project();
  project.add({{"a", "x"}}, lesson(-4), made(project, "one"));
  Lesson refused = lesson(-4);
  refused.learnt = false;
  project.add({{"b", "y"}}, refused, "");
  EXPECT_EQ(content(project.copy()), "one");
  project.add({{"c", "z"}}, lesson(-3), made(project, "three"));
  project.sweep();
  EXPECT_EQ(content(project.copy()), "three");
  EXPECT_EQ(project.undoable(), 3U);
  project.undo();
  EXPECT_EQ(content(project.copy()), "one");
  EXPECT_EQ(project.corrections().size(), 2U);
  project.sweep();
  project.add({{"d", "z"}}, lesson(-3), made(project, "four"));
  EXPECT_EQ(content(project.copy()), "four");
  for (int i = 0; i < 3; ++i) project.undo();
  EXPECT_EQ(project.copy(), "");
  EXPECT_EQ(project.undoable(), 0U);
  EXPECT_TRUE(this->project().corrections().empty());
}

TEST_F(ProjectTest, OldCopiesGo) {
  Project project = this->project();
  for (int i = 0; i < 30; ++i) {
    project.add({{"a", "x"}}, lesson(-4), made(project, std::to_string(i)));
    project.sweep();
  }
  const auto copies = std::distance(fs::directory_iterator(folder_ / "copies"), fs::directory_iterator());
  EXPECT_EQ(copies, 10);
  EXPECT_EQ(project.undoable(), 9U);
  for (int i = 0; i < 9; ++i) project.undo();
  EXPECT_EQ(content(project.copy()), "20");
  EXPECT_EQ(project.undoable(), 0U);
}

/// The corrections are written before the lessons that name them, or after those that name them no more.
TEST_F(ProjectTest, AProcessThatDiesBetweenTwoFilesLosesNothingThatWasTold) {
  Project project = this->project();
  project.add({{"a", "x"}}, lesson(-4), made(project, "one"));
  const std::string lessons = content(folder_);
  fs::copy(folder_ / "lessons.json", folder_ / "before.json");
  fs::copy(folder_ / "corrections.jsonl", folder_ / "before.jsonl");
  project.add({{"b", "y"}}, lesson(-3), made(project, "two"));
  fs::copy(folder_ / "lessons.json", folder_ / "after.json");
  fs::copy(folder_ / "before.json", folder_ / "lessons.json", fs::copy_options::overwrite_existing);
  EXPECT_EQ(this->project().corrections().size(), 1U);
  EXPECT_EQ(content(this->project().copy()), "one");
  fs::copy(folder_ / "after.json", folder_ / "lessons.json", fs::copy_options::overwrite_existing);
  fs::copy(folder_ / "before.jsonl", folder_ / "corrections.jsonl", fs::copy_options::overwrite_existing);
  EXPECT_EQ(this->project().corrections().size(), 1U);
  EXPECT_EQ(content(this->project().copy()), "one");
}

TEST_F(ProjectTest, DamagedFilesAreNamed) {
  fs::create_directories(folder_);
  std::ofstream(folder_ / "corrections.jsonl") << "{\"source\": \"a\"}\n";
  try {
    project();
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("corrections.jsonl: is damaged"), std::string::npos) << error.what();
  }
}

TEST(ProjectName, IsAFolderOfItsOwn) {
  for (const char* name : {"anna", "A-1_b.c", "9"}) EXPECT_TRUE(is_project_name(name)) << name;
  for (const char* name : {"", ".", "..", "a/b", "a@b", "a b", "\xC3\xA9", ".a"})
    EXPECT_FALSE(is_project_name(name)) << name;
  EXPECT_TRUE(is_project_name(std::string(64, 'a')));
  EXPECT_FALSE(is_project_name(std::string(65, 'a')));
}

TEST(Teaching, FeaturesStandInTheColumnsOfTheModel) {
  TextOptions source;
  const std::vector<SentencePair> plain = {{"a b", "x"}, {"c", "y z"}};
  EXPECT_EQ(columns_of(plain, source).text, "a b\tx\nc\ty z\n");
  EXPECT_EQ(columns_of(plain, source).of_pair, (std::vector{1, 2}));
  source.feature.column = 1;
  source.more_features = {{.column = 5}};
  const std::vector<SentencePair> pairs = {{"a b", "x", {"N V", "D"}}};
  EXPECT_EQ(columns_of(pairs, source).text, "N V\ta b\tx\t-\tD\n");
  EXPECT_EQ(columns_of(pairs, source).of_pair, (std::vector{2, 3}));
}

}  // namespace
}  // namespace heed::serve
