#pragma once
#include <string>

#include "heed/base/export.h"
#include "heed/base/settings.h"
#include "heed/data/corpus.h"
#include "heed/data/output_limit.h"
#include "heed/text/text_side.h"

namespace HEED_API heed {

/// What a training reads, and how: the keys data.* of a config.
struct DataOptions {
  CorpusFiles train;
  CorpusFiles validation;
  TextOptions source;
  TextOptions target;
  std::string max_output = kAuto;  ///< an OutputLimit; a bundle of today has the one that its training pairs gave

  static constexpr const char* kAuto = "auto";
  void describe(Settings& settings);
  /// Of `auto`, which bundles have that were made before: the default of OutputLimit.
  OutputLimit output_limit() const;
};

}  // namespace heed
