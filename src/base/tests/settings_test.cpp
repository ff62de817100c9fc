#include "heed/base/settings.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "heed/base/atomic_file.h"
#include "heed/base/error.h"

namespace heed {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using testing::ThrowsMessage;

struct Options {
  int embedding = 256;
  double dropout = 0.2;
  bool lowercase = false;
  std::string output = "runs/en-fr";
  std::string attention = "bahdanau";
  int epochs = 20;
};

class SettingsTest : public testing::Test {
 protected:
  SettingsTest() { bind(settings, options); }
  static void bind(Settings& settings, Options& options) {
    settings.integer("model.embedding", &options.embedding, {1, 65536}, "width of the embeddings");
    settings.real("model.dropout", &options.dropout, {0, 1}, "share of units left out");
    settings.boolean("data.lowercase", &options.lowercase, "lower case");
    settings.choice("model.attention.kind", &options.attention, {"none", "bahdanau", "luong-general"}, "mechanism");
    settings.text("output", &options.output, "where the bundle goes");
    settings.integer("data.epochs", &options.epochs, {0}, "epochs");
  }
  void expect_error(const std::string& yaml, const std::string& message) {
    EXPECT_THAT([&] { settings.load(yaml, "c.yaml"); },
                ThrowsMessage<UsageError>(AllOf(HasSubstr(message), Not(HasSubstr("\n")))))
        << yaml;
  }
  void expect_set_error(const std::string& assignment, const std::string& message) {
    EXPECT_THAT([&] { settings.set(assignment); }, ThrowsMessage<UsageError>(StartsWith(assignment + ": " + message)));
  }
  Options options;
  Settings settings;
};

TEST_F(SettingsTest, AKeyIsNoSectionToo) {
  const auto adds = [&](const std::string& key) { settings.text(key, &options.output, "clashes or not"); };
  for (const std::string key : {"output", "output.file", "model", "model.attention"}) {
    EXPECT_THAT([&] { adds(key); }, ThrowsMessage<Error>(HasSubstr("the setting '" + key + "' clashes with"))) << key;
  }
  EXPECT_NO_THROW(adds("outputs"));
  EXPECT_NO_THROW(adds("model.attention.kinds"));
}

TEST_F(SettingsTest, Loads) {
  settings.load(
      "model:\n  embedding: 64  # comment\n  attention: {kind: luong-general}\n  dropout: 1e-3\ndata:\n  lowercase: "
      "true\n"
      "output: \"a b\"\n",
      "c.yaml");
  EXPECT_EQ(options.embedding, 64);
  EXPECT_EQ(options.dropout, 0.001);
  EXPECT_TRUE(options.lowercase);
  EXPECT_EQ(options.attention, "luong-general");
  EXPECT_EQ(options.output, "a b");
  EXPECT_TRUE(settings.given("model.embedding"));
  EXPECT_FALSE(settings.given("data.epochs"));
}

TEST_F(SettingsTest, ADashIsStandardInputNotAList) {
  settings.set("output=-");
  EXPECT_EQ(options.output, "-");
}

TEST_F(SettingsTest, EmptyDocumentsSetNothing) {
  for (const char* yaml : {"", "# nothing\n", "---\n", "model:\ndata: ~\n", "{}", "model: {}"})
    settings.load(yaml, "c.yaml");
  EXPECT_EQ(options.embedding, 256);
  for (const std::string& key : settings.keys()) EXPECT_FALSE(settings.given(key));
}

TEST_F(SettingsTest, UnknownKeysSuggestTheNearest) {
  expect_error("model:\n  atention:\n    kind: none\n",
               "c.yaml:2: unknown key 'model.atention'; did you mean 'model.attention'?");
  expect_error("\n\nouptut: x", "c.yaml:3: unknown key 'ouptut'; did you mean 'output'?");
  expect_error("embedding: 3", "c.yaml:1: unknown key 'embedding'; did you mean 'model.embedding'?");
  expect_error("wholly_else: 3", "c.yaml:1: unknown key 'wholly_else'");
  expect_set_error("model.embeding=3", "unknown key 'model.embeding'; did you mean 'model.embedding'?");
}

TEST_F(SettingsTest, WrongTypes) {
  expect_error("model:\n  embedding: many",
               "c.yaml:2: model.embedding: 'many' is not right; expected: whole number, 1 to 65536");
  expect_error("model: {embedding: [1, 2]}", "c.yaml:1: 'model.embedding' has a list; it takes one value");
  expect_error("model: {embedding: {a: 1}}", "c.yaml:1: 'model.embedding' has a mapping; it takes one value");
  expect_error("model: 3",
               "c.yaml:1: 'model' is a section; it takes a mapping with keys of: embedding, dropout, attention.kind");
  expect_error("model: {attention: bahdanau}", "'model.attention' is a section; it takes a mapping with keys of: kind");
  expect_error("- a\n- b", "c.yaml:1: a mapping is expected");
  expect_error("text", "c.yaml:1: a mapping is expected");
  expect_error("? [a]\n: 3", "c.yaml:1: a key must be a word");
  expect_error("model: {embedding: }", "c.yaml:1: 'model.embedding' has no value; expected: whole number");
  expect_error("data: {lowercase: yes}", "data.lowercase: 'yes' is not right; expected: true | false");
  expect_error("model: {attention: {kind: luong-genral}}", "unknown 'luong-genral'; did you mean 'luong-general'?");
  expect_error("model: {attention: {kind: self}}", "unknown 'self'; expected: none | bahdanau | luong-general");
}

TEST_F(SettingsTest, Numbers) {
  expect_error("model: {embedding: 1e3}", "'1e3' is not right; write 1000");
  expect_error("model: {embedding: 64.0}", "'64.0' is not right; write 64");
  expect_error("model: {embedding: 064}", "'064' is not right; write 64");
  expect_error("model: {embedding: +64}", "'+64' is not right; write 64");
  expect_error("model: {embedding: 64.5}", "'64.5' is not right; expected: whole number, 1 to 65536");
  expect_error("model: {embedding: 0}", "'0' is not right; expected: whole number, 1 to 65536");
  expect_error("data: {epochs: -1}", "'-1' is not right; expected: whole number, at least 0");
  expect_error("data: {epochs: 99999999999}", "'99999999999' is not right");
  for (const char* text : {".nan", "nan", "inf", "-.inf", "1e999", "0x1p3", "1_0", "''", "1.1", "-0.1"}) {
    expect_error(std::string("model: {dropout: ") + text + "}", "model.dropout: '");
  }
  EXPECT_EQ(options.dropout, 0.2);
}

TEST_F(SettingsTest, Duplicates) {
  expect_error("output: a\noutput: b", "c.yaml:2: the key 'output' is given twice");
  expect_error(R"(output: "a\0b")", "c.yaml:1: 'output' has a NUL byte; expected plain text");
  expect_error("model: {dropout: 0.1}\nmodel: {embedding: 3}", "c.yaml:2: the key 'model' is given twice");
  expect_error("model: {dropout: 0.1}\nmodel.dropout: 0.2", "c.yaml:2: the key 'model.dropout' is given twice");
}

TEST_F(SettingsTest, BrokenYaml) {
  expect_error("model: {embedding: 3", "c.yaml:");
  expect_error("a: b: c", "c.yaml:1: YAML error");
  expect_error("output: a\nmodel:\n\twidth: 3", "line 3 is indented with a tab, where YAML takes spaces alone");
  expect_error("model:\n  width 3\n  rate: 1", "is a colon missing, or the space behind it");
  expect_error("output: a\n\t- b", "c.yaml:2");
  expect_error("output: a\n---\noutput: b", "c.yaml:2: YAML error: more than one document");
  expect_error(",a: 1", "c.yaml:1: YAML error");
  expect_error("output: a\n---\n,a", "c.yaml:2: YAML error");
  expect_error("output: \xff", "c.yaml:1: invalid UTF-8");
  expect_error("output: a\nx: \x04 b", "c.yaml:2: a control character");
  expect_error(std::string("output: a\0", 10), "c.yaml:1: a control character");
  expect_error("output: *nowhere", "c.yaml:1: YAML error");
  expect_error("<<: {output: a}", "unknown key '<<'");
  expect_error("output: |\n  a\nmodel: {embedding: |\n", "c.yaml:");
  expect_error("\"a\\nb\": 1", "unknown key 'a b'");
  expect_error(std::string(2000000, ' '), "c.yaml: too long");
}

TEST_F(SettingsTest, Bombs) {
  expect_error(std::string(100000, '['), "c.yaml:1: ");
  expect_error(std::string(100000, '{'), "c.yaml:1: ");
  std::string deep;
  for (int i = 0; i < 1000; ++i) deep += std::string(static_cast<std::size_t>(i), ' ') + "model:\n";
  expect_error(deep, "c.yaml:");
  std::string laughs = "a: &a0 [x]\n";
  for (int i = 0; i < 40; ++i) laughs += fmt::format("b{0}: &a{1} [*a{0}, *a{0}]\n", i, i + 1);
  expect_error(laughs, "c.yaml:1: unknown key 'a'");
  expect_error("model: &m {attention: *m}", "c.yaml:1: ");
}

TEST_F(SettingsTest, Set) {
  settings.set("model.embedding=512");
  settings.set("output=a=b");
  settings.set("model={dropout: 0.5, attention: {kind: none}}");
  EXPECT_EQ(options.embedding, 512);
  EXPECT_EQ(options.output, "a=b");
  EXPECT_EQ(options.dropout, 0.5);
  EXPECT_EQ(options.attention, "none");
  expect_set_error("model.embedding", "expected key=value");
  expect_set_error("=3", "expected key=value");
  expect_set_error("model.embedding=", "'model.embedding' has no value");
  expect_set_error("model.embedding=x", "model.embedding: 'x' is not right");
  expect_set_error("output=[a", "YAML error");
  expect_set_error("model=3", "'model' is a section");
  for (const char* nothing : {"model=", "model=~", "model={}"}) expect_set_error(nothing, "'model' is a section");
  expect_set_error("model={attention: {}}", "'model.attention' is a section");
}

TEST_F(SettingsTest, NullText) {
  for (const char* text : {"output:", "output: ~", "output: null", "output: ''"}) {
    options.output = "x";
    settings.load(text, "c.yaml");
    EXPECT_EQ(options.output, "");
  }
  settings.load("output: '~'", "c.yaml");
  EXPECT_EQ(options.output, "~");
  settings.set("output=");
  EXPECT_EQ(options.output, "");
}

TEST_F(SettingsTest, ToYamlRoundTrips) {
  options.dropout = 0.1 + 0.2;
  options.embedding = 7;
  options.lowercase = true;
  for (const std::string text : {"", "~", "null", "a b", "a: b", "# x", "- a", "\"q\\", "tab\tx\n", "é 漢", "*a",
                                 "true", "...", "012", "1e5", "{a"}) {
    options.output = text;
    Options read;
    Settings other;
    bind(other, read);
    other.load(settings.to_yaml(), "again.yaml");
    EXPECT_EQ(read.output, text);
    EXPECT_EQ(read.dropout, options.dropout);
    EXPECT_EQ(read.embedding, 7);
    EXPECT_TRUE(read.lowercase);
    EXPECT_EQ(other.to_yaml(), settings.to_yaml());
  }
  for (const std::string text : {"012", "1e5", "7"}) {
    options.output = text;
    EXPECT_EQ(settings.value("output"), '"' + text + '"') << "other readers of YAML take it for a number";
  }
  options.output = "out";
  options.dropout = 0.3;
  EXPECT_EQ(settings.to_yaml(),
            "model:\n  embedding: 7\n  dropout: 0.3\n  attention:\n    kind: bahdanau\ndata:\n  lowercase: true\n  "
            "epochs: 20\n"
            "output: out\n");
}

TEST_F(SettingsTest, Lists) {
  std::vector<double> betas = {0.9, 0.999};
  std::vector<std::string> frozen;
  settings.reals("training.betas", &betas, 2, {0, 1}, "two numbers");
  settings.texts("training.freeze", &frozen, "names");
  settings.load("training: {betas: [0.5, 1], freeze: [\"encoder.*\", a b]}", "c.yaml");
  EXPECT_EQ(betas, (std::vector<double>{0.5, 1}));
  EXPECT_EQ(frozen, (std::vector<std::string>{"encoder.*", "a b"}));
  EXPECT_EQ(settings.value("training.betas"), "[0.5, 1]");
  EXPECT_EQ(settings.value("training.freeze"), "[\"encoder.*\", \"a b\"]");
  settings.set("training.freeze=one");  // one alone
  EXPECT_EQ(frozen, std::vector<std::string>{"one"});
  settings.set("training.freeze=[]");
  EXPECT_TRUE(frozen.empty());
  settings.load(settings.to_yaml(), "again.yaml");
  EXPECT_EQ(betas, (std::vector<double>{0.5, 1}));
  expect_error("training: {betas: [0.5]}",
               "c.yaml:1: training.betas: 1 values are not right; expected: a list of numbers");
  expect_error("training:\n  betas: [0.5, 2]", "c.yaml:2: training.betas: '2' is not right");
  expect_error("training: {betas: [0.5, [1]]}", "the list of 'training.betas' holds what is no value");
  expect_error("training: {freeze: {a: 1}}", "'training.freeze' has a mapping");
}

TEST_F(SettingsTest, ATextThatOthersFollow) {
  std::string first;
  std::vector<std::string> others;
  settings.text_and_others("validation.target", &first, &others, "files");
  const auto both = [&] { return std::pair(first, others); };
  using Both = std::pair<std::string, std::vector<std::string>>;
  settings.load("validation: {target: [a, b, c]}", "c.yaml");
  EXPECT_EQ(both(), Both("a", {"b", "c"}));
  EXPECT_EQ(settings.value("validation.target"), "[a, b, c]");
  settings.load("validation: {target: d}", "c.yaml");
  EXPECT_EQ(both(), Both("d", {}));
  EXPECT_EQ(settings.value("validation.target"), "d");
  for (const char* none : {"validation: {target: []}", "validation: {target: }", "validation: {target: \"\"}"}) {
    settings.load(none, "c.yaml");
    EXPECT_EQ(both(), Both("", {})) << none;
  }
}

TEST_F(SettingsTest, ListsOfWords) {
  std::vector<std::string> metrics = {"auto"};
  settings.choices("training.metrics", &metrics, {"auto", "bleu", "chrf"}, "metrics");
  settings.load("training: {metrics: [chrf, bleu]}", "c.yaml");
  EXPECT_EQ(metrics, (std::vector<std::string>{"chrf", "bleu"}));
  EXPECT_EQ(settings.value("training.metrics"), "[chrf, bleu]");
  settings.set("training.metrics=bleu");
  EXPECT_EQ(metrics, std::vector<std::string>{"bleu"});
  expect_error("training: {metrics: [bleu, chrg]}", "unknown 'chrg'; did you mean 'chrf'?");
  expect_error("training: {metrics: [xyz]}", "expected: auto | bleu | chrf");
  EXPECT_EQ(metrics, std::vector<std::string>{"bleu"});
}

TEST_F(SettingsTest, OtherNames) {
  settings.alias("model", {"model.embedding", "data.epochs"});  // of a section
  settings.alias("data.passes", {"data.epochs"});               // of before
  settings.load("model: 7", "c.yaml");
  EXPECT_EQ(options.embedding, 7);
  EXPECT_EQ(options.epochs, 7);
  settings.load("model: {embedding: 8}\ndata: {passes: 3}", "c.yaml");
  EXPECT_EQ(options.embedding, 8);
  EXPECT_EQ(options.epochs, 3);
  EXPECT_TRUE(settings.given("data.epochs"));
  EXPECT_THAT(settings.to_yaml(), Not(HasSubstr("passes")));
  settings.alias("data", {"output"});
  settings.load("data: x", "c.yaml");
  settings.load("data:", "c.yaml");  // a section without lines
  EXPECT_EQ(options.output, "x");
  settings.set("data=");
  EXPECT_EQ(options.output, "");
  expect_error("data: {passes: 3, epochs: 4}", "the key 'data.epochs' is given twice");
  expect_error("data: {passes: many}", "c.yaml:1: data.epochs: 'many' is not right");
  EXPECT_THROW(settings.alias("other", {"no.such"}), Error);
}

TEST_F(SettingsTest, Describe) {
  options.embedding = 3;
  EXPECT_THAT(settings.describe(),
              HasSubstr("model.embedding  (256; whole number, 1 to 65536)  width of the embeddings\n"));
  EXPECT_THROW(settings.text("output", &options.output, ""), Error);
  EXPECT_THROW(settings.text("model", &options.output, ""), Error);
}

TEST_F(SettingsTest, LoadFile) {
  EXPECT_THAT([&] { settings.load_file("/no/such.yaml"); },
              ThrowsMessage<Error>(HasSubstr("'/no/such.yaml': No such file")));
}

TEST_F(SettingsTest, AValueThatIsAssignedIsNotLookedAtInTheFile) {
  const std::string path = testing::TempDir() + "/replaced.yaml";
  write_file_atomically(path, "model: {embedding: wide, dropout: 0.5}\ndata: {epochs: 3}\n");
  settings.load_file(path, {"model.embedding=64", "data={epochs: 4}"});
  EXPECT_EQ(options.embedding, 64);
  EXPECT_EQ(options.dropout, 0.5);
  EXPECT_EQ(options.epochs, 4);
  EXPECT_THAT([&] { settings.load_file(path, {"data.epochs=4"}); },
              ThrowsMessage<UsageError>(HasSubstr("replaced.yaml:1: model.embedding")));
  write_file_atomically(path, "model: {embeding: 3}\n");
  EXPECT_THAT([&] { settings.load_file(path, {"model.embedding=64"}); },
              ThrowsMessage<UsageError>(HasSubstr("unknown key 'model.embeding'")));
  EXPECT_EQ(settings.value("model.embedding"), "64");
  EXPECT_THROW((void)settings.value("model.embeding"), Error);
}

}  // namespace
}  // namespace heed
