// Mechanisms that carry something, inside others: each part must get its own.
#include "attention_conformance.h"

namespace heed {
namespace {

std::unique_ptr<Attention> compose_recurrent(const std::string& name, const AttentionSizes& sizes,
                                             AttentionOptions options, const std::string& kind) {
  options.kind = kind;
  return make_attention(name, sizes, options);
}

AttentionKind composed(const std::string& name, decltype(AttentionKind::make) make) {
  return {name, "", "", ContextEntry::kOutput, make, false};
}

std::vector<AttentionKind> recurrent_compositions() {
  return {
      composed("side_by_side",
               [](const std::string& name, const AttentionSizes& sizes, const AttentionOptions& options) {
                 return compose_recurrent(name, sizes, options, "monotonic-chunkwise+coverage+bahdanau");
               }),
      composed("hops",
               [](const std::string& name, const AttentionSizes& sizes, const AttentionOptions& options) {
                 AttentionOptions hops = options;
                 hops.hops = 2;
                 return compose_recurrent(name, sizes, hops, "location-sensitive");
               }),
      composed("heads",
               [](const std::string& name, const AttentionSizes& sizes, const AttentionOptions& options) {
                 AttentionOptions heads = options;
                 heads.score = "coverage-neural";
                 return compose_recurrent(name, sizes, heads, "multi-head");
               }),
      composed("hard_heads",
               [](const std::string& name, const AttentionSizes& sizes, const AttentionOptions& options) {
                 AttentionOptions heads = options;
                 heads.score = "monotonic-chunkwise";
                 heads.hard = true;
                 return compose_recurrent(name, sizes, heads, "multi-head");
               }),
  };
}

class RecurrentComposition : public testing::TestWithParam<AttentionKind> {};
INSTANTIATE_TEST_SUITE_P(All, RecurrentComposition, testing::ValuesIn(recurrent_compositions()),
                         [](const auto& test) { return test.param.name; });

TEST_P(RecurrentComposition, Conforms) {
  conformance::rows_sum_to_one_and_end_at_the_sentence(GetParam(), normalizer_kinds().front());
  conformance::batches_change_nothing(GetParam(), normalizer_kinds().front());
  conformance::interleaved_sentences_do_not_meet(GetParam());
  conformance::what_is_carried_goes_with_its_row(GetParam());
}

// Hard ones have other values without a tape, which the check would compare: in training they are the soft ones.
TEST(RecurrentCompositions, GradientsAreRight) {
  for (const AttentionKind& kind : recurrent_compositions()) {
    if (kind.name != "hard_heads") conformance::gradients_are_right(kind, normalizer_kinds().front());
  }
}

}  // namespace
}  // namespace heed
