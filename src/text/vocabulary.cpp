#include "heed/text/vocabulary.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "heed/base/error.h"
#include "heed/base/utf8.h"

namespace heed {
namespace {

constexpr std::array<const char*, Vocabulary::kSpecials> kSpecialTokens = {"<unk>", "<s>", "</s>"};

bool is_special(std::string_view token) {
  return std::find(kSpecialTokens.begin(), kSpecialTokens.end(), token) != kSpecialTokens.end();
}

Error damaged(const std::string& name, long line, const std::string& what) {
  return Error::at({.file = name, .line = line}, what, ErrorKind::kModel);
}

}  // namespace

Vocabulary::Vocabulary() {
  for (const char* token : kSpecialTokens) add(token);
}

Vocabulary Vocabulary::from_counts(const std::vector<TokenCount>& counts, int limit, int min_count) {
  std::vector<TokenCount> entries;
  for (const TokenCount& entry : counts) {
    if (entry.count >= min_count && !entry.token.empty() && !is_special(entry.token)) entries.push_back(entry);
  }
  std::sort(entries.begin(), entries.end(), [](const TokenCount& a, const TokenCount& b) {
    return a.count != b.count ? a.count > b.count : a.token < b.token;
  });
  if (limit > 0) entries.resize(std::min<std::size_t>(entries.size(), std::max(limit - kSpecials, 0)));
  Vocabulary vocabulary;
  for (const TokenCount& entry : entries) vocabulary.add(std::string(entry.token));
  return vocabulary;
}

Vocabulary Vocabulary::from_tokens(std::vector<std::string> tokens, const std::string& name) {
  Vocabulary vocabulary;
  const int given = static_cast<int>(tokens.size());
  vocabulary.tokens_.reserve(tokens.size());
  vocabulary.ids_.reserve(tokens.size());
  for (int id = 0; id < std::max<int>(given, kSpecials); ++id) {
    const auto fail = [&](const std::string& what) { throw damaged(name, id + 1, what); };
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
    if (old != vocabulary.ids_.end()) fail(fmt::format("'{}' is in line {} already", token, old->second + 1));
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

std::string Vocabulary::to_text() const {
  std::string out;
  for (const std::string& token : tokens_) out += token + '\n';
  return out;
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
