#include "heed/view/page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>

#include "error_of.h"
#include "heed/base/error.h"
#include "packed_weights.h"
#include "viewed.h"

namespace heed {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;

/// What pack_weights() wrote, read after its description; in steps.
std::vector<int> unpack(const std::string& text) {
  const std::string letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::vector<int> out;
  std::size_t at = 0;
  const auto next = [&] { return static_cast<int>(letters.find(text.at(at++))); };
  while (at < text.size()) {
    const int c = next();
    if (c < 32) {
      out.push_back(c);
    } else if (c < 44) {
      out.insert(out.end(), static_cast<std::size_t>(c - 30), 0);
    } else if (c < 48) {
      out.insert(out.end(), static_cast<std::size_t>(14 + 64 * (c - 44) + next()), 0);
    } else if (c < 60) {
      out.push_back(32 + 64 * (c - 48) + next());
    } else {
      const int high = next();
      out.push_back(4096 * (c - 60) + 64 * high + next());
    }
  }
  return out;
}

TEST(PackWeights, EveryStepComesBack) {
  AttentionWeights weights(1);
  std::vector<int> steps;
  for (int step = 0; step <= 10000; ++step) {
    weights[0].push_back(static_cast<float>(step) / 10000);
    steps.push_back(step);
  }
  EXPECT_EQ(unpack(view::pack_weights(weights)), steps);
}

TEST(PackWeights, RunsOfZerosOfEveryLength) {
  for (std::size_t zeros = 0; zeros < 700; ++zeros) {
    std::vector<float> row(zeros, 0.0f);
    row.push_back(0.5f);
    std::vector<int> steps(zeros, 0);
    steps.push_back(5000);
    EXPECT_EQ(unpack(view::pack_weights({row})), steps) << zeros;
    row.pop_back();
    steps.pop_back();
    EXPECT_EQ(unpack(view::pack_weights({row})), steps) << zeros;
  }
}

TEST(PackWeights, RoundsAndStaysInItsRange) {
  EXPECT_EQ(unpack(view::pack_weights({{0.12344f, 0.12346f, -1, 7, std::nanf(""), 0.00004f, 1}})),
            (std::vector<int>{1234, 1235, 0, 16383, 0, 0, 10000}));
}

std::string page_of(const ViewedSentence& sentence) {
  return render_page(std::vector<PageModel>{{"model", {sentence}}}, {});
}

Json data_of(const std::string& page) {
  const std::string begin = R"(<script type="application/json" id="data">)";
  const std::size_t at = page.find(begin) + begin.size();
  return Json::parse(page.substr(at, page.find("</script>", at) - at));
}

TEST(Page, HasTheWeightsToFourDecimals) {
  ViewedSentence sentence = toy::small_sentence();
  sentence.translations[0].attention = toy::random_weights(5, 5, 3);
  sentence.translations[0].attention_layers = {{toy::random_weights(5, 5, 4), toy::random_weights(5, 5, 5)}};
  const Json translation = data_of(page_of(sentence))["models"][0]["sentences"][0]["translations"][0];
  const auto expect_same = [](const AttentionWeights& weights, const std::string& packed) {
    const std::vector<int> steps = unpack(packed);
    for (std::size_t i = 0; i < 25; ++i) EXPECT_NEAR(weights[i / 5][i % 5], steps[i] / 10000.0, 0.5001e-4);
  };
  expect_same(sentence.translations[0].attention, translation["attention"]);
  expect_same(sentence.translations[0].attention_layers[0][1], translation["layers"][0]["heads"][1]);
  EXPECT_EQ(translation["layers"][0]["name"], "layer 1");
}

TEST(Page, TextOfModelsIsData) {
  ViewedSentence sentence = toy::small_sentence();
  sentence.source = "</script><script>alert(1)</script><!-- {{data}} & \"'";
  sentence.translations[0].text = "\x1b[2J\x01 \xff \u202e{{css}} \u2028";
  sentence.source_tokens[0] = "</script ><img src=x onerror=alert(1)>";
  const std::string page = render_page(std::vector<PageModel>{{"<b>", {sentence}}}, {"<i>title</i> \x07"});
  EXPECT_THAT(page, Not(HasSubstr("<script>alert")));
  EXPECT_THAT(page, Not(HasSubstr("<img")));
  EXPECT_THAT(page, Not(HasSubstr("<i>")));
  EXPECT_THAT(page, HasSubstr("<title>&lt;i&gt;title&lt;/i&gt; ␇</title>"));
  for (const char c : page) EXPECT_TRUE(static_cast<unsigned char>(c) >= 0x20 || c == '\n');
  const Json data = data_of(page);
  const Json& shown = data["models"][0]["sentences"][0];
  EXPECT_EQ(shown["source"], sentence.source);
  EXPECT_EQ(shown["tokens"][0], sentence.source_tokens[0]);
  EXPECT_EQ(shown["translations"][0]["text"], "␛[2J␁ \\xff \\u{202e}{{css}} \\u{2028}");
  EXPECT_EQ(data["models"][0]["name"], "<b>");
}

TEST(Page, WordsHaveTheLabelsOfPicturesWhereTheirTokensWouldNotGiveThem) {
  ViewedSentence sentence = toy::small_sentence();
  EXPECT_EQ(data_of(page_of(sentence))["models"][0]["sentences"][0]["word_labels"],
            Json({"the", "black", "cat", "</s>"}));
  sentence.source_tokens = {"the", "bl", "ack", "cat", "</s>"};
  EXPECT_FALSE(data_of(page_of(sentence))["models"][0]["sentences"][0].contains("word_labels"));
  sentence.source = "कुत्ता है";
  sentence.source_tokens = {"▁क", "ु", "त्ता", "▁है", "</s>"};
  const Json shown = data_of(page_of(sentence))["models"][0]["sentences"][0];
  EXPECT_EQ(shown["tokens"][1], "◌ु");
  EXPECT_EQ(shown["word_labels"], Json({"कुत्ता", "है", "</s>"}));
  EXPECT_EQ(shown["word_labels"].get<std::vector<std::string>>(),
            picture_of(sentence, {.merging = Merging::kAlways}).source);
}

TEST(Page, WordsComeFirstWhereTokensArePiecesOfSeveral) {
  ViewedSentence sentence = toy::small_sentence();
  const auto first = [&] { return data_of(page_of(sentence)).at("words_first").get<bool>(); };
  EXPECT_TRUE(first());
  sentence.source_tokens = {"the", "bl", "ack", "cat", "</s>"};
  EXPECT_TRUE(first()) << "the target's are";
  sentence.translations[0].tokens = {"le", "chat", "no@@", "ir", "</s>"};
  EXPECT_TRUE(first());
  sentence.translations[0].tokens = {"le", "chat", "no", "￭ir", "</s>"};
  EXPECT_FALSE(first()) << "whose mark only joins";
  sentence.source = "theblackcat";
  sentence.source_tokens = {"▁the", "bl", "ack", "cat", "</s>"};
  EXPECT_FALSE(first()) << "one word";
}

TEST(Page, AsksNoNetwork) {
  const std::string page = page_of(toy::small_sentence());
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
  std::string rest = page;
  // The name of SVG elements is no address that is asked for.
  for (std::size_t at; (at = rest.find("http://www.w3.org/2000/svg")) != rest.npos;) rest.erase(at, 26);
  EXPECT_THAT(rest, Not(HasSubstr("http:")));
  EXPECT_THAT(rest, Not(HasSubstr("https:")));
  EXPECT_THAT(rest, Not(HasSubstr("@import")));
  EXPECT_THAT(rest, Not(HasSubstr("url(")));
}

TEST(Page, TraceKeepsEveryRowOnce) {
  ViewedSentence sentence = toy::small_sentence();
  const std::vector<float> row = {0.5f, 0.25f, 0.25f, 0, 0};
  sentence.trace_tokens = {"le", "la", "</s>", "la"};
  sentence.trace.attention = {row};
  sentence.trace.candidates = {{-1, 0, -0.1, -0.1, Fate::kKept, 0},
                               {-1, 0, -2, -2, Fate::kPruned, 0},
                               {0, 0, -1, -0.5, Fate::kFinished, -1},
                               {0, 0, -1, -0.5, Fate::kCut, -1}};
  const Json trace = data_of(page_of(sentence))["models"][0]["sentences"][0]["trace"];
  EXPECT_EQ(trace["parent"], Json({-1, -1, 0, 0}));
  EXPECT_EQ(trace["state"], Json({"kept", "pruned", "finished", "cut"}));
  EXPECT_EQ(trace["row"], Json({0, 0, -1, -1}));
  EXPECT_EQ(unpack(trace["attention"]), (std::vector<int>{5000, 2500, 2500, 0, 0}));
}

/// [word, its label up to there] of each candidate; a candidate continues the one before it, but for those that are
/// named.
Json branches_of(const std::vector<std::string>& tokens, const std::map<int, int>& parents = {}) {
  ViewedSentence sentence = toy::small_sentence();
  sentence.trace_tokens = tokens;
  for (int i = 0; i < static_cast<int>(tokens.size()); ++i) {
    const auto given = parents.find(i);
    sentence.trace.candidates.push_back({.parent = given == parents.end() ? i - 1 : given->second});
  }
  const Json trace = data_of(page_of(sentence))["models"][0]["sentences"][0]["trace"];
  Json out = Json::array();
  for (std::size_t i = 0; i < tokens.size(); ++i) out.push_back({trace["word"][i], trace["word_label"][i]});
  return out;
}

TEST(Page, BranchesHaveTheWordsThatTheirMarksTell) {
  // "le chat" and "la": the second begins a branch of its own.
  EXPECT_EQ(branches_of({"▁le", "▁la", "▁ch", "at", "</s>"}, {{1, -1}, {2, 0}}),
            Json::parse(R"([[0,"le"],[0,"la"],[1,"ch"],[1,"chat"],[-1,"</s>"]])"));
  EXPECT_EQ(branches_of({"low@@", "er", "cat", "￭.", "￭'￭", "s"}),
            Json::parse(R"([[0,"low"],[0,"lower"],[1,"cat"],[1,"cat."],[1,"cat.'"],[1,"cat.'s"]])"));
  EXPECT_EQ(branches_of({"a", "▁", "b"}), Json::parse(R"([[0,"a"],[1,"▁"],[1,"b"]])")) << "characters";
  // A mark that only alone has to be made visible.
  EXPECT_EQ(branches_of({"▁क", "ु"}), Json::parse(R"([[0,"क"],[0,"कु"]])"));
}

TEST(Page, TwoModelsMustHaveTheSameSentences) {
  const ViewedSentence sentence = toy::small_sentence();
  ViewedSentence other = sentence;
  other.source = "the white cat";
  const auto fault = [](const std::vector<PageModel>& models) { return error_of([&] { render_page(models, {}); }); };
  EXPECT_EQ(fault({{"a", {sentence}}, {"b", {sentence}}}), "");
  EXPECT_THAT(fault({{"a", {sentence}}, {"b", {other}}}), HasSubstr("sentence 1 of 'a' and of 'b'"));
  EXPECT_THAT(fault({{"a", {sentence}}, {"b", {}}}), HasSubstr("'a' has 1 sentences but 'b' has 0"));
  EXPECT_THAT(fault({}), HasSubstr("not 0"));
  EXPECT_THAT(fault({{"a", {}}, {"b", {}}, {"c", {}}}), HasSubstr("not 3"));
}

TEST(Page, AThousandSentencesOfFiftyWordsAreUnderTwentyMegabytes) {
  ViewedSentence sentence;
  Translation to;
  for (int i = 0; i < 50; ++i) {
    sentence.source_tokens.push_back("▁word" + std::to_string(i));
    sentence.source += "word" + std::to_string(i) + " ";
    to.tokens.push_back("▁mot" + std::to_string(i));
    to.text += "mot" + std::to_string(i) + " ";
  }
  // Twenty different ones, and by far softer than what a trained model has: no weight is 0.
  PageModel model{"model", {}};
  for (unsigned seed = 0; seed < 20; ++seed) {
    to.attention = toy::random_weights(50, 50, seed);
    for (auto& row : to.attention) {
      for (float& weight : row) weight = 0.5f * weight + 0.01f;
    }
    sentence.translations = {to};
    model.sentences.push_back(sentence);
  }
  const std::size_t empty = render_page(std::vector<PageModel>{{"model", {}}}, {}).size();
  const std::size_t twenty = render_page(std::vector<PageModel>{model}, {}).size();
  EXPECT_LT(empty + (twenty - empty) * 50, 20u << 20);
}

}  // namespace
}  // namespace heed
