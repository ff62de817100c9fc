#include "evaluate_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace heed::app {
namespace {

using Json = nlohmann::ordered_json;

std::string details_text(const MetricValue& value) {
  std::string out;
  for (const auto& [name, number] : value.details) {
    out += fmt::format("{}{} {:.{}f}", out.empty() ? "  (" : ", ", name, number, number == std::floor(number) ? 0 : 2);
  }
  return out.empty() ? out : out + ")";
}

std::string line_of(const ComparedSystem& system, std::size_t width, const std::string& file) {
  const MetricValue& figure = system.figure;
  std::string out = fmt::format("{:<{}}{:>7.2f}", figure.name, width, figure.value);
  if (system.interval) out += fmt::format("  [{:.2f}, {:.2f}]", system.interval->low, system.interval->high);
  if (system.p) out += fmt::format("  p {:.4f}", *system.p);
  out += file.empty() ? details_text(figure) : "  " + file;
  if (!figure.signature.empty()) out += "  " + figure.signature;
  return out + "\n";
}

Json to_json(const ComparedSystem& system) {
  Json out = {{"value", system.figure.value}};
  if (system.interval) {
    out["mean"] = system.interval->mean;
    out["low"] = system.interval->low;
    out["high"] = system.interval->high;
  }
  if (system.p) out["p"] = *system.p;
  return out;
}

}  // namespace

std::string to_text(const std::vector<Evaluated>& values, const std::vector<std::string>& files) {
  std::size_t width = 9;
  for (const Evaluated& value : values) width = std::max(width, value.systems.front().figure.name.size() + 1);
  std::string out;
  for (const Evaluated& value : values) {
    const bool several = value.systems.size() > 1;
    for (std::size_t s = 0; s < value.systems.size(); ++s)
      out += line_of(value.systems[s], width, several ? files[s] : "");
  }
  return out;
}

std::string to_json(const std::vector<Evaluated>& values, const std::vector<std::string>& files) {
  Json out = Json::object();
  Json signatures = Json::object();
  Json details = Json::object();
  Json systems = Json::array();
  for (const Evaluated& value : values) {
    const MetricValue& first = value.systems.front().figure;
    out[first.name] = first.value;
    if (!first.signature.empty()) signatures[first.name] = first.signature;
    for (const auto& [name, number] : first.details) details[first.name][name] = number;
    if (value.systems.size() == 1 && !value.systems.front().interval) continue;
    for (std::size_t s = 0; s < value.systems.size(); ++s) {
      if (systems.size() <= s) systems.push_back({{"file", files[s]}});
      systems[s][first.name] = to_json(value.systems[s]);
    }
  }
  out["signatures"] = std::move(signatures);
  out["details"] = std::move(details);
  if (!systems.empty()) out["systems"] = std::move(systems);
  return out.dump() + "\n";
}

std::string to_sentence_lines(const Counted& metrics, std::size_t first, bool json) {
  std::string out;
  for (std::size_t i = first; i < metrics.front().front().sentences(); ++i) {
    Json object = Json::object();
    std::string fields;
    for (const std::vector<CountedMetric>& systems : metrics) {
      const MetricValue value = systems.front().sentence(i);
      if (json) {
        object[value.name] = value.value;
      } else {
        fields += fmt::format("{}{:.2f}", fields.empty() ? "" : "\t", value.value);
      }
    }
    out += (json ? object.dump() : fields) + "\n";
  }
  return out;
}

}  // namespace heed::app
