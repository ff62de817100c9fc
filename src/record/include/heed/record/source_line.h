#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// What a line asks for the answer to its sentence alone.
struct SentenceRequest {
  std::optional<int> beam = {};            ///< 1 to kMostOfRequest
  std::optional<int> nbest = {};           ///< 1 to kMostOfRequest
  std::string prefix = {};                 ///< with which the answer begins
  std::vector<std::string> must = {};      ///< phrases that stand in it,
  std::vector<std::string> must_not = {};  ///< and those that do not
  std::vector<std::string> allowed = {};   ///< it is one of these; none: any
  bool is_constrained() const { return !prefix.empty() || !must.empty() || !must_not.empty() || !allowed.empty(); }
};
inline constexpr int kMostOfRequest = 1000;

/// A sentence to translate: {"source": "a b", "features": {"pos": "X Y"}, "beam": 3}.
struct SourceLine {
  std::string source;
  std::map<std::string, std::string> features = {};  ///< values by name, with blanks between those of words
  SentenceRequest request = {};
};

/// Reads a line of docs/json-lines.md; the values of a feature may be a list too. Throws Error that says what is wrong
/// with the line, unknown keys among it: they would be asked for in vain.
SourceLine read_source_line(std::string_view line);

/// A sentence with its translation, of {"source": "a b", "target": "x y", "features": {...}}.
struct PairOfLine {
  std::string source;
  std::string target;
  std::map<std::string, std::string> features = {};
  std::vector<std::string> target_tokens = {};  ///< without EOS; none: unknown
};

/// Reads such a line, or one that `heed score` or `heed translate` wrote, whose best translation is the target, with
/// the target's tokens. Other keys are not looked at. Throws Error that says what is wrong with the line.
PairOfLine read_pair_line(std::string_view line);

/// The text of a line that `heed translate` wrote, or of {"text": "x y"}: that of its best translation, and nothing
/// where it was no text ("error"). Throws Error that says what is wrong with the line.
std::string read_text_line(std::string_view line);

}  // namespace heed
