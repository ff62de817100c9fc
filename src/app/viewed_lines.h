#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "heed/view/page.h"

namespace heed::app {

/// A sentence as `heed translate --format jsonl --attention` or `heed score --format jsonl --attention` wrote it.
/// Throws Error that says what is wrong with the line; to have no attention is wrong unless `attention` is false.
ViewedSentence read_viewed_line(std::string_view line, bool attention = true);

/// All lines of a file ("-": standard input), numbered; errors name file and line. Throws Error if there is none.
std::vector<ViewedSentence> read_viewed_file(const std::string& path, bool attention = true);

/// Adds gold links to sentences of a file, of which it has `of`: line N to the one with that number; and the error rate
/// of each. Both files have Pharaoh lines; without `possible` only the sure links count. Throws Error, with file and
/// line, at what is no link of these sentences, at links outside of one, and if there are not as many lines.
void add_gold(std::vector<ViewedSentence>& sentences, std::size_t of, const std::string& sure,
              const std::string& possible);

/// Adds references to them likewise. Throws Error if there are not as many lines.
void add_references(std::vector<ViewedSentence>& sentences, std::size_t of, const std::string& path);

/// The AER of the sentences that have gold links, percent; -1 if none has.
double error_rate(const std::vector<ViewedSentence>& sentences);

}  // namespace heed::app
