#pragma once
#include <functional>
#include <string>
#include <vector>

#include "heed/base/export.h"
#include "heed/base/log.h"
#include "heed/data/data_options.h"

namespace HEED_ENGINE_API heed {

/// What a training would make of its data.
struct DataCheck {
  /// Lines of one kind, in the words of a training's log.
  struct Kind {
    std::string name;
    std::string then;                ///< what becomes of them: "trained on", "left out", "held out", "an error"
    std::vector<long> counts;        ///< of each corpus
    std::vector<std::string> first;  ///< "a.en:12: 83 and 5 tokens"
    long sum() const;
  };
  /// Of the tokens of a side, in the pairs that are trained on.
  struct Side {
    int vocabulary = 0;
    double mean = 0;                ///< tokens of a sentence, EOS not counted
    std::size_t percentile_95 = 0;  ///< that 95 % have at most
    std::size_t most = 0;
    double unknown = 0;             ///< share
    double validation_unknown = 0;  ///< of the validation text
  };

  std::vector<std::string> corpora;
  std::vector<long> lines;  ///< of each
  std::vector<Kind> kinds;
  Side source;
  Side target;
  long validation_pairs = 0;
  std::vector<std::string> faults;  ///< why nothing can be trained; empty if it can
};

/// Reads everything and cuts it into tokens as a training does, but goes over what is wrong and counts it. `first`: how
/// many lines of each kind are named. `log` gets what a training would say of its data. `fits` throws Error for
/// vocabularies that the training refuses. Throws UsageError and Error for files that are not named, or not there.
DataCheck check_data(const DataOptions& options, const std::string& bundle, std::size_t first, const LogSink& log,
                     const std::function<void(const TextSide& source, const TextSide& target)>& fits = {});

}  // namespace heed
