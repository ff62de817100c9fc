// Sections of a table of settings that may be lists.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "heed/base/atomic_file.h"
#include "heed/base/error.h"
#include "heed/base/settings.h"

namespace heed {
namespace {

using testing::ThrowsMessage;

TEST(SettingsList, OneSectionOrAListOfThem) {
  struct Text {
    std::string file;
    int weight = 1;
  };
  std::vector<Text> texts(1);
  std::string output;
  const auto bind = [](Settings& table, Text& text) {
    table.text("data.text.file", &text.file, "a file");
    table.integer("data.text.weight", &text.weight, {1, 9}, "its weight");
  };
  texts.reserve(9);  // so that the first stays where it is
  Settings settings;
  bind(settings, texts.front());
  settings.list_of_sections("data.text", {[&] { return texts.size(); },
                                          [&](std::size_t count) {
                                            texts.clear();
                                            texts.resize(count);
                                          },
                                          [&](Settings& table, std::size_t i) { bind(table, texts[i]); }});
  settings.text("output", &output, "a folder");
  const auto files = [&] {
    std::string out;
    for (const Text& text : texts) out += fmt::format("{}{} ", text.file, text.weight);
    return out;
  };
  settings.load("data: {text: {file: a}}", "c.yaml");
  EXPECT_EQ(files(), "a1 ");
  settings.load("data:\n  text:\n    - {file: b, weight: 2}\n    - file: c\n    - {weight: 3}\noutput: x\n", "c.yaml");
  EXPECT_EQ(files(), "b2 c1 3 ");
  EXPECT_TRUE(settings.given("data.text.weight"));
  EXPECT_EQ(settings.value("data.text.weight"), "[2, 1, 3]");
  const std::string yaml = settings.to_yaml();
  EXPECT_EQ(yaml,
            "data:\n  text:\n    - file: b\n      weight: 2\n    - file: c\n      weight: 1\n    - file: \"\"\n      "
            "weight: 3\noutput: x\n");
  settings.set("data.text=[{file: d}]");
  EXPECT_EQ(files(), "d1 ");
  settings.load(yaml, "c.yaml");
  EXPECT_EQ(files(), "b2 c1 3 ");
  EXPECT_EQ(settings.to_yaml(), yaml);
  const auto fault = [&](const std::string& text) {
    try {
      settings.load(text, "c.yaml");
    } catch (const UsageError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(fault("data:\n  text:\n    - {file: b}\n    - {weight: 12}\n"),
            "c.yaml:4: data.text.weight: '12' is not right; expected: whole number, 1 to 9");
  EXPECT_EQ(fault("data:\n  text:\n    - {file: b}\n    - {wieght: 2}\n"),
            "c.yaml:4: unknown key 'data.text.wieght'; did you mean 'data.text.weight'?");
  EXPECT_EQ(fault("data:\n  text:\n    - {file: b}\n    - {file: b, file: c}\n"),
            "c.yaml:4: the key 'data.text.file' is given twice");
  EXPECT_EQ(fault("data: {text: []}"), "c.yaml:1: the list of 'data.text' is empty");
  EXPECT_EQ(fault("data: {text: [a]}"), "c.yaml:1: 'data.text' has an item that is no mapping");
  settings.load(yaml, "c.yaml");
  EXPECT_THAT([&] { settings.set("data.text.file=x"); },
              ThrowsMessage<UsageError>("data.text.file=x: 'data.text' is a list of 3: give all of it"));
  settings.set("data.text={file: e}");
  EXPECT_EQ(files(), "e1 ");
}

// What is assigned takes the place of what a file says, a list that of a section and the other way round.
TEST(SettingsList, AssignmentsReplaceTheFile) {
  const std::string path = testing::TempDir() + "/list.yaml";
  const auto read = [&](const std::string& yaml, const std::vector<std::string>& assignments) {
    write_file_atomically(path, yaml);
    std::vector<std::pair<std::string, std::string>> texts(1);
    texts.reserve(9);
    Settings settings;
    const auto bind = [](Settings& table, std::pair<std::string, std::string>& text) {
      table.text("t.a", &text.first, "");
      table.text("t.b", &text.second, "");
    };
    bind(settings, texts.front());
    settings.list_of_sections(
        "t", {[&] { return texts.size(); }, [&](std::size_t count) { texts.clear(), texts.resize(count); },
              [&](Settings& table, std::size_t i) { bind(table, texts[i]); }});
    settings.load_file(path, assignments);
    std::string out;
    for (const auto& [a, b] : texts) out += a + "-" + b + " ";
    return out;
  };
  EXPECT_EQ(read("t: [{a: 1, b: 2}, {a: 3}]", {}), "1-2 3- ");
  EXPECT_EQ(read("t: [{a: 1, b: 2}, {a: 3}]", {"t={a: 4}"}), "4- ");
  EXPECT_EQ(read("t: {a: 1, b: 2}", {"t={a: 4}"}), "4-2 ");
  EXPECT_EQ(read("t: {a: 1, b: 2}", {"t=[{a: 4}, {b: 5}]"}), "4- -5 ");
  EXPECT_EQ(read("t: [{a: 1, b: 2}, {a: 3}]", {"t=[{b: 4}]"}), "-4 ");
  EXPECT_THAT([&] { read("t: [{a: 1, b: 2}, {a: 3}]", {"t.b=6"}); },
              ThrowsMessage<UsageError>("t.b=6: 't' is a list of 2: give all of it"));
}

}  // namespace
}  // namespace heed
