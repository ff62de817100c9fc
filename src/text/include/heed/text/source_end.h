#pragma once
#include <cstddef>

#include "heed/base/export.h"

namespace HEED_API heed {

/// What a model reads behind the tokens of a source: EOS, or nothing (data.source.end). A source without a token is
/// EOS in any case, for an encoder has to read something.
struct SourceEnd {
  bool always = true;

  bool follows(std::size_t tokens) const { return always || tokens == 0; }
  /// What is read of a source of so many tokens.
  std::size_t positions(std::size_t tokens) const { return tokens + (follows(tokens) ? 1 : 0); }
};

}  // namespace heed
