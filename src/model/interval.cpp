#include "heed/model/interval.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "heed/base/error.h"

namespace heed {

Interval parse_interval(std::string_view text) {
  constexpr double kMost = 1e15;
  constexpr std::pair<std::string_view, double TrainingExtent::*> kUnits[] = {{"epoch", &TrainingExtent::epochs},
                                                                              {"update", &TrainingExtent::updates},
                                                                              {"token", &TrainingExtent::tokens},
                                                                              {"minute", &TrainingExtent::minutes}};
  double count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  const bool number = error == std::errc() && std::isfinite(count) && count >= 0 && count < kMost;
  while (unit.starts_with(' ')) unit.remove_prefix(1);
  for (const auto& [name, field] : kUnits) {
    if (number && unit.starts_with(name) && (unit.size() == name.size() || unit.substr(name.size()) == "s")) {
      return {count, field};
    }
  }
  throw UsageError(fmt::format("'{}' is not right; expected: {}", text, kIntervals));
}

}  // namespace heed
