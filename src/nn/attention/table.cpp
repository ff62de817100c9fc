#include <algorithm>

#include "fmt/format.h"
#include "heed/base/error.h"
#include "heed/base/nearest.h"
#include "heed/nn/attention.h"

namespace heed {

// Each is defined in the mechanism's file.
MakeAttention make_additive, make_coverage, make_coverage_fertility, make_coverage_neural, make_hard_exact_first_order,
    make_location_sensitive, make_luong_dot, make_luong_general, make_luong_local_m, make_luong_local_p,
    make_luong_location, make_luong_scaled, make_monotonic_chunkwise, make_monotonic_soft, make_multi_head,
    make_normed_additive, make_scaled_dot;

namespace {

/// What a mechanism reads that normalises scores: the keys of that, and its own. The others have probabilities of
/// their own, for which there could be no normaliser.
std::vector<std::string> normalizer_and(std::initializer_list<const char*> own) {
  std::vector<std::string> out = AttentionKind{}.reads;
  out.insert(out.end(), own.begin(), own.end());
  return out;
}

std::deque<AttentionKind>& table() {
  static std::deque<AttentionKind> kinds = {
      {.name = "none",
       .description = "no attention: the decoder sees only the encoder's last state",
       .paper = "Sutskever et al. 2014",
       .entry = ContextEntry::kOutput,
       .make = nullptr,
       .reads = {}},
      {.name = "bahdanau",
       .description = "additive score of the previous state; the context enters the cell",
       .paper = "Bahdanau et al. 2015, appendix A.1.2",
       .entry = ContextEntry::kCell,
       .make = &make_additive,
       .calm = true},
      {.name = "bahdanau-normed",
       .description = "additive score with a vector of learned length",
       .paper = "Salimans and Kingma 2016, equation 2; tensorflow/nmt",
       .entry = ContextEntry::kCell,
       .make = &make_normed_additive},
      {.name = "luong-dot",
       .description = "dot product of the decoder's and the encoder's states",
       .paper = "Luong et al. 2015, section 3.1",
       .entry = ContextEntry::kOutput,
       .make = &make_luong_dot,
       .refuses = {"unequal widths"}},
      {.name = "scaled-dot",
       .description = "dot product by the root of the width",
       .paper = "Vaswani et al. 2017, equation 1",
       .entry = ContextEntry::kOutput,
       .make = &make_scaled_dot,
       .refuses = {"unequal widths"}},
      {.name = "luong-general",
       .description = "bilinear score of the decoder's and the encoder's states",
       .paper = "Luong et al. 2015, section 3.1",
       .entry = ContextEntry::kOutput,
       .make = &make_luong_general,
       .reads = normalizer_and({"scale"})},
      {.name = "luong-scaled",
       .description = "bilinear score with a learned scale",
       .paper = "Luong et al. 2017, tensorflow/nmt",
       .entry = ContextEntry::kOutput,
       .make = &make_luong_scaled,
       .reads = normalizer_and({"scale"})},
      {.name = "luong-concat",
       .description = "additive score of the current state",
       .paper = "Luong et al. 2015, section 3.1",
       .entry = ContextEntry::kOutput,
       .make = &make_additive},
      {.name = "luong-location",
       .description = "weights from the decoder's state alone (model.attention.positions)",
       .paper = "Luong et al. 2015, equation 8",
       .entry = ContextEntry::kOutput,
       .make = &make_luong_location,
       .reads = normalizer_and({"positions"})},
      {.name = "luong-local-m",
       .description = "bilinear score in a window that moves a position with each step (model.attention.window)",
       .paper = "Luong et al. 2015, section 3.2",
       .entry = ContextEntry::kOutput,
       .make = &make_luong_local_m,
       .narrow = true,
       .reads = normalizer_and({"window", "scale"})},
      {.name = "luong-local-p",
       .description = "bilinear score in a window around a predicted position (model.attention.window)",
       .paper = "Luong et al. 2015, equations 9 and 10",
       .entry = ContextEntry::kOutput,
       .make = &make_luong_local_p,
       .narrow = true,
       .reads = normalizer_and({"window", "scale"})},
      {.name = "location-sensitive",
       .description = "additive score with the previous step's weights, convolved by filters",
       .paper = "Chorowski et al. 2015, equations 8 and 9",
       .entry = ContextEntry::kCell,
       .make = &make_location_sensitive,
       .reads = normalizer_and({"filters", "filter_width"}),
       .refuses = {"an even filter_width"}},
      {.name = "coverage",
       .description = "additive score with the sum of each position's weights so far",
       .paper = "See et al. 2017, equations 10 and 11",
       .entry = ContextEntry::kOutput,
       .make = &make_coverage},
      {.name = "coverage-fertility",
       .description = "coverage, divided by each position's fertility",
       .paper = "Tu et al. 2016, equations 9 and 10",
       .entry = ContextEntry::kCell,
       .make = &make_coverage_fertility},
      {.name = "coverage-neural",
       .description = "additive score with a small gated state for each position",
       .paper = "Tu et al. 2016, equations 6 and 8",
       .entry = ContextEntry::kCell,
       .make = &make_coverage_neural,
       .reads = normalizer_and({"filters"})},
      {.name = "monotonic-soft",
       .description = "stops at positions by probability, and only moves forward; hard: by decision",
       .paper = "Raffel et al. 2017, equations 9 and 16",
       .entry = ContextEntry::kCell,
       .make = &make_monotonic_soft,
       .rows_sum_to_one = false,
       .narrow = true,
       .reads = {"noise", "hard"}},
      {.name = "monotonic-chunkwise",
       .description = "monotonic, with a softmax over the last positions before it",
       .paper = "Chiu and Raffel 2018, equation 11",
       .entry = ContextEntry::kCell,
       .make = &make_monotonic_chunkwise,
       .rows_sum_to_one = false,
       .narrow = true,
       .reads = {"noise", "hard", "chunk"}},
      {.name = "hard-exact",
       .description = "one latent position for each token, summed exactly in the output",
       .paper = "Wu, Shapiro and Cotterell 2018, equation 4",
       .entry = ContextEntry::kOutput,
       .make = &make_luong_general,
       .narrow = true,
       .reads = normalizer_and({"scale"})},
      {.name = "hard-exact-first-order",
       .description = "hard-exact, each position depending on the one before: jumps (model.attention.window)",
       .paper = "Wu and Cotterell 2019",
       .entry = ContextEntry::kOutput,
       .make = &make_hard_exact_first_order,
       .narrow = true,
       .reads = {"window"}},
      {.name = "multi-head",
       .description = "several mechanisms (model.attention.score) over projections of their own",
       .paper = "Vaswani et al. 2017, section 3.2.2",
       .entry = ContextEntry::kOutput,
       .make = &make_multi_head,
       .reads = {"heads", "score"},
       .refuses = {"heads that do not divide the width"}},
  };
  return kinds;
}

}  // namespace

const std::deque<AttentionKind>& attention_kinds() { return table(); }

void add_attention_kind(AttentionKind kind) {
  for (const AttentionKind& other : table()) {
    if (other.name == kind.name) throw UsageError(fmt::format("there is an attention '{}' already", kind.name));
  }
  if (kind.name.empty() || kind.name.find('+') != std::string::npos) {
    throw UsageError(fmt::format("'{}' is no name for an attention: it must not be empty or have a '+'", kind.name));
  }
  const std::vector<std::string> known = attention_option_names();
  for (const std::string& name : kind.reads) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    throw UsageError(fmt::format("attention '{}' reads '{}', but there is no model.attention.{}{}", kind.name, name,
                                 name, did_you_mean(name, known)));
  }
  table().push_back(std::move(kind));
}

const AttentionKind& find_attention(const std::string& name) {
  std::vector<std::string> names;
  for (const AttentionKind& kind : attention_kinds()) {
    if (kind.name == name) return kind;
    names.push_back(kind.name);
  }
  const std::string near = did_you_mean(name, names);
  throw UsageError(
      fmt::format("unknown attention '{}'{}", name, near.empty() ? "; 'heed list attentions' shows them" : near));
}

}  // namespace heed
