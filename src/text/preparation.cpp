#include "preparation.h"

#include "heed/base/utf8.h"
#include "normal_form.h"

namespace heed {
namespace {

Prepared lower(std::string_view sentence) {
  Prepared out;
  for (std::size_t at = 0; at < sentence.size();) {
    const std::size_t length = utf8::append_lower(out.text, sentence, at);
    add_origin(out, at, at + length);
    at += length;
  }
  out.origin.push_back(sentence.size());
  return out;
}

Prepared prepare_part(std::string_view sentence, const TextOptions& options) {
  if (!options.normalizes()) return lower(sentence);
  Prepared out = normalize(sentence, options.normalization);
  if (!options.lowercase) return out;
  Prepared lowered = lower(out.text);
  for (std::size_t& place : lowered.origin) place = out.origin[place];
  return lowered;
}

}  // namespace

void add_origin(Prepared& prepared, std::size_t begin, std::size_t end) {
  const std::size_t old = prepared.origin.size();
  if (old == prepared.text.size()) return;
  prepared.origin.resize(old + utf8::char_length(prepared.text, old), begin);
  prepared.origin.resize(prepared.text.size(), end);
}

bool changes_text(const TextOptions& options) { return options.lowercase || options.normalizes(); }

Prepared prepare(std::string_view sentence, const TextOptions& options, const Symbols& symbols) {
  if (symbols.empty()) return prepare_part(sentence, options);
  Prepared out;
  std::size_t begin = 0;
  for (std::size_t at = 0; at <= sentence.size();) {
    const std::size_t symbol = symbols.match(sentence, at);
    if (symbol == 0 && at < sentence.size()) {
      at += utf8::char_length(sentence, at);
      continue;
    }
    const Prepared part = prepare_part(sentence.substr(begin, at - begin), options);
    out.text += part.text;
    for (std::size_t i = 0; i < part.text.size(); ++i) out.origin.push_back(begin + part.origin[i]);
    out.text += sentence.substr(at, symbol);
    for (begin = at + symbol; at < begin; ++at) out.origin.push_back(at);
    if (symbol == 0) break;
  }
  out.origin.push_back(sentence.size());
  return out;
}

}  // namespace heed
