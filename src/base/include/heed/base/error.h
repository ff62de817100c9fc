#pragma once
#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "heed/base/export.h"

namespace HEED_API heed {

/// What is to be done about a failure: another reaction for each.
enum class ErrorKind {
  kUsage,     ///< an option, a setting or an argument is wrong: the user calls otherwise
  kOutput,    ///< what stands at the output, which place().file names, rules the call out: resume or replace it, or
              ///< name another
  kData,      ///< text that was read or given is wrong: mend it; the next sentence may be right
  kModel,     ///< a bundle, a run or a shortlist is missing, damaged or does not fit: take another
  kNumeric,   ///< numbers are not finite: train with a smaller rate, or take a model whose training did not come apart
  kSystem,    ///< the system does not give a file, memory or threads: try again when it does
  kArgument,  ///< sizes or ids do not fit together: a fault of the program that calls the engine
};

/// Where a failure is; empty where there is no such place.
struct ErrorPlace {
  std::string file = {};                     ///< or directory
  long line = 0;                             ///< of the file, from 1
  std::string key = {};                      ///< of the config: "training.epochs"
  std::string operation = {};                ///< of the engine: "linear"
  std::optional<std::size_t> sentence = {};  ///< of the call, from 0
};

/// A failure at run time: a file that cannot be read, a model that does not fit, numbers that are not finite. The
/// message is one line: what is wrong, where (file:line, key, sizes), and what would be right. The binary exits with
/// status 1.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message) : Error(ErrorKind::kData, message) {}
  Error(ErrorKind kind, const std::string& message, ErrorPlace place = {})
      : std::runtime_error(message), kind_(kind), place_(std::make_shared<const ErrorPlace>(std::move(place))) {}
  /// "FILE:LINE: what", without a line "FILE: what".
  static Error at(ErrorPlace place, const std::string& what, ErrorKind kind = ErrorKind::kData) {
    const std::string line = place.line > 0 ? ":" + std::to_string(place.line) : "";
    const std::string message = place.file + line + ": " + what;
    return {kind, message, std::move(place)};
  }

  ErrorKind kind() const noexcept { return kind_; }
  /// Valid as long as the error.
  const ErrorPlace& place() const noexcept { return *place_; }

 private:
  ErrorKind kind_;
  std::shared_ptr<const ErrorPlace> place_;  // shared, since copies of an exception must not fail
};

/// A wrong command line or configuration: the user can mend it without touching data or models. Of the kind kUsage, or
/// kOutput. The binary exits with status 2.
class UsageError : public Error {
 public:
  explicit UsageError(const std::string& message, ErrorPlace place = {}, ErrorKind kind = ErrorKind::kUsage)
      : Error(kind, message, std::move(place)) {}
};

/// Thrown by a call that was told to stop.
class Cancelled : public std::exception {
 public:
  const char* what() const noexcept override { return "cancelled"; }
};

}  // namespace heed
