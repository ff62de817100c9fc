#include "figures.h"

#include <cmath>

#include "fmt/format.h"
#include "heed/metrics/registry.h"

namespace heed::app {

std::string figures_text(double perplexity, const std::vector<std::pair<std::string, double>>& metrics,
                         const char* between) {
  std::string out = fmt::format("perplexity {:.4g}", perplexity);
  for (const auto& [name, value] : metrics) {
    const std::string& title = find_metric(name).title;
    out += between +
           (name == "accuracy" ? fmt::format("{} {:.1f} %", title, value) : fmt::format("{} {:.2f}", title, value));
  }
  return out;
}

std::string grouped(std::int64_t number) {
  std::string out = std::to_string(number);
  for (std::size_t at = out.size(); at > 3;) out.insert(at -= 3, ",");
  return out;
}

std::string megabytes(std::int64_t bytes) { return fmt::format("{:.1f} MB", static_cast<double>(bytes) * 1e-6); }

std::string clock_time(double seconds) {
  const auto total = std::lround(seconds);
  if (total >= 3600) return fmt::format("{}:{:02}:{:02}", total / 3600, total / 60 % 60, total % 60);
  return fmt::format("{}:{:02}", total / 60, total % 60);
}

}  // namespace heed::app
