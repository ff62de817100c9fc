#pragma once
#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "heed/text/spelling.h"

namespace heed {

/// The tokens of an answer without the </s> that ends them; none if this is no list of texts, but what somebody else
/// calls so.
inline std::vector<std::string> answer_tokens(const nlohmann::json& list) {
  const auto is_text = [](const nlohmann::json& token) { return token.is_string(); };
  if (!list.is_array() || !std::ranges::all_of(list, is_text)) return {};
  auto out = list.get<std::vector<std::string>>();
  if (!out.empty() && is_eos(out, out.size() - 1)) out.pop_back();
  return out;
}

}  // namespace heed
