#include "heed/metrics/comparison.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "error_of.h"
#include "heed/base/error.h"
#include "heed/base/rng.h"
#include "heed/metrics/references.h"

namespace heed {
namespace {

using Lines = std::vector<std::string>;
using testing::HasSubstr;

struct Texts {
  Lines references;
  Lines good;
  Lines bad;
};

/// Lines of words, of which one in ten of the good system is wrong and two in ten of the bad one's.
Texts random_texts(std::size_t count) {
  Rng rng(11);
  Texts out;
  for (std::size_t i = 0; i < count; ++i) {
    std::string line, good, bad;
    for (std::size_t n = 4 + rng.below(9); n > 0; --n) {
      const std::string word = std::to_string(rng.below(50)) + " ";
      line += word;
      good += rng.below(10) < 1 ? "x " : word;
      bad += rng.below(10) < 2 ? "y " : word;
    }
    out.references.push_back(line);
    out.good.push_back(good);
    out.bad.push_back(bad);
  }
  return out;
}

// What is drawn is counted as a corpus of these lines is.
TEST(Comparison, SamplesAreCorpora) {
  const Texts texts = random_texts(30);
  const std::vector<std::size_t> drawn = {3, 3, 29, 0, 12};
  Lines hypotheses, references;
  for (const std::size_t i : drawn) {
    hypotheses.push_back(texts.good[i]);
    references.push_back(texts.references[i]);
  }
  for (const std::string& name : text_metrics()) {
    EXPECT_EQ(CountedMetric(name, texts.good, {texts.references}).of(drawn),
              evaluate_metric(name, hypotheses, {references}).value)
        << name;
  }
}

TEST(Comparison, ExchangedSentencesAreCorpora) {
  const Texts texts = random_texts(20);
  std::vector<bool> taken(20);
  Lines mixed;
  for (std::size_t i = 0; i < taken.size(); ++i) {
    taken[i] = i % 3 == 0;
    mixed.push_back(taken[i] ? texts.good[i] : texts.bad[i]);
  }
  for (const std::string& name : text_metrics()) {
    const CountedMetric good(name, texts.good, {texts.references});
    const CountedMetric bad(name, texts.bad, {texts.references});
    EXPECT_EQ(good.mixed_with(bad, taken), evaluate_metric(name, mixed, {texts.references}).value) << name;
  }
}

Lines part_of(const Lines& lines, std::size_t begin, std::size_t end) {
  end = std::min(end, lines.size());
  return {lines.begin() + static_cast<std::ptrdiff_t>(begin), lines.begin() + static_cast<std::ptrdiff_t>(end)};
}

// The second reference makes mean lengths of TER that are no whole numbers, whose sum depends on the order; one
// sentence lacks it, in the last block.
TEST(CountedMetric, BlocksAreCountedAsAllAtOnce) {
  const Texts texts = random_texts(30);
  std::vector<Lines> references = {texts.references, texts.bad};
  references[0][3] += "more";
  references[1][28] = kNoReference;
  const std::vector<std::size_t> drawn = {3, 3, 29, 0, 12};
  for (const std::string& name : text_metrics()) {
    const CountedMetric whole(name, texts.good, references);
    for (const std::size_t size : {1UL, 7UL, 30UL}) {
      CountedMetric counted(name);
      CountedMetric summed(name);
      for (std::size_t i = 0; i < texts.good.size(); i += size) {
        const Lines hypotheses = part_of(texts.good, i, i + size);
        const std::vector<Lines> beside = {part_of(references[0], i, i + size), part_of(references[1], i, i + size)};
        counted.add(hypotheses, beside);
        summed.add(hypotheses, beside);
        EXPECT_EQ(summed.sentence(i).value, whole.sentence(i).value) << name;
        summed.forget_sentences();
      }
      for (const CountedMetric* all : {&counted, &summed}) {
        EXPECT_EQ(all->sentences(), 30u);
        EXPECT_EQ(all->corpus().value, whole.corpus().value) << name << " in blocks of " << size;
        EXPECT_EQ(all->corpus().details, whole.corpus().details) << name;
        EXPECT_EQ(all->corpus().signature, whole.corpus().signature) << name;
      }
      EXPECT_EQ(counted.of(drawn), whole.of(drawn)) << name;
    }
  }
}

TEST(CountedMetric, ErrorsNameTheLineOfAllBlocks) {
  CountedMetric ter("ter");
  EXPECT_EQ(error_of([&] { ter.corpus(); }), "there are no hypotheses to evaluate");
  ter.add({"a", "b"}, {{"a", "b"}});
  std::string many;
  for (int i = 0; i <= 50'000; ++i) many += "a ";
  EXPECT_EQ(error_of([&] {
              ter.add({"a", many}, {{"a", "b"}});
            }),
            "line 4 has 50001 words; ter compares lines of up to 50000");
  EXPECT_EQ(error_of([&] { ter.add({"a", "\xff"}, {{"a", "b"}}); }), "hypotheses, line 4: byte 1 is not UTF-8");
  EXPECT_EQ(ter.sentences(), 2u);
  ter.forget_sentences();
  ter.add({"c"}, {{"d"}});
  EXPECT_EQ(ter.sentence(2).value, 100);
  EXPECT_EQ(error_of([&] { ter.sentence(1); }), "sentence 1 has no counts; of 3 sentences the first 2 were forgotten");
}

std::vector<ComparedSystem> compare(const Texts& texts, const Lines& other, const ComparisonOptions& options) {
  const std::vector<CountedMetric> systems = {{"bleu", texts.good, {texts.references}},
                                              {"bleu", other, {texts.references}}};
  return compare_systems(systems, options);
}

TEST(Comparison, AClearDifferenceIsSignificantAndNoneIsNot) {
  const Texts texts = random_texts(200);
  for (const ComparisonOptions& options :
       {ComparisonOptions{.bootstrap = 200}, ComparisonOptions{.randomization = 200}}) {
    EXPECT_EQ(compare(texts, texts.bad, options)[1].p, 1 / 201.);
    EXPECT_EQ(compare(texts, texts.good, options)[1].p, 1);
  }
}

TEST(Comparison, IntervalsHoldTheFigure) {
  const Texts texts = random_texts(200);
  const std::vector<ComparedSystem> systems = compare(texts, texts.bad, {.bootstrap = 400});
  for (const ComparedSystem& system : systems) {
    EXPECT_LT(system.interval->low, system.figure.value);
    EXPECT_GT(system.interval->high, system.figure.value);
    EXPECT_NEAR(system.interval->mean, system.figure.value, 1);
  }
  EXPECT_FALSE(systems[0].p);
  EXPECT_GT(systems[0].interval->low, systems[1].interval->high);
}

// The interval of a mean of independent sentences is that of the normal distribution: 1.96 standard errors.
TEST(Comparison, IntervalOfAMeanByTheory) {
  const std::size_t count = 400;
  Lines hypotheses, references;
  for (std::size_t i = 0; i < count; ++i) {
    references.push_back("a");
    hypotheses.push_back(i % 4 == 0 ? "a" : "b");
  }
  const std::vector<CountedMetric> systems = {{"accuracy", hypotheses, {references}}};
  const ConfidenceInterval interval = *compare_systems(systems, {.bootstrap = 4000})[0].interval;
  const double error = 100 * std::sqrt(0.25 * 0.75 / count);
  EXPECT_NEAR(interval.mean, 25, 0.2);
  EXPECT_NEAR(interval.low, 25 - 1.96 * error, 0.5);
  EXPECT_NEAR(interval.high, 25 + 1.96 * error, 0.5);
}

// Three of four sentences are right in one system alone: the difference is as large if all three are exchanged or none
// is, in 2 of 8 ways. Of a single such sentence every exchange makes the same difference.
TEST(Comparison, RandomizationByHand) {
  const auto p = [](const Lines& other) {
    const Lines right = {"a", "b", "c", "d"};
    const std::vector<CountedMetric> systems = {{"accuracy", right, {right}}, {"accuracy", other, {right}}};
    return *compare_systems(systems, {.randomization = 4000})[1].p;
  };
  EXPECT_NEAR(p({"x", "x", "x", "d"}), 0.25, 0.03);
  EXPECT_EQ(p({"x", "b", "c", "d"}), 1);
}

TEST(Comparison, TheSeedDecides) {
  const Texts texts = random_texts(50);
  const auto low = [&](std::uint64_t seed) {
    return compare(texts, texts.bad, {.bootstrap = 100, .seed = seed})[0].interval->low;
  };
  EXPECT_EQ(low(1), low(1));
  EXPECT_NE(low(1), low(2));
}

TEST(Comparison, SignaturesNameSamplesTrialsAndSeed) {
  const Texts texts = random_texts(5);
  EXPECT_THAT(compare(texts, texts.bad, {.bootstrap = 10, .randomization = 20})[1].figure.signature,
              HasSubstr("BLEU|nrefs:1|bs:10|ar:20|seed:12345|case:mixed|"));
  EXPECT_THAT(compare(texts, texts.bad, {})[1].figure.signature, HasSubstr("BLEU|nrefs:1|case:mixed|"));
  const std::vector<CountedMetric> one = {{"bleu", texts.good, {texts.references}}};
  EXPECT_THAT(compare_systems(one, {.bootstrap = 10, .randomization = 20})[0].figure.signature,
              HasSubstr("BLEU|nrefs:1|bs:10|seed:12345|case:mixed|"));
}

TEST(Comparison, SystemsOfOtherLengthsAreErrors) {
  const std::vector<CountedMetric> systems = {{"bleu", {"a"}, {{"a"}}}, {"bleu", {"a", "b"}, {{"a", "b"}}}};
  EXPECT_EQ(error_of([&] { compare_systems(systems, {}); }), "systems of 1 and 2 sentences cannot be compared");
}

}  // namespace
}  // namespace heed
