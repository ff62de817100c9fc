#include "heed/data/data_options.h"

namespace heed {

void DataOptions::describe(Settings& settings) {
  train.describe(settings, "data.train");
  validation.describe_references(settings, "data.validation");
  test.describe_references(settings, "data.test");
  source.describe(settings, "data.source");
  target.describe(settings, "data.target");
  settings.checked_text(
      "data.max_output", &max_output,
      "auto | N | xR | xR+N: the most tokens of an answer, R for each of the source's; auto: from the training pairs",
      [](const std::string& text) {
        if (text != kAuto) (void)OutputLimit::parse(text);
      },
      "most tokens of an answer");
}

OutputLimit DataOptions::output_limit() const {
  return max_output == kAuto ? OutputLimit{} : OutputLimit::parse(max_output);
}

}  // namespace heed
