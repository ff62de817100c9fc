#pragma once
#include <string>

#include "heed/base/export.h"
#include "heed/base/settings.h"
#include "heed/data/corpus.h"
#include "heed/data/output_limit.h"
#include "heed/text/text_side.h"

namespace HEED_API heed {

/// The data of a training: the keys data.* of a config.
struct DataOptions {
  CorpusFiles train;
  CorpusFiles validation;
  CorpusFiles test;  ///< judged once, at the end, with the best model; may be empty
  TextOptions source;
  TextOptions target;
  std::string max_output = kAuto;  ///< an OutputLimit; bundles have the one fitted to their training pairs

  static constexpr const char* kAuto = "auto";
  void describe(Settings& settings);
  /// `auto` in earlier bundles is the default of OutputLimit.
  OutputLimit output_limit() const;
};

}  // namespace heed
