#include "guarded.h"
#include "inputs.h"

using namespace heed::capi;  // NOLINT(google-build-using-namespace): the functions of heed.h stand in none

namespace {

const std::pair<std::string, double>* detail_of(const heed_evaluation* evaluation, size_t detail) {
  if (known(evaluation) == nullptr) return nullptr;
  const auto& details = evaluation->value.details;
  return detail < details.size() ? &details[detail] : nullptr;
}

}  // namespace

void heed_evaluate_options_init(heed_evaluate_options* options, size_t size) {
  init_options(options, size, {.size = 0, .lowercase = 0, .tokenize = nullptr});
}

heed_error* heed_evaluate(heed_text metric, const heed_text* hypotheses, const heed_text* references, size_t count,
                          size_t references_each, const heed_evaluate_options* options, heed_evaluation** out) {
  return guarded(out, [&] {
    const heed_evaluate_options given = given_options(options, heed_evaluate_options_init);
    heed::MetricOptions how;
    how.lowercase = given.lowercase != 0;
    if (given.tokenize != nullptr) how.tokenize = given.tokenize;
    check_array("hypotheses", hypotheses, count);
    if (references_each > HEED_MAX_COUNT / std::max<size_t>(count, 1))
      throw heed::UsageError(fmt::format("references_each * count is more than {}", HEED_MAX_COUNT));
    check_array("references", references, count * references_each);
    std::vector<std::vector<std::string>> of_each;
    for (size_t r = 0; r < references_each; ++r) {
      of_each.push_back(given_texts("references", references + r * count, count));
    }
    return std::make_unique<heed_evaluation>(heed::evaluate_metric(heed::find_metric(given_text("metric", metric)).name,
                                                                   given_texts("hypotheses", hypotheses, count),
                                                                   of_each, how));
  });
}

void heed_evaluation_free(heed_evaluation* evaluation) { free_handle(evaluation); }
double heed_evaluation_value(const heed_evaluation* evaluation) {
  return known(evaluation) == nullptr ? 0 : evaluation->value.value;
}
heed_text heed_evaluation_signature(const heed_evaluation* evaluation) {
  return known(evaluation) == nullptr ? kNoText : text_of(evaluation->value.signature);
}
size_t heed_evaluation_detail_count(const heed_evaluation* evaluation) {
  return known(evaluation) == nullptr ? 0 : evaluation->value.details.size();
}
heed_text heed_evaluation_detail_name(const heed_evaluation* evaluation, size_t detail) {
  const auto* found = detail_of(evaluation, detail);
  return found == nullptr ? kNoText : text_of(found->first);
}
double heed_evaluation_detail_value(const heed_evaluation* evaluation, size_t detail) {
  const auto* found = detail_of(evaluation, detail);
  return found == nullptr ? 0 : found->second;
}
