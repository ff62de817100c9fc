#include "figures.h"

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

}  // namespace heed::app
