#include "normal_form.h"

#include <unicode/bytestream.h>
#include <unicode/edits.h>
#include <unicode/normalizer2.h>

#include "heed/base/error.h"

namespace heed {
namespace {

void check(UErrorCode status) {
  if (U_FAILURE(status)) throw Error(ErrorKind::kSystem, std::string("ICU cannot normalise: ") + u_errorName(status));
}

const icu::Normalizer2& normalizer(const std::string& form) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* out =
      form == "nfc" ? icu::Normalizer2::getNFCInstance(status) : icu::Normalizer2::getNFKCInstance(status);
  check(status);
  return *out;
}

}  // namespace

Prepared normalize(std::string_view sentence, const std::string& form) {
  UErrorCode status = U_ZERO_ERROR;
  std::string text;
  icu::StringByteSink<std::string> sink(&text);
  icu::Edits edits;
  normalizer(form).normalizeUTF8(0, icu::StringPiece(sentence.data(), static_cast<int>(sentence.size())), sink, &edits,
                                 status);
  check(status);
  Prepared out;
  for (icu::Edits::Iterator edit = edits.getFineIterator(); edit.next(status);) {
    const auto begin = static_cast<std::size_t>(edit.sourceIndex());
    const auto length = static_cast<std::size_t>(edit.newLength());
    out.text.append(text, static_cast<std::size_t>(edit.destinationIndex()), length);
    if (edit.hasChange()) {
      add_origin(out, begin, begin + static_cast<std::size_t>(edit.oldLength()));
    } else {
      for (std::size_t i = 0; i < length; ++i) out.origin.push_back(begin + i);
    }
  }
  check(status);
  out.origin.push_back(sentence.size());
  return out;
}

}  // namespace heed
