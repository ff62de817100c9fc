#include "symbols.h"

#include <fmt/format.h>

#include <algorithm>

#include "heed/base/error.h"
#include "heed/base/utf8.h"
#include "heed/text/escapes.h"
#include "heed/text/tokenizer.h"
#include "heed/text/vocabulary.h"

namespace heed {
namespace {

/// What no symbol may have, since tokens mean something by it.
const char* fault_of(const std::string& symbol) {
  if (symbol.empty()) return "is empty";
  if (utf8::first_invalid(symbol)) return "is not UTF-8";
  if (Vocabulary::is_special(symbol)) return "is a special of every vocabulary";
  if (symbol.starts_with("&#")) return "begins like an escape, &#";
  for (const std::string_view c : utf8::chars(symbol)) {
    if (utf8::is_space(utf8::decode(c)) || (c.size() == 1 && static_cast<unsigned char>(c[0]) < ' ')) {
      return "has a blank";
    }
    if (c == kJoiner || c == kSpaceMark || escape(c).text != c)
      return "has a mark that tokens have (U+2581, U+FFED, ...)";
  }
  return nullptr;
}

}  // namespace

void check_symbols(const std::vector<std::string>& symbols) {
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    if (const char* fault = fault_of(symbols[i]))
      throw UsageError(fmt::format("the symbol '{}' {}", symbols[i], fault));
    if (std::find(symbols.begin(), symbols.begin() + static_cast<std::ptrdiff_t>(i), symbols[i]) !=
        symbols.begin() + static_cast<std::ptrdiff_t>(i)) {
      throw UsageError(fmt::format("the symbol '{}' is there twice", symbols[i]));
    }
  }
}

Symbols::Symbols(const std::vector<std::string>& symbols) {
  check_symbols(symbols);
  for (const std::string& symbol : symbols) {
    by_first_byte_[static_cast<unsigned char>(symbol[0])].push_back(symbol);
    longest_ = std::max(longest_, symbol.size());
  }
  for (std::vector<std::string>& same : by_first_byte_) {
    std::sort(same.begin(), same.end(), [](const auto& a, const auto& b) { return a.size() > b.size(); });
  }
}

std::size_t Symbols::match(std::string_view text, std::size_t at) const {
  if (empty() || at >= text.size()) return 0;
  for (const std::string& symbol : by_first_byte_[static_cast<unsigned char>(text[at])]) {
    if (text.substr(at).starts_with(symbol)) return symbol.size();
  }
  return 0;
}

}  // namespace heed
