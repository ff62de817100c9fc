#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "heed/base/export.h"
#include "heed/record/translation.h"

namespace HEED_ENGINE_API heed {

/// Makes a file of matrices as numpy.load() reads it (.npz): a ZIP archive, not compressed, of arrays in the format
/// .npy 1.0, which are float32 in the order of C. Of what was written it keeps some bytes for each array.
class NpzWriter {
 public:
  /// The bytes of one more array, whose rows are of one length. No name may come twice.
  std::string add(const std::string& name, const AttentionWeights& matrix);
  /// Those that end the file; to be called once.
  std::string finish() const;

 private:
  struct Entry {
    std::string name;
    std::uint32_t checksum = 0;
    std::uint32_t size = 0;
    std::uint64_t offset = 0;  // of its header in the file
  };

  std::vector<Entry> entries_;
  std::uint64_t written_ = 0;
};

}  // namespace heed
