#pragma once
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "heed/base/export.h"
#include "heed/base/links.h"
#include "heed/search/search_trace.h"

namespace HEED_API heed {

/// Weights of a head: [target tokens][source tokens]; of a layer: its heads; of a model: its layers.
using AttentionWeights = std::vector<std::vector<float>>;
using AttentionLayers = std::vector<std::vector<AttentionWeights>>;

/// What else is known of each pair of target and source token, beside the attention (heed/translate/probe.h).
struct TokenMeasure {
  std::string name;
  AttentionWeights values;  ///< each in [0, 1]
};

/// What one model of an ensemble attended to; all empty if it does not attend.
struct MemberAttention {
  std::vector<std::string> source_tokens = {};  ///< as it cuts the source; empty: as Translated::source_tokens
  std::vector<ByteRange> source_ranges = {};
  std::vector<std::string> attention_names = {};
  AttentionWeights attention = {};  ///< [tokens][its source tokens]
  AttentionLayers attention_layers = {};
};

/// One target for a source sentence: a translation, or the target of a given pair.
struct Translation {
  std::string text;
  std::vector<std::string> tokens;  ///< EOS is the last, unless the answer was cut
  std::vector<ByteRange> ranges;    ///< of each token in `text`, empty without text, as for EOS; no elements: unknown
  bool cut = false;                 ///< the length limit ended it
  double score = 0;                 ///< length-normalised
  double log_probability = 0;
  /// [tokens][source tokens]; the mean over layers and heads, of an ensemble over the models with these source tokens
  AttentionWeights attention;
  AttentionLayers attention_layers;  ///< empty where there is one layer with one head, and of ensembles
  std::vector<MemberAttention> attention_members = {};  ///< of each model of an ensemble
  /// Indices of the tokens with more than half of their probability from copying, sorted; nothing if no model copies.
  std::optional<std::vector<int>> copied = {};
  std::vector<double> log_probabilities = {};  ///< of each token, natural logarithms; of given pairs, or if asked for
  std::vector<TokenMeasure> measures = {};     ///< of pairs that were probed
};

/// A source sentence with its translations, best first. An empty (or blank) sentence has no tokens and one empty
/// translation.
struct Translated {
  std::string source;
  std::vector<std::string> source_tokens;  ///< EOS is the last, if the model reads it (data.source.end)
  std::vector<ByteRange> source_ranges;    ///< of each token in `source`, as Translation::ranges
  int tokens_cut = 0;      ///< tokens at its end that were not read; a lower bound if TextSide::front() cut it
  int unknown_tokens = 0;  ///< source tokens that the model's vocabulary lacks
  std::vector<std::string> attention_names;  ///< of the layers of Translation::attention_layers
  std::vector<Translation> translations;
  std::string fault;  ///< why there is no answer, the one translation being empty: its constraints cannot be met
  SearchTrace trace;  ///< candidates of the search, if asked for
  std::vector<std::string> trace_tokens;  ///< of each candidate
  /// Values of the model's source features by name, with blanks between those of words, as they were given.
  std::map<std::string, std::string> features = {};
};

/// How many of the source's tokens stand for its text: all but EOS.
std::size_t tokens_of_text(const Translated& translated);

/// Throws Error if the record is inconsistent: rows, columns, layers, ranges, parents, copied tokens.
void check_record(const Translated& translated);

/// For each token of a text the word between spaces that it is a part of, counted from 0; -1 for EOS. The bytes of the
/// tokens tell; where they are unknown, their spelling (heed/text/spelling.h).
std::vector<int> words_of(const std::string& text, const std::vector<std::string>& tokens,
                          std::span<const ByteRange> ranges = {});

/// Which weights align words.
struct AttentionChoice {
  /// >= 0. The weights of so many steps later stand for a token's, those of the last step at the end: a step's query
  /// knows the tokens before its own, and in some models only those before the last one. Between two steps their
  /// weights are interpolated: 0.5 is the mean of both.
  double shift = 0;
  int layer = 0;  ///< of Translation::attention_layers, from 1; 0: the mean of all
  int head = 0;   ///< from 1; 0: the mean of all
};
/// The attention between the words of both sides, as attention_of_words of heed/base/links.h makes it. Throws Error if
/// the attention is not [tokens][source tokens], or lacks the layer or head.
WordAttention word_attention(const Translated& translated, const Translation& translation,
                             const AttentionChoice& choice = {});

/// For each word of a translation the source word that it attended to most, as align_words of heed/base/links.h links
/// them. Throws Error if the attention is not [target tokens][source tokens].
std::vector<Link> align_words(const Translated& translated, const Translation& translation);

}  // namespace heed
