#include "project.h"

#include <gtest/gtest.h>

#include <fstream>

#include "heed/base/atomic_file.h"
#include "heed/base/error.h"
#include "teaching.h"

namespace heed::serve {
namespace {

namespace fs = std::filesystem;

class ProjectTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "heed-project-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
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
  static std::size_t corrections(const Project& project) { return project.report()["pairs"].get<std::size_t>(); }
  static Lesson lesson(double by_copy) {
    Lesson out;
    out.learnt = true;
    out.by_base = {-8, 4};
    out.by_copy = {by_copy, 4};
    return out;
  }

  fs::path folder_;
};

TEST_F(ProjectTest, KeepsWhatWasLearnt) {
  Project first = project();
  EXPECT_EQ(first.copy(), "");
  first.add({{"a", "x"}, {"b \"q\" \xC3\xA9", "y", {{"pos", "N"}}}}, lesson(-4), made(first, "one"), "sum");
  Project again = project();
  EXPECT_EQ(again.report(true), first.report(true));
  EXPECT_EQ(again.model_name(), "en-fr@anna");
  EXPECT_EQ(again.base_checksum(), "sum");
  const std::vector<Correction> recent = again.recent(8);
  ASSERT_EQ(recent.size(), 2U);
  EXPECT_EQ(recent[0].source, "b \"q\" \xC3\xA9");
  EXPECT_EQ(recent[0].features.at("pos"), "N");
  EXPECT_EQ(content(again.copy()), "one");
  const OrderedJson report = again.report();
  EXPECT_NEAR(report["corrections"]["base"].get<double>(), std::exp(2.0), 1e-9);
  EXPECT_NEAR(report["corrections"]["copy"].get<double>(), std::exp(1.0), 1e-9);
}

TEST_F(ProjectTest, GoesBackToEachState) {
  Project project = this->project();
  project.add({{"a", "x"}}, lesson(-4), made(project, "one"), "sum");
  Lesson refused = lesson(-4);
  refused.learnt = false;
  project.add({{"b", "y"}}, refused, "", "sum");
  EXPECT_EQ(content(project.copy()), "one");
  EXPECT_EQ(project.recent(8).size(), 1U);  // of what was learnt
  project.add({{"c", "z"}}, lesson(-3), made(project, "three"), "sum");
  project.sweep();
  EXPECT_EQ(content(project.copy()), "three");
  EXPECT_EQ(project.undoable(), 3U);
  project.undo();
  EXPECT_EQ(content(project.copy()), "one");
  EXPECT_EQ(corrections(project), 2U);
  project.sweep();
  project.add({{"d", "z"}}, lesson(-3), made(project, "four"), "sum");
  EXPECT_EQ(content(project.copy()), "four");
  for (int i = 0; i < 3; ++i) project.undo();
  EXPECT_EQ(project.copy(), "");
  EXPECT_EQ(project.undoable(), 0U);
  EXPECT_TRUE(this->project().lessons().empty());
}

TEST_F(ProjectTest, OldCopiesGo) {
  Project project = this->project();
  for (int i = 0; i < 30; ++i) {
    project.add({{"a", "x"}}, lesson(-4), made(project, std::to_string(i)), "sum");
    project.sweep();
  }
  const auto copies = std::distance(fs::directory_iterator(folder_ / "copies"), fs::directory_iterator());
  EXPECT_EQ(copies, 11);
  EXPECT_EQ(project.undoable(), 10U);
  for (int i = 0; i < 10; ++i) project.undo();
  EXPECT_EQ(content(project.copy()), "19");
  EXPECT_EQ(project.undoable(), 0U);
}

TEST_F(ProjectTest, WhatIsBeingMadeIsNotThere) {
  const Project project = this->project();
  made(project, "half");
  EXPECT_EQ(this->project().copy(), "");
  this->project().sweep();
  EXPECT_FALSE(fs::exists(folder_));
}

TEST_F(ProjectTest, DamagedFilesAreNamed) {
  Project project = this->project();
  project.add({{"a", "x"}}, lesson(-4), made(project, "one"), "sum");
  const std::string right = read_file(folder_ / "project.json");
  std::string without = right;
  without.replace(without.find("{\"source\""), std::string("{\"source\":\"a\",\"target\":\"x\"}").size(), "");
  for (const std::string& text : {std::string("null"), std::string(), right.substr(0, 40), without}) {
    write_file_atomically(folder_ / "project.json", text);
    try {
      (void)this->project();
      FAIL() << text;
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find("project.json: is damaged"), std::string::npos) << error.what();
    }
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
