#pragma once
#include <string>

#include "heed/base/log.h"
#include "heed/data/training_data.h"
#include "heed/model/seq2seq.h"
#include "heed/optim/optimizer.h"
#include "heed/train/trainer.h"

namespace heed {

/// The run or bundle whose vocabularies a training uses; empty: it makes new ones.
std::string vocabularies_of(const Config& config, TrainingMode mode);

/// Gives a new model the weights of the bundle in `directory`, array by array where names and shapes are the same.
/// Where a vocabulary is another, tokens that both have keep their rows (of the output layer their columns). Says what
/// was taken, and which arrays are new. Throws Error if there is no bundle, if it is quantized, or if nothing fits.
void take_weights(Seq2Seq& model, const TrainingData& data, const std::string& directory, const LogSink& log);

/// Gives an optimizer the moments of the run in `directory`, for the arrays whose weights take_weights() takes, and in
/// them for the rows; others stay new. Says for how many. Returns the updates that they are of. Throws Error if the
/// directory has no state, or one of another optimizer.
long take_moments(Optimizer& optimizer, Seq2Seq& model, const TrainingData& data, const std::string& directory,
                  const LogSink& log);

}  // namespace heed
