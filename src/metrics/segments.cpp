#include "segments.h"

#include <fmt/format.h>

#include "heed/base/error.h"
#include "heed/base/message.h"
#include "heed/base/utf8.h"
#include "heed/metrics/references.h"

namespace heed {

namespace {

void check_utf8(const std::vector<std::string>& lines, std::size_t before, const std::string& what) {
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto invalid = utf8::first_invalid(lines[i]);
    if (invalid) throw Error(fmt::format("{}, line {}: byte {} is not UTF-8", what, before + i + 1, *invalid + 1));
  }
}

}  // namespace

Segments segments_of(const Texts& texts) {
  const auto& [hypotheses, references, before] = texts;
  if (hypotheses.empty()) throw Error("there are no hypotheses to evaluate");
  if (references.empty()) throw Error("there are no references to compare with");
  check_utf8(hypotheses, before, "hypotheses");
  for (std::size_t r = 0; r < references.size(); ++r) {
    const std::string what = references.size() == 1 ? "references" : fmt::format("references {}", r + 1);
    if (references[r].size() != hypotheses.size()) {
      throw Error(fmt::format("{} of hypotheses but {} of {}", count_of(hypotheses.size(), "line"),
                              count_of(references[r].size(), "line"), what));
    }
    check_utf8(references[r], before, what);
  }

  Segments segments;
  bool vary = false;
  for (std::size_t i = 0; i < hypotheses.size(); ++i) {
    std::vector<std::string_view> lines;
    for (const auto& reference : references) {
      if (reference[i] != kNoReference) lines.push_back(reference[i]);
    }
    if (lines.empty()) lines.push_back("");
    segments.references.push_back(std::move(lines));
    vary = vary || segments.references[i].size() != segments.references[0].size();
  }
  segments.count = vary ? kReferencesVary : std::to_string(segments.references[0].size());
  return segments;
}

}  // namespace heed
