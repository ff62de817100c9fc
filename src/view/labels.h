#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace heed::view {

/// The token as text that takes its place in a picture and does nothing else: control characters, direction marks and
/// broken bytes become visible, a token of white space or of nothing gets a sign. Always one column wide or more.
std::string visible_label(std::string_view token, bool unicode);

/// The label of each token, for Unicode.
std::vector<std::string> visible_labels(const std::vector<std::string>& tokens);

/// `label` in at most `columns` columns (2 at least): cut between characters, with an ellipsis, where it is longer or
/// has hundreds of combining marks.
std::string cut_label(const std::string& label, std::size_t columns, bool unicode);

}  // namespace heed::view
