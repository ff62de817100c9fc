#include "corpus/corpus.h"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <unordered_map>

#include "heed/base/atomic_file.h"
#include "heed/base/utf8.h"

namespace heed::recipes {
namespace {

constexpr double kNearCopy = 0.6;
constexpr std::uint64_t kDevPerMille = 50;
constexpr std::uint64_t kTestPerMille = 25;

/// FNV-1a, then a finaliser (of MurmurHash3) so that the high bits are good too. It is written out here because the
/// split must be the same on every machine.
std::uint64_t stable_hash(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccd;
  hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53;
  return hash ^ (hash >> 33);
}

/// An order that has nothing to do with the pages, so that the first lines of a file are a fair sample of it.
void shuffle(std::vector<Pair>& pairs) {
  std::sort(pairs.begin(), pairs.end(), [](const Pair& a, const Pair& b) {
    return std::pair(stable_hash(a.source), std::string_view(a.source)) <
           std::pair(stable_hash(b.source), std::string_view(b.source));
  });
}

using TokenSet = std::vector<std::uint32_t>;  ///< sorted

class TokenSets {
 public:
  TokenSet of(std::string_view text) {
    TokenSet set;
    for (const std::string_view token : word_tokens(text)) {
      set.push_back(ids_.emplace(token, static_cast<std::uint32_t>(ids_.size())).first->second);
    }
    std::sort(set.begin(), set.end());
    set.erase(std::unique(set.begin(), set.end()), set.end());
    return set;
  }

 private:
  std::unordered_map<std::string, std::uint32_t> ids_;
};

bool is_near_copy(const TokenSet& a, const TokenSet& b) {
  const std::size_t smaller = std::min(a.size(), b.size());
  if (static_cast<double>(smaller) < kNearCopy * static_cast<double>(std::max(a.size(), b.size()))) return false;
  std::size_t common = 0;
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    if (a[i] == b[j]) ++common;
    const bool advance_a = a[i] <= b[j];
    const bool advance_b = b[j] <= a[i];
    i += advance_a ? 1 : 0;
    j += advance_b ? 1 : 0;
  }
  return static_cast<double>(common) >= kNearCopy * static_cast<double>(a.size() + b.size() - common);
}

std::string joined(const std::vector<Pair>& pairs, std::string Pair::*side) {
  std::string lines;
  for (const Pair& pair : pairs) (lines += pair.*side) += '\n';
  return lines;
}

/// Those pairs of `test` whose source shares less than 0.6 of its tokens (Jaccard) with every source in `train`.
std::vector<Pair> without_near_copies(const std::vector<Pair>& test, const std::vector<Pair>& train) {
  TokenSets sets;
  std::vector<TokenSet> seen;
  seen.reserve(train.size());
  for (const Pair& pair : train) seen.push_back(sets.of(pair.source));
  std::vector<Pair> strict;
  for (const Pair& pair : test) {
    const TokenSet tokens = sets.of(pair.source);
    if (std::none_of(seen.begin(), seen.end(), [&](const TokenSet& other) { return is_near_copy(tokens, other); })) {
      strict.push_back(pair);
    }
  }
  return strict;
}

}  // namespace

std::vector<std::string_view> word_tokens(std::string_view text) {
  std::vector<std::string_view> tokens;
  bool in_word = false;
  for (const std::string_view character : utf8::chars(text)) {
    const char32_t c = utf8::decode(character);
    const bool word = utf8::is_letter_or_mark(c) || utf8::is_digit(c) || c == U'_';
    if (word && in_word) {
      tokens.back() = std::string_view(tokens.back().data(), tokens.back().size() + character.size());
    } else if (!utf8::is_space(c)) {
      tokens.push_back(character);
    }
    in_word = word;
  }
  return tokens;
}

std::vector<Pair>& part_of(Corpus& corpus, std::string_view key) {
  const std::uint64_t slot = stable_hash(key) % 1000;
  if (slot < kDevPerMille) return corpus.dev;
  return slot >= 1000 - kTestPerMille ? corpus.test : corpus.train;
}

void finish(Corpus& corpus) {
  for (auto* part : {&corpus.train, &corpus.dev, &corpus.test}) shuffle(*part);
  corpus.test_strict = without_near_copies(corpus.test, corpus.train);
}

void write_corpus(const Corpus& corpus, const Suffixes& suffixes, const std::filesystem::path& directory) {
  AtomicDirectory output(directory);
  const std::pair<std::string, const std::vector<Pair>*> parts[] = {
      {"train", &corpus.train}, {"dev", &corpus.dev}, {"test", &corpus.test}, {"test_strict", &corpus.test_strict}};
  for (const auto& [name, pairs] : parts) {
    write_file_atomically(output.path() / (name + "." + suffixes.source), joined(*pairs, &Pair::source));
    write_file_atomically(output.path() / (name + "." + suffixes.target), joined(*pairs, &Pair::target));
  }
  output.commit();
}

}  // namespace heed::recipes
