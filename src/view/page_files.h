#pragma once
#include <string_view>

namespace heed::view {

/// The files of a page, which the build puts into the library (cmake/Embed.cmake).
struct PageFiles {
  std::string_view html;
  std::string_view css;
  std::string_view script;
};
extern const PageFiles kPageFiles;    ///< src/view/page/: `heed view --format html`
extern const PageFiles kReportFiles;  ///< src/view/report/: `heed report`
extern const PageFiles kLiveFiles;    ///< src/view/live/ and online/: `heed serve`
extern const PageFiles kSingleFiles;  ///< src/view/live/ and single/: `heed export --format page`

}  // namespace heed::view
