#include "attention/kinds.h"
#include "fmt/format.h"
#include "heed/base/error.h"
#include "heed/base/nearest.h"

namespace heed {

const std::vector<AttentionKind>& attention_kinds() {
  static const std::vector<AttentionKind> kinds = {
      {"none", "no attention: the decoder sees only the encoder's last state", "Sutskever et al. 2014",
       ContextEntry::kOutput, nullptr},
      {"bahdanau", "additive score of the previous state; the context enters the cell", "Bahdanau et al. 2015",
       ContextEntry::kCell, &make_additive},
      {"luong-dot", "dot product of the decoder's and the encoder's states", "Luong et al. 2015", ContextEntry::kOutput,
       &make_luong_dot},
      {"luong-general", "bilinear score of the decoder's and the encoder's states", "Luong et al. 2015",
       ContextEntry::kOutput, &make_luong_general},
      {"luong-concat", "additive score of the current state", "Luong et al. 2015", ContextEntry::kOutput,
       &make_additive},
  };
  return kinds;
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

AttentionMemory Attention::prepare(Tape& tape, const Encoded& encoded) const {
  const SourceMatrix states = source_matrix(tape, encoded.states, encoded.sentences);
  return {states, states};
}

}  // namespace heed
