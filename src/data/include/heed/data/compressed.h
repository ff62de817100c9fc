#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// Makes of a text, which comes in pieces, what a file of that name holds: for names that end in .gz or .zst the text
/// compressed, the same bytes whatever the pieces; for others the text. Throws Error where there is no memory for it.
class Compressor {
 public:
  explicit Compressor(std::string_view path);
  ~Compressor();
  /// The bytes that are ready.
  std::string add(std::string_view text);
  /// The rest; to be called once.
  std::string finish();

 private:
  class Stream;
  class Gzip;
  class Zstandard;

  std::unique_ptr<Stream> stream_;  // none: text stays text
  std::string held_;                // less than a piece of those that streams get
};

}  // namespace heed
