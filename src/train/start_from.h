#pragma once
#include <string>
#include <unordered_map>
#include <vector>

#include "heed/base/log.h"
#include "heed/data/training_data.h"
#include "heed/model/bundle.h"
#include "heed/model/seq2seq.h"
#include "heed/optim/optimizer.h"
#include "heed/train/trainer.h"

namespace heed {

/// The run or bundle whose vocabularies a training uses; empty: it makes new ones.
std::string vocabularies_of(const Config& config, TrainingMode mode);

/// How the arrays of vocabularies go from those of a bundle to those of the data: of each token its id there, or kNew.
struct TokenIds {
  static constexpr int kNew = -1;
  std::vector<int> source;
  std::vector<int> target;
  std::unordered_map<std::string, std::vector<int>> features;  ///< by the name of the array
};

/// The bundle that a new training starts from.
class WarmStart {
 public:
  /// Throws Error if there is no bundle in `directory`, or if it is quantized.
  WarmStart(const std::string& directory, const TrainingData& data);

  /// Gives a new model its weights, array by array where names and shapes are the same. Where a vocabulary is another,
  /// tokens that both have keep their rows (of the output layer their columns). Says what was taken, and which arrays
  /// are new. Throws Error if nothing fits.
  void give_weights(Seq2Seq& model, const LogSink& log) const;

  /// Gives an optimizer the moments of the bundle's run, for the arrays whose weights give_weights() gives, and in them
  /// for the rows; others stay new. Says for how many. Returns the updates that count for bias correction: those of the
  /// run, or 0 if anything is new or was frozen there, whose first steps would be too long. Throws Error if the run has
  /// no state, or one of another optimizer.
  long give_moments(Optimizer& optimizer, const Seq2Seq& model, const LogSink& log) const;

 private:
  /// Its parameter of that name, or nullptr.
  const Parameter* find(const std::string& name) const;

  std::string directory_;
  Bundle bundle_;
  TokenIds ids_;
  std::unordered_map<std::string, const Parameter*> named_;
};

}  // namespace heed
