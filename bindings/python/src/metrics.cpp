#include <nanobind/stl/string.h>

#include "bindings.h"
#include "gil.h"
#include "heed/metrics/references.h"
#include "heed/metrics/registry.h"

namespace heed::python {
namespace {

/// A list for each reference of the sentences; None where a sentence lacks one.
std::vector<std::vector<std::string>> references_of(const nb::list& given) {
  std::vector<std::vector<std::string>> out;
  for (const nb::handle set : given) {
    const std::string argument = "references[" + std::to_string(out.size()) + "]";
    std::vector<std::optional<std::string>> texts;
    read(set, argument, texts);
    std::vector<std::string>& added = out.emplace_back();
    for (const std::optional<std::string>& text : texts) added.push_back(text.value_or(kNoReference));
  }
  return out;
}

MetricOptions metric_options(const nb::dict& given) {
  MetricOptions out;
  read_given(given, "lowercase", out.lowercase);
  read_given(given, "tokenize", out.tokenize);
  read_given(given, "smooth", out.smooth);
  read_given(given, "smooth_value", out.smooth_value);
  read_given(given, "effective_order", out.effective_order);
  read_given(given, "ter_case_sensitive", out.ter_case_sensitive);
  read_given(given, "ter_normalized", out.ter_normalized);
  read_given(given, "ter_no_punct", out.ter_no_punct);
  read_given(given, "ter_asian_support", out.ter_asian_support);
  read_given(given, "rouge_tokenize", out.rouge_tokenize);
  read_given(given, "rouge_stemmer", out.rouge_stemmer);
  return out;
}

/// (name, value, signature, details)
nb::tuple evaluate(nb::handle metric, const nb::list& hypotheses, const nb::list& references, const nb::dict& options) {
  const auto name = value_of<std::string>(metric, "metrics");
  const auto texts = value_of<std::vector<std::string>>(hypotheses, "hypotheses");
  const auto others = references_of(references);
  const MetricOptions how = metric_options(options);
  MetricValue value;
  {
    const ReleasedGil released;
    value = evaluate_metric(name, texts, others, how);
  }
  nb::dict details;
  for (const auto& [key, figure] : value.details) details[key.c_str()] = figure;
  return nb::make_tuple(value.name, value.value, value.signature, details);
}

}  // namespace

void bind_metrics(nb::module_& module) {
  module.def("evaluate", evaluate, nb::arg("metric"), nb::arg("hypotheses"), nb::arg("references"), nb::arg("options"),
             nb::sig("def evaluate(metric: str, hypotheses: list[str], references: list[list[str | None]], options: "
                     "dict[str, typing.Any]) -> tuple[str, float, str, dict[str, float]]"));
}

}  // namespace heed::python
