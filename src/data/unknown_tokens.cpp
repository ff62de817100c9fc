#include "unknown_tokens.h"

#include <fmt/format.h>

#include <algorithm>

namespace heed {
namespace {

void warn_of_many(const UnknownTokens& tokens, const std::string& text, const std::string& side,
                  const std::string& taken, const LogSink& log) {
  if (tokens.percent() <= kManyUnknown) return;
  const std::string advice =
      taken.empty() ? fmt::format("a larger data.{0}.vocabulary, or data.{0}.tokenizer: sentencepiece, may help", side)
                    : fmt::format("the vocabulary is that of {}: is it of this language and tokenizer?", taken);
  log(LogLevel::kWarning, fmt::format("{:.1f} % of the {} tokens of the {} text are unknown (<unk>): {}",
                                      tokens.percent(), side, text, advice));
}

}  // namespace

void UnknownTokens::add(std::span<const int> ids) {
  unknown += std::count(ids.begin(), ids.end(), Vocabulary::kUnknown);
  all += static_cast<long>(ids.size());
}

UnknownTokens unknown_tokens(const TokenizedText& text) {
  UnknownTokens out;
  for (std::size_t i = 0; i < text.sentences.size(); ++i) {
    for (const int token : text.sentences[i])
      out.unknown += text.ids[static_cast<std::size_t>(token)] == Vocabulary::kUnknown;
    out.all += static_cast<long>(text.sentences[i].size());
  }
  return out;
}

void say_unknown(const UnknownPairs& training, const UnknownPairs& validation, const std::string& source_from,
                 const std::string& target_from, const LogSink& log) {
  log(LogLevel::kInfo,
      fmt::format(
          "unknown tokens: of training {:.3g} % of the source and {:.3g} % of the target, of validation {:.3g} % "
          "and {:.3g} %",
          training.source.percent(), training.target.percent(), validation.source.percent(),
          validation.target.percent()));
  warn_of_many(training.source, "training", "source", source_from, log);
  warn_of_many(training.target, "training", "target", target_from, log);
  warn_of_many(validation.source, "validation", "source", source_from, log);
  warn_of_many(validation.target, "validation", "target", target_from, log);
}

}  // namespace heed
