#pragma once
#include <string>

#include "heed/base/export.h"
#include "heed/base/folder.h"
#include "heed/text/text_side.h"

namespace HEED_ENGINE_API heed {

/// The file of a bundle that has a side's tokens: `<stem>.vocabulary` or `<stem>.sentencepiece`.
std::string tokens_file(const TextOptions& options, const std::string& stem);
/// That of a feature's values: `<stem>.features.NAME.vocabulary`.
std::string feature_file(const FeatureOptions& feature, const std::string& stem);

struct SideFiles {
  const TextOptions& options;
  std::string stem;
};
/// Whether two sides of a bundle have the same SentencePiece model. Throws Error if one cannot be read.
bool have_one_sentencepiece(const Folder& bundle, const SideFiles& a, const SideFiles& b);

}  // namespace heed
