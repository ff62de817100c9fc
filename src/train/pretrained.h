#pragma once
#include <string>

#include "heed/base/log.h"
#include "heed/model/seq2seq.h"
#include "heed/text/text_side.h"

namespace heed {

/// Copies vectors of a file into the rows of an embedding: `name` is the key of a config, `array` the parameter.
/// The file is in the text format of word2vec and fastText: a line "count width", and then a token and its numbers in
/// each line; without the first line it is GloVe's. Tokens without a vector keep what they have; how many have one is
/// said. Throws Error with file and line for what is no such file, UsageError for vectors of another width.
void read_vectors(const std::string& path, const std::string& name, const TextSide& side, const Parameter& array,
                  const LogSink& log);

/// What model.pretrained asks for.
void take_vectors(Seq2Seq& model, const TextSide& source, const TextSide& target, const LogSink& log);

}  // namespace heed
