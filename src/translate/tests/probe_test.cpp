// What every mechanism must do when it is probed: a new one is tested by being listed.
#include "heed/translate/probe.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "error_of.h"
#include "heed/base/error.h"
#include "probe_pair.h"
#include "saliency.h"
#include "test_name.h"
#include "toy_bundle.h"

namespace heed {
namespace {

std::vector<SentencePair> toy_pairs(int count, std::uint64_t longest = 7) {
  const std::vector<std::string> sources = toy_sentences(count, 3, longest), targets = toy_sentences(count, 4, longest);
  std::vector<SentencePair> out;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    std::string target;  // numbers of the smaller vocabulary
    for (const char c : targets[i]) target += c == '2' ? '1' : c;
    out.push_back({sources[i], target});
  }
  return out;
}

double figure(const ProbedToken& token, ProbeFigure which) { return token[static_cast<std::size_t>(which)]; }

std::vector<Probed> probe(const Bundle& bundle, std::span<const SentencePair> pairs, const ProbeOptions& options = {}) {
  return Prober(bundle).probe(pairs, options);
}

const AttentionWeights& measure(const Probed& probed, std::size_t which) {
  return probed.pair.translations.front().measures.at(which).values;
}

bool equal(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

void expect_equal(const Probed& a, const Probed& b) {
  ASSERT_EQ(a.tokens.size(), b.tokens.size());
  for (std::size_t t = 0; t < a.tokens.size(); ++t) {
    for (std::size_t f = 0; f < kProbeFigures; ++f) {
      EXPECT_TRUE(equal(a.tokens[t][f], b.tokens[t][f])) << name_of(static_cast<ProbeFigure>(f)) << " " << t;
    }
  }
  for (const std::size_t which : {0, 1}) EXPECT_EQ(measure(a, which), measure(b, which));
}

class Probes : public testing::TestWithParam<std::string> {
 protected:
  static ModelOptions options() {
    ModelOptions out = toy_options(GetParam(), 16);
    out.decoder_layers = 1;
    return out;
  }
};
INSTANTIATE_TEST_SUITE_P(Kinds, Probes, testing::ValuesIn(mechanisms()),
                         [](const auto& test) { return test_name(test.param); });

TEST_P(Probes, GivesEveryFigureInItsRange) {
  const Bundle toy = toy_bundle(options());
  double moved = 0;
  double salient = 0;
  for (const Probed& probed : probe(toy, toy_pairs(6))) {
    const std::size_t steps = probed.pair.translations.front().tokens.size();
    ASSERT_EQ(probed.tokens.size(), steps);
    check_record(probed.pair);
    for (std::size_t t = 0; t < steps; ++t) {
      const auto& erasure = measure(probed, 0)[t];
      const auto& saliency = measure(probed, 1)[t];
      EXPECT_EQ(erasure.back(), 0);
      EXPECT_EQ(saliency.back(), 0);
      for (const float value : erasure) EXPECT_TRUE(value >= 0 && value <= 1) << value;
      const double sum = std::accumulate(saliency.begin(), saliency.end(), 0.0);
      EXPECT_TRUE(sum == 0 || std::abs(sum - 1) < 1e-5) << sum;
      salient += sum;
      const ProbedToken& token = probed.tokens[t];
      for (const ProbeFigure each : {ProbeFigure::kPermuted, ProbeFigure::kUniform, ProbeFigure::kTopErasure,
                                     ProbeFigure::kTopSaliency, ProbeFigure::kTopRandom}) {
        EXPECT_TRUE(figure(token, each) >= 0 && figure(token, each) <= 1) << name_of(each);
      }
      moved += figure(token, ProbeFigure::kPermuted) + figure(token, ProbeFigure::kUniform);
    }
  }
  EXPECT_GT(salient, 1);
  EXPECT_GT(moved, 0.01) << "other weights change nothing";
}

TEST_P(Probes, DependsOnThePairAndItsLineAlone) {
  const Bundle toy = toy_bundle(options());
  const std::vector<SentencePair> pairs = toy_pairs(5);
  const Prober prober(toy);
  const std::vector<Probed> one = prober.probe(pairs, {.permutations = 3});
  const std::vector<Probed> two = prober.probe(pairs, {.permutations = 3, .threads = 2});
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    expect_equal(one[i], two[i]);
    const auto alone =
        prober.probe(std::span(pairs).subspan(i, 1), {.permutations = 3, .first_line = static_cast<long>(i) + 1});
    expect_equal(one[i], alone.front());
  }
}

TEST_P(Probes, OneDeletionIsWhatScoringWithoutTheTokenSays) {
  const Bundle toy = toy_bundle(options());
  const SentencePair pair{"5 9 14 3", "4 7 11"};
  const auto probed = probe(toy, std::vector{pair}, {.permutations = 1, .deletions = 1}).front();
  const char* const without[] = {"9 14 3", "5 14 3", "5 9 3", "5 9 14"};
  const Translation whole = score_targets(toy, std::vector{pair}).front();
  for (std::size_t t = 0; t < probed.tokens.size(); ++t) {
    const auto& row = measure(probed, 0)[t];
    const auto most = static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin());
    const Translation rest = score_targets(toy, std::vector<SentencePair>{{without[most], pair.target}}).front();
    const double expected = std::max(whole.log_probabilities[t], -20.0) - std::max(rest.log_probabilities[t], -20.0);
    EXPECT_NEAR(figure(probed.tokens[t], ProbeFigure::kDeletedByErasure), expected, 2e-4) << t;
  }
}

