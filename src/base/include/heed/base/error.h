#pragma once
#include <stdexcept>
#include <string>

#include "heed/base/export.h"

namespace HEED_API heed {

/// A failure at run time: a file that cannot be read, a model that does not fit, numbers that are not finite. The
/// message is one line: what is wrong, where (file:line, key, sizes), and what would be right. The binary exits with
/// status 1.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A wrong command line or configuration: the user can mend it without touching data or models. Exit status 2.
class UsageError : public Error {
 public:
  using Error::Error;
};

}  // namespace heed
