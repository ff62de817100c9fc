#pragma once
#include <nlohmann/json.hpp>
#include <string>

#include "heed/translate/translator.h"

namespace heed::app {

using Json = nlohmann::ordered_json;

/// Rounded to 8 decimals: 0.1 and not 0.10000000149011612. What is not finite has no JSON: null.
Json short_number(float value);
Json short_numbers(const std::vector<std::vector<float>>& rows);

/// The line of a sentence, its end included (shared/contract: "JSON lines").
std::string to_json_line(const Translated& translated, bool attention);
/// A line of the input that is no text, and what is wrong with it.
struct BadLine {
  std::string bytes;
  std::string fault;
};
/// No translations, but an "error"; bytes that are no text become U+FFFD.
std::string to_json_line(const BadLine& line);
std::string to_json_line(const SentencePair& pair, const Scored& scored, bool attention);

}  // namespace heed::app
