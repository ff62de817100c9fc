#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace heed {

/// What the JSON header of a safetensors file says. Offsets are those in the file: nothing is known yet about whether
/// they fit.
struct SafetensorsHeader {
  struct Entry {
    std::string name;
    std::string type;
    std::vector<std::uint64_t> shape;
    std::vector<std::uint64_t> offsets;  ///< two
  };
  std::vector<Entry> entries;
  std::map<std::string, std::string> metadata;
};

/// Reads a header as it comes, without making values of what is not in the format: memory is bounded by the arrays that
/// it names. Throws Error that says what is not as the format has it.
SafetensorsHeader read_safetensors_header(std::string_view json);

}  // namespace heed
