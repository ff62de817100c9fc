#include "heed/text/vocabulary.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "heed/base/error.h"
#include "heed/base/utf8.h"

namespace heed {
namespace {

constexpr std::array<const char*, Vocabulary::kSpecials> kSpecialTokens = {"<unk>", "<s>", "</s>"};

// Of a list that a user gives; larger ones are other files.
constexpr long kMostTokens = 10'000'000;

Error damaged(const std::string& name, long line, const std::string& what) {
  return Error::at({.file = name, .line = line}, what, ErrorKind::kModel);
}

}  // namespace

Vocabulary::Vocabulary() {
  for (const char* token : kSpecialTokens) add(token);
}

Vocabulary Vocabulary::from_counts(const std::vector<TokenCount>& counts, int limit, int min_count,
                                   const std::vector<std::string>& symbols) {
  Vocabulary vocabulary;
  vocabulary.add_missing(symbols);
  std::vector<TokenCount> entries;
  for (const TokenCount& entry : counts) {
    const bool has = is_special(entry.token) || vocabulary.ids_.contains(entry.token);
    if (entry.count >= min_count && !entry.token.empty() && !has) entries.push_back(entry);
  }
  std::sort(entries.begin(), entries.end(), [](const TokenCount& a, const TokenCount& b) {
    return a.count != b.count ? a.count > b.count : a.token < b.token;
  });
  if (limit > 0) entries.resize(std::min<std::size_t>(entries.size(), std::max(limit - vocabulary.size(), 0)));
  for (const TokenCount& entry : entries) vocabulary.add(std::string(entry.token));
  return vocabulary;
}

Vocabulary Vocabulary::from_tokens(std::vector<std::string> tokens, const std::string& name) {
  return from_lines(std::move(tokens), name, 1);
}

Vocabulary Vocabulary::from_lines(std::vector<std::string> tokens, const std::string& name, int first_line) {
  Vocabulary vocabulary;
  const int given = static_cast<int>(tokens.size());
  vocabulary.tokens_.reserve(tokens.size());
  vocabulary.ids_.reserve(tokens.size());
  for (int id = 0; id < std::max<int>(given, kSpecials); ++id) {
    const auto fail = [&](const std::string& what) { throw damaged(name, id + first_line, what); };
    if (id < kSpecials) {
      if (id >= given || tokens[id] != kSpecialTokens[id])
        fail(fmt::format("not a vocabulary; expected {}", kSpecialTokens[id]));
      continue;
    }
    std::string& token = tokens[id];
    if (token.empty()) fail("an empty token in the vocabulary");
    if (utf8::first_invalid(token)) fail("invalid UTF-8 in the vocabulary");
    if (token.find_first_of("\r\n") != std::string::npos) fail("a line break in a token of the vocabulary");
    const auto old = vocabulary.ids_.find(token);
    if (old != vocabulary.ids_.end()) fail(fmt::format("'{}' is in line {} already", token, old->second + first_line));
    vocabulary.add(std::move(token));
  }
  return vocabulary;
}

Vocabulary Vocabulary::from_text(std::string_view text, const std::string& name) {
  std::vector<std::string> tokens;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos)
      throw damaged(name, static_cast<long>(tokens.size()) + 1, "the vocabulary is cut off");
    tokens.emplace_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  return from_tokens(std::move(tokens), name);
}

Vocabulary Vocabulary::from_list(std::string_view text, const std::string& name) {
  if (std::count(text.begin(), text.end(), '\n') > kMostTokens)
    throw damaged(name, kMostTokens + 1, fmt::format("more than {} lines, one for each token", kMostTokens));
  std::vector<std::string> tokens;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    tokens.emplace_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  const bool whole =
      tokens.size() >= kSpecials && std::equal(kSpecialTokens.begin(), kSpecialTokens.end(), tokens.begin());
  for (std::size_t i = whole ? kSpecials : 0; i < tokens.size(); ++i) {
    const auto fail = [&](const std::string& what) { throw damaged(name, static_cast<long>(i) + 1, what); };
    if (is_special(tokens[i])) {
      fail(fmt::format("'{}' is a special: expected <unk>, <s> and </s> in the first three lines, or nowhere",
                       tokens[i]));
    }
    if (tokens[i].find_first_of(" \t") != std::string::npos) fail("a blank in a token; expected one token a line");
  }
  if (tokens.size() == (whole ? kSpecials : 0)) throw damaged(name, 1, "a vocabulary without tokens");
  if (!whole) tokens.insert(tokens.begin(), kSpecialTokens.begin(), kSpecialTokens.end());
  return from_lines(std::move(tokens), name, whole ? 1 : 1 - kSpecials);
}

std::string Vocabulary::to_text() const {
  std::string out;
  for (const std::string& token : tokens_) out += token + '\n';
  return out;
}

void Vocabulary::add_missing(const std::vector<std::string>& tokens) {
  for (const std::string& token : tokens) {
    if (!ids_.contains(token)) add(token);
  }
}

bool Vocabulary::is_special(std::string_view token) {
  return std::find(kSpecialTokens.begin(), kSpecialTokens.end(), token) != kSpecialTokens.end();
}

int Vocabulary::id(std::string_view token) const {
  const auto found = ids_.find(token);
  return found == ids_.end() ? kUnknown : found->second;
}

const std::string& Vocabulary::token(int id) const {
  if (id < 0 || id >= size())
    throw Error(ErrorKind::kArgument, fmt::format("no token has the id {}; the vocabulary has {} tokens", id, size()));
  return tokens_[static_cast<std::size_t>(id)];
}

void Vocabulary::add(std::string token) {
  ids_.emplace(token, size());
  tokens_.push_back(std::move(token));
}

}  // namespace heed
