#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "heed/translate/translator.h"

namespace heed::wasm {

/// What a page is told: JSON, or the refusal {"error": {"code": ..., "message": ...}} with a status of HTTP.
struct Reply {
  int status = 200;
  std::string body;
};

/// A bundle in memory that answers as `heed serve` does: the bodies are those of its POST /translate and POST /score,
/// and GET /models.
class Program {
 public:
  Program(std::string name, const Folder& folder);
  Reply ask(std::string_view what, std::string_view body) const;

 private:
  std::string models(std::string_view body) const;
  std::string translate(std::string_view body) const;
  std::string score(std::string_view body) const;

  std::string name_;
  Translator translator_;
};

/// What the exception that is being handled is told as.
Reply current_refusal();

}  // namespace heed::wasm
