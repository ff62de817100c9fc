#include "selection.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "fmt/format.h"
#include "heed/base/utf8.h"
#include "heed/metrics/registry.h"

namespace heed {
namespace {

constexpr double kBleuOrder = 4;              // tokens in a row that BLEU counts
constexpr double kSymbolLength = 2.5;         // characters of a token at most, on average, that is no word
constexpr double kWordLength = 16;            // tokens of a word at most, on average; of a sentence of characters more
constexpr std::size_t kEqualValidations = 3;  // say that a metric stands still

double value_of(const ValidationResult& result, const std::string& best_by) {
  constexpr double kLeastBleu = 0.005;  // what is printed as 0.00 is smoothing, and tells nothing
  const double value = result.value(best_by);
  return best_by == "bleu" && value < kLeastBleu ? 0 : value;
}

}  // namespace

double ValidationResult::value(std::string_view name) const {
  if (name == kPerplexity) return perplexity;
  const auto found = std::find_if(metrics.begin(), metrics.end(), [&](const auto& each) { return each.first == name; });
  return found == metrics.end() ? std::numeric_limits<double>::quiet_NaN() : found->second;
}

bool higher_is_better(const std::string& metric) {
  return metric != kPerplexity && find_metric(metric).higher_is_better;
}

BleuOptions bleu_options(const TextOptions& target, const std::string& tokenize) {
  BleuOptions out;
  if (tokenize != kAuto) {
    out.tokenize = tokenize;
  } else if (target.is_pretokenized()) {
    out.tokenize = "none";
  }
  return out;
}

// Spelt tokens: only the tokenizer `spaces` has them where BLEU would take each for a word.
bool are_symbols(const std::vector<std::string>& references, const TextOptions& target, double tokens) {
  if (!target.is_pretokenized() || tokens >= kWordLength * static_cast<double>(references.size())) return false;
  double characters = 0;
  for (const std::string& reference : references) {
    for (const std::string_view word : utf8::words(reference))
      characters += static_cast<double>(utf8::chars(word).size());
  }
  return characters <= kSymbolLength * tokens;
}

BleuSight bleu_sight(const std::vector<std::string>& references, const TextOptions& target,
                     const std::string& tokenize) {
  const BleuScore itself = bleu(references, {references}, bleu_options(target, tokenize));
  const auto tokens = static_cast<double>(itself.reference_length);
  return {tokens / static_cast<double>(references.size()), itself.score == 0, are_symbols(references, target, tokens)};
}

std::string choose_best_by(const std::string& asked, const BleuSight& sight) {
  if (asked != kAuto) return asked;
  return sight.symbols || sight.mean_tokens < kBleuOrder ? "accuracy" : "bleu";
}

bool is_better(const ValidationResult& a, const ValidationResult& b, const std::string& best_by) {
  const double value = value_of(a, best_by);
  const double other = value_of(b, best_by);
  return (higher_is_better(best_by) ? value > other : value < other) || (value == other && a.perplexity < b.perplexity);
}

bool is_best(const ValidationResult& result, std::span<const ValidationResult> earlier, const std::string& best_by) {
  const ValidationResult* best = nullptr;
  for (const ValidationResult& one : earlier) {
    if (one.best) best = &one;
  }
  return best == nullptr || is_better(result, *best, best_by);
}

std::string blind_choice(std::span<const ValidationResult> validations, const std::string& best_by,
                         const BleuSight& sight) {
  const bool blind = best_by == "bleu" && sight.blind;
  if (validations.size() != (blind ? 1 : kEqualValidations) || best_by == kPerplexity) return "";
  if (blind) {
    return fmt::format(
        "training.best_by: bleu counts four tokens in a row, and no validation target has so many: it can not tell "
        "models apart, and perplexity chooses between equal ones; take training.best_by: accuracy");
  }
  const double value = value_of(validations.front(), best_by);
  const auto same = [&](const ValidationResult& v) { return value_of(v, best_by) == value; };
  if (value == (higher_is_better(best_by) ? 100 : 0) || !std::all_of(validations.begin(), validations.end(), same))
    return "";
  const char* instead = best_by == "bleu" ? "accuracy or perplexity" : "perplexity or bleu";
  return fmt::format(
      "training.best_by: {0} is {1:.4g} at each of {2} validations: it does not tell models apart, and perplexity "
      "chooses between equal ones; take training.best_by: {3}, if this does not change",
      best_by, value, validations.size(), instead);
}

bool forget_best(std::vector<ValidationResult>& validations) {
  bool had = false;
  for (ValidationResult& validation : validations) had |= std::exchange(validation.best, false);
  return had;
}

}  // namespace heed
