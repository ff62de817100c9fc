#include <fstream>

#include "error_of.h"
#include "heed/autograd/operations.h"
#include "heed/data/corpus.h"
#include "heed/model/bundle.h"
#include "heed/translate/translator.h"
#include "small_run.h"

namespace heed {
namespace {

/// What programs that embed the library learn of a failure, beside its text.
class ErrorTest : public SmallRunTest {
 protected:
  template <typename Call>
  static Error failure(Call call) {
    try {
      call();
    } catch (const Error& error) {
      return error;
    }
    return Error("nothing was thrown");
  }
  static void expect(const Error& error, ErrorKind kind, const ErrorPlace& place) {
    EXPECT_EQ(error.kind(), kind) << error.what();
    EXPECT_EQ(error.place().file, place.file) << error.what();
    EXPECT_EQ(error.place().line, place.line) << error.what();
    EXPECT_EQ(error.place().key, place.key) << error.what();
    EXPECT_EQ(error.place().operation, place.operation) << error.what();
  }
  std::string file(const std::string& name, const std::string& text) const {
    const std::string path = (root / name).string();
    std::ofstream(path) << text;
    return path;
  }
};

TEST_F(ErrorTest, SettingsNameFileLineAndKey) {
  const std::string path = file("c.yaml", "model:\n  embedding: many\n");
  const Error error = failure([&] { (void)Config::load(path, {}); });
  expect(error, ErrorKind::kUsage, {.file = path, .line = 2, .key = "model.embedding"});
  EXPECT_TRUE(std::string(error.what()).starts_with(path + ":2: model.embedding: 'many'")) << error.what();
  const std::string empty = file("empty.yaml", "");
  expect(failure([&] { (void)Config::load(empty, {"model.embeding=3"}); }), ErrorKind::kUsage,
         {.key = "model.embeding"});
}

TEST_F(ErrorTest, TextNamesFileAndLine) {
  const std::string one = file("one", "a\nb \xff\n");
  const std::string other = file("other", "a\n");
  expect(failure([&] { read_corpus({one, one, ""}); }), ErrorKind::kData, {.file = one, .line = 2});
  const std::string longer = file("longer", "a\nb\n");
  expect(failure([&] { read_corpus({other, longer, ""}); }), ErrorKind::kData, {.file = longer, .line = 2});
  const std::string missing = (root / "missing").string();
  expect(failure([&] { read_corpus({"", "", missing}); }), ErrorKind::kSystem, {.file = missing});
}

TEST_F(ErrorTest, ABundleNamesItsFile) {
  const std::string nowhere = (root / "nowhere").string();
  expect(failure([&] { (void)Bundle::load(nowhere); }), ErrorKind::kModel, {.file = nowhere});
  const Config run = small_run("run", 1);
  train(run);
  const std::string yaml = bytes(run, "config.yaml");
  std::filesystem::resize_file(run.output + "/parameters.safetensors", 100);
  expect(failure([&] { (void)Bundle::load(run.output); }), ErrorKind::kModel,
         {.file = run.output + "/parameters.safetensors"});
  std::filesystem::remove(run.output + "/checksums");
  std::string odd = yaml;
  odd.replace(odd.find("output: softmax"), 15, "output: hard-exact");
  std::ofstream(run.output + "/config.yaml") << odd;
  const Error error = failure([&] { (void)Bundle::load(run.output); });
  expect(error, ErrorKind::kModel, {.file = run.output + "/config.yaml", .key = "model.output"});
  EXPECT_TRUE(std::string(error.what()).starts_with(run.output + "/config.yaml: model.output 'hard-exact'"))
      << error.what();
}

TEST_F(ErrorTest, WhatStandsAtTheOutputIsNamed) {
  const Config run = small_run("run", 1);
  train(run);
  expect(failure([&] { train(run); }), ErrorKind::kOutput, {.file = run.output, .key = "output"});
  Config other = run;
  other.training.seed += 1;
  expect(failure([&] { train(other, {.mode = TrainingMode::kResume}); }), ErrorKind::kOutput,
         {.file = run.output, .key = "training.seed"});
}

TEST_F(ErrorTest, AnOperationNamesItself) {
  Arena arena;
  Tape tape(arena);
  const Variable x = tape.variable(arena.zeros(2, 3));
  const Variable y = tape.variable(arena.zeros(2, 4));
  expect(failure([&] { add(tape, x, y); }), ErrorKind::kArgument, {.operation = "add"});
}

TEST_F(ErrorTest, OptionsOfACallAreUsage) {
  const Config run = small_run("run", 1);
  train(run);
  const Translator translator({Bundle::load(run.output)});
  expect(failure([&] { (void)translator.translate("a", {.beam = 0}); }), ErrorKind::kUsage, {});
  expect(failure([&] { (void)translator.translate("a \xff"); }), ErrorKind::kData, {});
}

}  // namespace
}  // namespace heed