// The derivative of log p by the factor of an embedding is gradient times input.
TEST_P(Probes, SaliencyIsWhatDifferencesSay) {
  const SentencePair pair{"5 9 14 3", "4 7 11"};
  const auto mild = [] {  // not so sure of itself that log p is 0 to the last bit
    Bundle toy = toy_bundle(options());
    for (Parameter* parameter : toy.model->parameters().all()) {
      const Tensor& value = parameter->value.view();
      std::transform(value.data, value.data + value.size(), value.data, [](float x) { return x / 2; });
    }
    pack(toy, Precision::kFloat32);
    return toy;
  };
  const auto scaled = [&](std::size_t place, float factor) {
    const Bundle toy = mild();
    const int id = toy.source.encode(pair.source).ids[place];
    for (Parameter* parameter : toy.model->parameters().all()) {
      if (parameter->name != "source.embedding") continue;
      float* row = parameter->value.view().row(id);
      std::transform(row, row + parameter->columns(), row, [&](float x) { return x * factor; });
    }
    pack(toy, Precision::kFloat32);
    return score_targets(toy, std::vector{pair}).front().log_probabilities;
  };
  constexpr float kStep = 0.01F;
  std::vector<std::vector<double>> up, down;
  for (std::size_t s = 0; s < 4; ++s) {
    up.push_back(scaled(s, 1 + kStep));
    down.push_back(scaled(s, 1 - kStep));
  }
  const auto probed = probe(mild(), std::vector{pair}, {.permutations = 1}).front();
  for (std::size_t t = 0; t < probed.tokens.size(); ++t) {
    double sum = 0;
    for (std::size_t s = 0; s < 4; ++s) sum += std::abs(up[s][t] - down[s][t]);
    for (std::size_t s = 0; s < 4; ++s) {
      EXPECT_NEAR(measure(probed, 1)[t][s], std::abs(up[s][t] - down[s][t]) / sum, 0.02) << t << " " << s;
    }
  }
}

TEST(Probe, SaliencyIsTheSameInGroupsOfAnySize) {
  ModelOptions options = toy_options("bahdanau", 16);
  options.copy = "pointer-generator";
  const Bundle toy = toy_bundle(options);
  const auto model = without_dropout(toy);
  const int copied = kToyTargetVocabulary;
  const ProbePair pair{{{5, 9, 14, 3, 8}, {5, 9, 14, 3, copied}, {}},
                       {Vocabulary::kBegin, 4, copied, 7, 11},
                       {4, copied, 7, 11, Vocabulary::kEnd}};
  Arena arena;
  const AttentionWeights whole = gradient_times_input(*model, pair, arena);
  ASSERT_EQ(whole.size(), 5U);
  for (const std::size_t positions : {1, 15, 16, 17, 30}) {  // prefixes have 7, 8, 9, 10 and 11 positions
    const AttentionWeights found = gradient_times_input(*model, pair, arena, positions);
    ASSERT_EQ(found.size(), whole.size());
    for (std::size_t t = 0; t < whole.size(); ++t) {
      ASSERT_EQ(found[t].size(), 6U);
      for (std::size_t s = 0; s < 6; ++s) EXPECT_NEAR(found[t][s], whole[t][s], 1e-5) << positions << " " << t;
    }
  }
}

