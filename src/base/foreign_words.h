#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace heed {

/// What other toolkits and papers call the things that have a name here.
struct ForeignWord {
  std::vector<std::string> means;  ///< ends of keys, values or options: "learning_rate", "encoder.layers"
  std::string note;                ///< what there is to say beside
};

/// Of "lr", "rnn_size", "--beam-size", ...; empty for a word that is not in the table.
ForeignWord foreign_word(std::string_view word);
/// In lower case, without leading dashes, '_' for '-'.
std::string plain_word(std::string_view word);

}  // namespace heed
