#pragma once
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "heed/base/error.h"
#include "heed/text/spelling.h"

namespace heed {

/// The tokens of an answer, of the key `name`, without the </s> that ends them.
inline std::vector<std::string> answer_tokens(const std::string& name, const nlohmann::json& list) {
  const auto is_text = [](const nlohmann::json& token) { return token.is_string(); };
  if (!list.is_array() || !std::ranges::all_of(list, is_text))
    throw Error(fmt::format("'{}' is no list of texts", name));
  auto out = list.get<std::vector<std::string>>();
  if (!out.empty() && is_eos(out, out.size() - 1)) out.pop_back();
  return out;
}

}  // namespace heed
