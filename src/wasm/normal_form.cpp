// In place of src/text/normal_form.cpp.
#include "normal_form.h"

#include "heed/base/error.h"

namespace heed {

Prepared normalize(std::string_view, const std::string& form) {
  throw Error(ErrorKind::kModel, "data.source.normalization: " + form + " cannot be had in a page");
}

}  // namespace heed
