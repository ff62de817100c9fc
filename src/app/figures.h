#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace heed::app {

/// The figures of a validation in words: "perplexity 8.135, BLEU 35.20, accuracy 3.1 %".
std::string figures_text(double perplexity, const std::vector<std::pair<std::string, double>>& metrics,
                         const char* between = ", ");

/// 3,943,072
std::string grouped(std::int64_t number);
/// "812.3 MB"
std::string megabytes(std::int64_t bytes);
/// "4:07", "1:04:07"
std::string clock_time(double seconds);

}  // namespace heed::app
