// Figures of sacreBLEU 2.6.0 on lines with punctuation, entities, numbers, quotation marks and Chinese.
#include <gmock/gmock.h>

#include <map>

#include "bleu_tokenizers.h"
#include "heed/base/version.h"
#include "heed/metrics/bleu.h"
#include "heed/metrics/chrf.h"
#include "heed/metrics/counted_metric.h"
#include "heed/metrics/ter.h"

namespace heed {
namespace {

using Lines = std::vector<std::string>;
constexpr double kEqual = 1e-9;

const Lines kHypotheses = {"The dog bit the man, at 3.5 km (“there”).",
                           "It wasn't surprising – 50% of “dogs”: &quot;bite&quot;.", "Cats 2.", "a b c"};
const std::vector<Lines> kReferences = {
    {"The dog bit a man, at 3,5 km “there”.", "It was not surprising - 50 % of \"dogs\" bite.", "Cats 2.", "a c b"},
    {"A dog has bitten the man.", "No surprise: half of dogs bite!", "2 cats.", ""}};
const Lines kChinese = {"我们在2008年北京奥运会上, 见到了(Tom)。", "这是—“一个”test！"};
const std::vector<Lines> kChineseReference = {{"我们在2008年的北京奥运会见到了Tom。", "这是“一个”测试！"}};

std::string version() { return std::string("|version:heed-") + kVersion; }

TEST(Sacrebleu, TokenizersOfBleu) {
  const std::map<std::string, std::pair<double, double>> expected = {{"13a", {18.647195504019273, 0}},
                                                                     {"none", {14.892799304518494, 0}},
                                                                     {"char", {59.36347898429515, 46.16092611657377}},
                                                                     {"intl", {13.64098219511935, 14.535768424205482}},
                                                                     {"zh", {14.473972454096119, 43.57621270007153}}};
  EXPECT_EQ(expected.size(), bleu_tokenizers().size());
  for (const auto& [tokenize, scores] : expected) {
    const BleuScore score = bleu(kHypotheses, kReferences, {.tokenize = tokenize});
    EXPECT_NEAR(score.score, scores.first, kEqual) << tokenize;
    EXPECT_EQ(score.signature, "BLEU|nrefs:2|case:mixed|eff:no|tok:" + tokenize + "|smooth:exp" + version());
    EXPECT_NEAR(bleu(kChinese, kChineseReference, {.tokenize = tokenize}).score, scores.second, kEqual) << tokenize;
  }
}

std::string tokens(const char* tokenizer, const char* line) {
  for (const BleuTokenizer& known : bleu_tokenizer_table()) {
    if (known.name == tokenizer) return known.tokenize(line);
  }
  return "";
}

TEST(Sacrebleu, TokensOfIntl) {
  EXPECT_EQ(tokens("intl", "Hello, “world”! 3.5 1,000 – x."), "Hello , “ world ” ! 3.5 1,000 – x .");
  EXPECT_EQ(tokens("intl", "a...b 2008. ©2 €5+3"), "a . . . b 2008 . © 2 € 5 + 3");
  EXPECT_EQ(tokens("intl", "… 5."), "… 5.");
  EXPECT_EQ(tokens("intl", "„Ja“, №5 ½."), "„ Ja “ , № 5 ½.");
  EXPECT_EQ(tokens("intl", "5. "), "5.");
}

TEST(Sacrebleu, TokensOfChinese) {
  EXPECT_EQ(tokens("zh", "我们在2008年, (Tom)。“x”—y"), "我 们 在 2008 年 , ( Tom ) 。 “ x ” — y");
  EXPECT_EQ(tokens("zh", "𠀀a ①b Ⅳ…"), "𠀀a ① b Ⅳ …");
}

struct Smoothed {
  std::string method;
  std::optional<double> value;
  std::string field;
  double corpus;
  std::vector<double> sentences;
};

TEST(Sacrebleu, SmoothingOfCorpusAndSentences) {
  const std::vector<Smoothed> all = {
      {"exp", {}, "exp", 23.886069805109173, {23.2334219683501, 17.194656088289214, 100, 39.68502629920499}},
      {"floor",
       {},
       "floor[0.10]",
       12.70331870386537,
       {15.537125692760354, 11.498759556447222, 100, 17.099759466766972}},
      {"floor", 0.5, "floor[0.50]", 28.40548416168749, {23.2334219683501, 17.194656088289214, 100, 50}},
      {"add-k",
       {},
       "add-k[1.00]",
       36.55552228545125,
       {29.971119640314832, 24.471316712892875, 100, 63.894310424627285}},
      {"add-k", 2.5, "add-k[2.50]", 51.56522749219656, {40.35660856614614, 35.0714645213851, 100, 79.36880926086224}},
      {"none", {}, "none", 0, {0, 0, 100, 0}}};
  for (const Smoothed& one : all) {
    const MetricOptions options{.smooth = one.method, .smooth_value = one.value};
    const MetricValue corpus = evaluate_metric("bleu", {"a b x c y", "d e f"}, {{"a b c", "d e g"}}, options);
    EXPECT_NEAR(corpus.value, one.corpus, kEqual) << one.field;
    EXPECT_EQ(corpus.signature, "BLEU|nrefs:1|case:mixed|eff:no|tok:13a|smooth:" + one.field + version());
    const CountedMetric counted("bleu", kHypotheses, kReferences, options);
    for (std::size_t i = 0; i < kHypotheses.size(); ++i)
      EXPECT_NEAR(counted.sentence(i).value, one.sentences[i], kEqual) << one.field << ", sentence " << i;
  }
  EXPECT_THAT(CountedMetric("bleu", kHypotheses, kReferences).sentence(0).signature, testing::HasSubstr("|eff:yes|"));
}

TEST(Sacrebleu, ChrfWithWords) {
  const std::vector<std::pair<double, std::vector<double>>> expected = {
      {56.36371021129366, {59.81293576718482, 51.15368999114914, 100, 33.33333333333333}},
      {58.33652065570109, {61.68611356863257, 51.31349385784626, 100, 50}},
      {55.109738719619074, {58.98550162178966, 47.2670071034967, 100, 40}}};
  for (int words = 0; words <= 2; ++words) {
    ChrfOptions options;
    options.word_order = words;
    const auto& [corpus, sentences] = expected[static_cast<std::size_t>(words)];
    const ChrfScore score = chrf(kHypotheses, kReferences, options);
    EXPECT_NEAR(score.score, corpus, kEqual);
    EXPECT_EQ(score.signature, "chrF2" + std::string(static_cast<std::size_t>(words), '+') +
                                   "|nrefs:2|case:mixed|eff:yes|nc:6|nw:" + std::to_string(words) + "|space:no" +
                                   version());
    for (std::size_t i = 0; i < sentences.size(); ++i) {
      EXPECT_NEAR(chrf({kHypotheses[i]}, {{kReferences[0][i]}, {kReferences[1][i]}}, options).score, sentences[i],
                  kEqual);
    }
  }
  const CountedMetric counted("chrF++", kHypotheses, kReferences);
  EXPECT_NEAR(counted.sentence(1).value, 47.2670071034967, kEqual);
}

TEST(Sacrebleu, OptionsOfTer) {
  const Lines hypotheses = {"The dog's (bone) is at 3.5 km, Tom's!", "我们 在2008年、見た（Tom）。",
                            "x &quot;y&quot; Z-1 5-6"};
  const std::vector<Lines> references = {
      {"the dog's bone is, at 3.5 km Tom's", "我们在 2008 年見たTom", "X \"y\" z-1 5 - 6"}};
  struct Row {
    bool normalized, no_punct, asian, cased;
    long edits;
    double length;
    std::string fields;
  };
  for (const Row& row : {Row{false, false, false, false, 11, 17, "case:lc|tok:tercom|norm:no|punct:yes|asian:no"},
                         Row{false, false, false, true, 14, 17, "case:mixed|tok:tercom|norm:no|punct:yes|asian:no"},
                         Row{false, true, false, false, 7, 17, "case:lc|tok:tercom|norm:no|punct:no|asian:no"},
                         Row{false, true, true, true, 10, 17, "case:mixed|tok:tercom|norm:no|punct:no|asian:yes"},
                         Row{true, false, false, false, 7, 22, "case:lc|tok:tercom|norm:yes|punct:yes|asian:no"},
                         Row{true, false, true, false, 10, 26, "case:lc|tok:tercom|norm:yes|punct:yes|asian:yes"},
                         Row{true, false, true, true, 13, 26, "case:mixed|tok:tercom|norm:yes|punct:yes|asian:yes"},
                         Row{true, true, false, false, 3, 19, "case:lc|tok:tercom|norm:yes|punct:no|asian:no"},
                         Row{true, true, true, false, 2, 23, "case:lc|tok:tercom|norm:yes|punct:no|asian:yes"}}) {
    const TerScore score = ter(hypotheses, references,
                               {.case_sensitive = row.cased,
                                .normalized = row.normalized,
                                .no_punct = row.no_punct,
                                .asian_support = row.asian});
    EXPECT_EQ(score.edits, row.edits) << row.fields;
    EXPECT_EQ(score.reference_length, row.length) << row.fields;
    EXPECT_EQ(score.signature, "TER|nrefs:1|" + row.fields + version());
  }
}

// Its reference is normalized a second time, which cuts off the 's that stood before a full stop.
TEST(Sacrebleu, TerOfEqualLinesThatAreNormalized) {
  const TerScore score = ter({"It's Tom's dog's."}, {{"It's Tom's dog's."}}, {.normalized = true});
  EXPECT_EQ(score.edits, 2);
  EXPECT_EQ(score.reference_length, 7);
}

// Since sacreBLEU 2.2 an empty line is a reference.
TEST(Sacrebleu, EmptyReferencesAmongSeveral) {
  EXPECT_NEAR(ter({"a b c d"}, {{"a b c d e"}, {""}}).score, 40, kEqual);
  EXPECT_NEAR(bleu({"a b c d e f g h"}, {{"a b c d e f g h i"}, {""}}).score, 88.24969025845958, kEqual);
  EXPECT_NEAR(ter({""}, {{"a"}, {""}}).score, 0, kEqual);
  EXPECT_THAT(ter({""}, {{"a"}, {""}}).signature, testing::HasSubstr("|nrefs:2|"));
}

TEST(Sacrebleu, TheLastDigitAtTiesIsThatOfDividingFirst) {
  std::string reference;
  std::string hypothesis;
  for (int i = 0; i < 160; ++i) {
    reference += std::to_string(i) + " ";
    hypothesis += i < 23 ? "x " : std::to_string(i) + " ";
  }
  EXPECT_EQ(ter({hypothesis}, {{reference}}).score, 14.374999999999998);  // 100 * (23 / 160), printed 14.37
}

}  // namespace
}  // namespace heed
