#pragma once
#include <string>
#include <type_traits>
#include <vector>

#include "heed/base/error.h"

namespace heed::app {

/// `heed data cache` with the config of a training, its --set and its --output, which may be empty: the words of a
/// command line. `replaces`: with --replace.
std::vector<std::string> make_cache_command(const std::string& config, const std::vector<std::string>& set,
                                            const std::string& output, bool replaces);

/// The error of a cache that has to be made anew, of which the library does not know by which command; another one as
/// it is.
[[noreturn]] void rethrow_with_advice(const Error& error, const std::vector<std::string>& make_anew);

/// Does work with the cache of such a training.
template <typename Work>
std::invoke_result_t<Work> or_advise_cache(const std::string& config, const std::vector<std::string>& set,
                                           const std::string& output, const Work& work) {
  try {
    return work();
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kModel || error.place().key != "data.cache") throw;
    rethrow_with_advice(error, make_cache_command(config, set, output, true));
  }
}

}  // namespace heed::app
