#pragma once
#include <string>
#include <utility>
#include <vector>

namespace heed::app {

/// The figures of a validation in words: "perplexity 8.135, BLEU 35.20, exact 3.1 %".
std::string figures_text(double perplexity, const std::vector<std::pair<std::string, double>>& metrics,
                         const char* between = ", ");

}  // namespace heed::app
