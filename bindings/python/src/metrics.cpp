#include <nanobind/stl/string.h>

#include "bindings.h"
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
  const auto take = [&](const char* name, auto& into) {
    if (given.contains(name)) read(given[name], name, into);
  };
  take("lowercase", out.lowercase);
  take("tokenize", out.tokenize);
  take("smooth", out.smooth);
  take("smooth_value", out.smooth_value);
  take("effective_order", out.effective_order);
  take("ter_case_sensitive", out.ter_case_sensitive);
  take("ter_normalized", out.ter_normalized);
  take("ter_no_punct", out.ter_no_punct);
  take("ter_asian_support", out.ter_asian_support);
  take("rouge_tokenize", out.rouge_tokenize);
  take("rouge_stemmer", out.rouge_stemmer);
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
    const nb::gil_scoped_release released;
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
  module.def(
      "text_metrics",
      [] {
        nb::list out;
        for (const std::string& name : text_metrics()) out.append(name);
        return out;
      },
      nb::sig("def text_metrics() -> list[str]"));
}

}  // namespace heed::python
