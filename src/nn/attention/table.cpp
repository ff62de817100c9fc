#include <algorithm>

#include "attention/kinds.h"
#include "fmt/format.h"
#include "heed/base/error.h"
#include "heed/base/nearest.h"

namespace heed {
namespace {

/// A line whose mechanism reads more than a normaliser and a temperature.
AttentionKind reading(std::vector<std::string> more, AttentionKind kind) {
  kind.reads.insert(kind.reads.end(), more.begin(), more.end());
  return kind;
}

/// A line whose probabilities are its own: no softmax over scores, for which there could be a normaliser.
AttentionKind reading_only(std::vector<std::string> names, AttentionKind kind) {
  kind.reads = std::move(names);
  return kind;
}

/// A line whose mechanism does not take all that it reads.
AttentionKind refusing(std::vector<std::string> what, AttentionKind kind) {
  kind.refuses = std::move(what);
  return kind;
}

std::deque<AttentionKind>& table() {
  static std::deque<AttentionKind> kinds = {
      reading_only({}, {"none", "no attention: the decoder sees only the encoder's last state", "Sutskever et al. 2014",
                        ContextEntry::kOutput, nullptr}),
      {"bahdanau", "additive score of the previous state; the context enters the cell",
       "Bahdanau et al. 2015, appendix A.1.2", ContextEntry::kCell, &make_additive},
      {"bahdanau-normed", "additive score with a vector of learned length",
       "Salimans and Kingma 2016, equation 2; tensorflow/nmt", ContextEntry::kCell, &make_normed_additive},
      refusing({"unequal widths"}, {"luong-dot", "dot product of the decoder's and the encoder's states",
                                    "Luong et al. 2015, section 3.1", ContextEntry::kOutput, &make_luong_dot}),
      refusing({"unequal widths"}, {"scaled-dot", "dot product by the root of the width",
                                    "Vaswani et al. 2017, equation 1", ContextEntry::kOutput, &make_scaled_dot}),
      reading({"scale"}, {"luong-general", "bilinear score of the decoder's and the encoder's states",
                          "Luong et al. 2015, section 3.1", ContextEntry::kOutput, &make_luong_general}),
      reading({"scale"}, {"luong-scaled", "bilinear score with a learned scale", "Luong et al. 2017, tensorflow/nmt",
                          ContextEntry::kOutput, &make_luong_scaled}),
      {"luong-concat", "additive score of the current state", "Luong et al. 2015, section 3.1", ContextEntry::kOutput,
       &make_additive},
      reading({"positions"}, {"luong-location", "weights from the decoder's state alone (model.attention.positions)",
                              "Luong et al. 2015, equation 8", ContextEntry::kOutput, &make_luong_location}),
      reading(
          {"window", "scale"},
          {"luong-local-m", "bilinear score in a window that moves a position with each step (model.attention.window)",
           "Luong et al. 2015, section 3.2", ContextEntry::kOutput, &make_luong_local_m}),
      reading({"window", "scale"},
              {"luong-local-p", "bilinear score in a window around a predicted position (model.attention.window)",
               "Luong et al. 2015, equations 9 and 10", ContextEntry::kOutput, &make_luong_local_p}),
      refusing({"an even filter_width"},
               reading({"filters", "filter_width"},
                       {"location-sensitive", "additive score that sees, through filters, where the step before looked",
                        "Chorowski et al. 2015, equations 8 and 9", ContextEntry::kCell, &make_location_sensitive})),
      {"coverage", "additive score that sees how much each position was looked at",
       "See et al. 2017, equations 10 and 11", ContextEntry::kOutput, &make_coverage},
      {"coverage-fertility", "coverage, by how often each position is to be looked at",
       "Tu et al. 2016, equations 9 and 10", ContextEntry::kCell, &make_coverage_fertility},
      reading({"filters"}, {"coverage-neural", "additive score with a small gated state for each position",
                            "Tu et al. 2016, equations 6 and 8", ContextEntry::kCell, &make_coverage_neural}),
      reading_only({"noise", "hard"},
                   {"monotonic-soft", "stops at positions by probability, and only moves forward; hard: by decision",
                    "Raffel et al. 2017, equations 9 and 16", ContextEntry::kCell, &make_monotonic_soft, false}),
      reading_only({"noise", "hard", "chunk"},
                   {"monotonic-chunkwise", "monotonic, with a softmax over the last positions before it",
                    "Chiu and Raffel 2018, equation 11", ContextEntry::kCell, &make_monotonic_chunkwise, false}),
      reading({"scale"},
              {"hard-exact", "one position is looked at, and the output is the exact sum over all of them",
               "Wu, Shapiro and Cotterell 2018, equation 4", ContextEntry::kOutput, &make_luong_general, true, true}),
      reading_only({"window"},
                   {"hard-exact-first-order",
                    "hard-exact, each position depending on the one before: jumps (model.attention.window)",
                    "Wu and Cotterell 2019", ContextEntry::kOutput, &make_hard_exact_first_order, true, true, true}),
      refusing({"heads that do not divide the width"},
               reading_only({"heads", "score"},
                            {"multi-head", "several mechanisms (model.attention.score) over projections of their own",
                             "Vaswani et al. 2017, section 3.2.2", ContextEntry::kOutput, &make_multi_head})),
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
  for (const std::string& name : kind.reads) {
    const std::vector<std::string> known = attention_option_names();
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