TEST(Probe, OtherWeightsMoveNothingWhereTheContextIsIgnored) {
  const Bundle toy = toy_bundle(toy_options("luong-general", 16));
  for (Parameter* parameter : toy.model->parameters().all()) {
    if (parameter->name != "output.context") continue;
    const Tensor& value = parameter->value.view();
    std::fill(value.data, value.data + value.size(), 0.0F);
  }
  pack(toy, Precision::kFloat32);
  for (const Probed& probed : probe(toy, toy_pairs(4))) {
    for (const ProbedToken& token : probed.tokens) {
      EXPECT_EQ(figure(token, ProbeFigure::kPermuted), 0);
      EXPECT_EQ(figure(token, ProbeFigure::kUniform), 0);
    }
  }
}

struct Variant {
  const char* name;
  void (*set)(ModelOptions&);
};
void PrintTo(const Variant& variant, std::ostream* out) { *out << variant.name; }

class ProbesOf : public testing::TestWithParam<Variant> {};
INSTANTIATE_TEST_SUITE_P(
    Models, ProbesOf,
    testing::Values(Variant{"pyramid", [](ModelOptions& o) { o.encoder_layers = 3, o.encoder_pyramid = 2; }},
                    Variant{"residual", [](ModelOptions& o) { o.encoder_layers = 2, o.encoder_residual = true; }},
                    Variant{"forwards", [](ModelOptions& o) { o.bidirectional = "false"; }},
                    Variant{"gru", [](ModelOptions& o) { o.encoder_cell = o.decoder_cell = "gru"; }},
                    Variant{"layers", [](ModelOptions& o) { o.attention_layers = "each"; }},
                    Variant{"all_states", [](ModelOptions& o) { o.encoder_layers = 2, o.attention_source = "all"; }},
                    Variant{"hops", [](ModelOptions& o) { o.attention.hops = 2; }},
                    Variant{"beside", [](ModelOptions& o) { o.attention.kind = "bahdanau+monotonic-soft"; }},
                    Variant{"dropout",
                            [](ModelOptions& o) { o.dropout = DropoutOptions(0.5), o.attention.dropout = 0.5; }}),
    [](const auto& test) { return std::string(test.param.name); });

TEST_P(ProbesOf, GivesTheSameWithAnyThreads) {
  ModelOptions options = toy_options("luong-general", 16);
  GetParam().set(options);
  const Bundle toy = toy_bundle(options);
  const std::vector<SentencePair> pairs = toy_pairs(4, 9);
  for (const Erasure erasure : {Erasure::kRemove, Erasure::kUnknown}) {
    const ProbeOptions one{.erasure = erasure, .permutations = 2};
    ProbeOptions two = one;
    two.threads = 2;
    const auto found = probe(toy, pairs, one), again = probe(toy, pairs, two);
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      check_record(found[i].pair);
      expect_equal(found[i], again[i]);
    }
  }
}

TEST(Probe, ACopiedWordIsLostWithItsOnlySource) {
  ModelOptions options = toy_options("luong-general", 16);
  options.copy = "pointer-generator";
  Bundle toy = toy_bundle(options);
  for (Parameter* parameter : toy.model->parameters().all()) {
    if (parameter->name == "copy.bias") parameter->value.view().data[0] = -9;  // copies always
  }
  pack(toy, Precision::kFloat32);
  const std::vector<SentencePair> pairs = {{"5 name 7", "name"}, {"name", "name"}};
  for (const Erasure erasure : {Erasure::kRemove, Erasure::kUnknown}) {
    for (const Probed& probed : probe(toy, pairs, {.erasure = erasure, .permutations = 2, .deletions = 1})) {
      const double whole = probed.pair.translations.front().log_probabilities.front();
      EXPECT_GT(whole, -19);
      EXPECT_NEAR(figure(probed.tokens.front(), ProbeFigure::kDeletedByErasure), whole + 20, 1e-3);
    }
  }
}

