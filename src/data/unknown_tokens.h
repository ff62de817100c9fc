#pragma once
#include <string>

#include "heed/base/log.h"
#include "heed/text/text_side_builder.h"

namespace heed {

/// Of the tokens of a text those that its vocabulary lacks.
struct UnknownTokens {
  long unknown = 0;
  long all = 0;

  void add(std::span<const int> ids);
  double share() const { return all == 0 ? 0 : static_cast<double>(unknown) / static_cast<double>(all); }
  double percent() const { return all == 0 ? 0 : 100 * static_cast<double>(unknown) / static_cast<double>(all); }
};
UnknownTokens unknown_tokens(const TokenizedText& text);

/// Both sides of a text.
struct UnknownPairs {
  UnknownTokens source;
  UnknownTokens target;
};

/// Says the shares of training and validation text; warns of each above kManyUnknown, which a vocabulary that was taken
/// from a bundle or model (empty: made of the training text) may be the cause of.
void say_unknown(const UnknownPairs& training, const UnknownPairs& validation, const std::string& source_from,
                 const std::string& target_from, const LogSink& log);
constexpr double kManyUnknown = 10;  // percent

}  // namespace heed
