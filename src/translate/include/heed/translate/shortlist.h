#pragma once
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "heed/base/export.h"
#include "heed/data/corpus.h"
#include "heed/model/bundle.h"

namespace HEED_API heed {

/// A vocabulary shortlist (Jean et al. 2015, "On Using Very Large Target Vocabulary for Neural Machine Translation",
/// section 3.2; as in Marian): for each source token its likely target tokens, and the target tokens that are frequent
/// everywhere. Decoding with it computes the output layer for the tokens of a sentence's lists only, which saves most
/// of its largest product; other tokens are never proposed. Immutable, safe to share by threads.
///
/// The file is text, UTF-8, with tabs between tokens, best first:
///   heed-shortlist 2 CHECKSUM    of all lines below (XXH128: tail -n +2 FILE | xxhsum -H2); 'heed-shortlist 1': none
///   *         token  token ...     the frequent tokens
///   source    token  token ...     a line for each source token that has a list
class Shortlist {
 public:
  /// `lists[s]`: target ids of source token s, best first; `frequent`: those of every sentence. BOS, EOS and <unk>
  /// among them are left out. Throws Error for a target id that is not below `target_vocabulary`.
  Shortlist(std::vector<std::vector<int>> lists, std::vector<int> frequent, int target_vocabulary);
  /// Throws Error with file:line for a first line that is not the format's, an empty line, a token that is not in its
  /// side's vocabulary, or a repeated source token.
  static Shortlist load(const std::filesystem::path& path, const TextSide& source, const TextSide& target);
  /// The file's content. Tokens with a tab (of the tokenizer `characters`) are left out.
  std::string to_text(const TextSide& source, const TextSide& target) const;
  /// Writes the file whole or not at all.
  void save(const std::filesystem::path& path, const TextSide& source, const TextSide& target) const;

  /// The target ids of a sentence, sorted, each once: the lists of its source tokens, the frequent ones, and always
  /// EOS and <unk>, so that a translation can end and is never without a choice; never BOS.
  std::vector<int> outputs(std::span<const int> source_ids) const;
  /// Target ids of a source token, best first.
  const std::vector<int>& list(int source_id) const { return lists_.at(static_cast<std::size_t>(source_id)); }
  const std::vector<int>& frequent() const { return frequent_; }
  int source_vocabulary() const { return static_cast<int>(lists_.size()); }
  int target_vocabulary() const { return target_vocabulary_; }

 private:
  std::vector<std::vector<int>> lists_;
  std::vector<int> frequent_;
  int target_vocabulary_;
};

struct ShortlistOptions {
  int best = 50;       ///< target tokens that each source token keeps
  int frequent = 100;  ///< most frequent target tokens of the text, for every sentence
  // By attention:
  int batch_sentences = 32;
  int threads = 1;                     ///< the list is the same with any number
  int max_length = 1000;               ///< a side of more tokens is an Error; 0 = no limit
  std::string source_name = "source";  ///< names of the files in errors
  std::string target_name = "target";
};

/// Throws UsageError if the model's output is not a plain softmax, which a shortlist needs.
void check_serves_shortlist(const Seq2Seq& model);

/// Parallel text: the next pair each time, and nothing at its end.
using PairSource = std::function<std::optional<SentencePair>()>;

/// A shortlist from parallel text and the model's attention: count[s][t] is the sum of the attention weights of source
/// token s at target token t under teacher forcing, p(t|s) = count[s][t] / sum over t. Of each source token the
/// `options.best` most probable remain, ties by lower id. Throws Error if the model does not attend, and as
/// score_pairs(); UsageError for options below 0. Of the text it holds 2,048 pairs.
Shortlist shortlist_of_attention(const Bundle& bundle, const PairSource& pairs, const ShortlistOptions& options = {});
Shortlist shortlist_of_attention(const Bundle& bundle, std::span<const SentencePair> pairs,
                                 const ShortlistOptions& options = {});

/// The same with p(t|s) of IBM Model 1 (Brown et al. 1993, "The Mathematics of Statistical Machine Translation",
/// section 4.1), with the empty source word, after five iterations of EM over token ids, which it holds, for any model.
Shortlist shortlist_of_counts(const TextSide& source, const TextSide& target, const PairSource& pairs,
                              const ShortlistOptions& options = {});
Shortlist shortlist_of_counts(const TextSide& source, const TextSide& target, std::span<const SentencePair> pairs,
                              const ShortlistOptions& options = {});

}  // namespace heed