TEST(Probe, TakesTheTokensPlaceOrLeavesItOut) {
  const Bundle toy = toy_bundle("bahdanau");
  const std::vector<SentencePair> pairs = {{"5 9 14 3", "4 7 11"}};
  const auto removed = probe(toy, pairs), unknown = probe(toy, pairs, {.erasure = Erasure::kUnknown});
  EXPECT_NE(measure(removed.front(), 0), measure(unknown.front(), 0));
  const SentencePair replaced{"<unk-for-9> 9 14 3", "4 7 11"};  // no number: <unk>
  const auto one = probe(toy, pairs, {.erasure = Erasure::kUnknown, .permutations = 1, .deletions = 1});
  for (std::size_t t = 0; t < 4; ++t) {
    const auto& row = measure(one.front(), 0)[t];
    if (std::max_element(row.begin(), row.end()) != row.begin()) continue;
    const double fall = score_targets(toy, pairs).front().log_probabilities[t] -
                        score_targets(toy, std::vector{replaced}).front().log_probabilities[t];
    EXPECT_NEAR(figure(one.front().tokens[t], ProbeFigure::kDeletedByErasure), fall, 1e-4);
  }
}

TEST(Probe, BlankSidesAreNoFault) {
  const Bundle toy = toy_bundle("luong-general");
  const auto found = probe(toy, std::vector<SentencePair>{{"", "4 5"}, {"  ", ""}, {"5", ""}});
  EXPECT_TRUE(found[0].tokens.empty() && found[1].tokens.empty());
  ASSERT_EQ(found[2].tokens.size(), 1);  // EOS
  EXPECT_TRUE(std::isnan(figure(found[2].tokens[0], ProbeFigure::kAttentionErasure)));
  EXPECT_EQ(figure(found[2].tokens[0], ProbeFigure::kTopErasure), 1);
}

TEST(Probe, RefusesWhatCannotBeProbed) {
  EXPECT_EQ(error_of([] { probe(toy_bundle("none"), {}); }),
            "the model has no attention to probe (model.attention.kind: none)");
  Bundle small = toy_bundle("bahdanau");
  small.precision = Precision::kInt8;
  EXPECT_EQ(error_of([&] { probe(small, {}); }), "gradients need float32 weights: load the model in float32");
  const Bundle toy = toy_bundle("bahdanau");
  EXPECT_EQ(error_of([&] { probe(toy, {}, {.permutations = 0}); }), "permutations is 0; it must be at least 1");
  EXPECT_EQ(error_of([&] { probe(toy, {}, {.deletions = 0}); }), "deletions is 0; it must be at least 1");
  EXPECT_EQ(error_of([&] { probe(toy, {}, {.threads = 0}); }), "threads is 0; it must be at least 1");
}

TEST(Probe, KendallIsThatOfScipy) {
  // scipy.stats.kendalltau's example.
  EXPECT_NEAR(kendall_tau(std::vector<float>{12, 2, 1, 12, 2}, std::vector<float>{1, 4, 7, 1, 0}), -0.47140452079103173,
              1e-15);
  EXPECT_EQ(kendall_tau(std::vector<float>{1, 2, 3}, std::vector<float>{4, 5, 6}), 1);
  EXPECT_EQ(kendall_tau(std::vector<float>{1, 2, 3}, std::vector<float>{6, 5, 4}), -1);
  EXPECT_TRUE(std::isnan(kendall_tau(std::vector<float>{1, 1}, std::vector<float>{1, 2})));
  EXPECT_TRUE(std::isnan(kendall_tau(std::vector<float>{1}, std::vector<float>{1})));
}

TEST(ProbeSummary, IsTheMeanOfTokensWithAnInterval) {
  ProbeSummary summary;
  const double undefined = std::numeric_limits<double>::quiet_NaN();
  const auto pair = [](std::initializer_list<double> values) {
    Probed out;
    for (const double value : values) out.tokens.emplace_back().fill(value);
    return out;
  };
  summary.add(pair({}));
  summary.add(pair({1, 2, undefined}));
  summary.add(pair({6}));
  EXPECT_EQ(summary.pairs(), 2);
  EXPECT_EQ(summary.tokens(), 4);
  const ProbeResult result = summary.results(1).front();
  EXPECT_EQ(result.mean, 3);
  EXPECT_EQ(result.tokens, 3);
  EXPECT_EQ(result.low, 1.5);  // the first pair twice,
  EXPECT_EQ(result.high, 6);   // and the second
  EXPECT_TRUE(std::isnan(ProbeSummary().results(1).front().mean));
}

}  // namespace
}  // namespace heed
