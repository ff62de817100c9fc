#pragma once
#include <span>
#include <string>
#include <vector>

#include "heed/train/bleu_options.h"
#include "heed/train/trainer.h"

namespace heed {

/// What BLEU can see of references.
struct BleuSight {
  double mean_tokens = 0;  ///< of a reference
  bool blind = false;      ///< none has the four tokens in a row that BLEU counts
  bool symbols = false;    ///< tokens are letters or phonemes of a word each, not words of a sentence
};
BleuSight bleu_sight(const std::vector<std::string>& references, const TextOptions& target,
                     const std::string& tokenize = kAuto);

/// A choice of training.best_by without `auto`.
std::string choose_best_by(const std::string& asked, const BleuSight& sight);

/// Of perplexity, and of the metrics of texts.
bool higher_is_better(const std::string& metric);

/// Whether `a` is to be kept rather than `b`: by its value of best_by, and of equal ones by perplexity.
bool is_better(const ValidationResult& a, const ValidationResult& b, const std::string& best_by);

/// Whether it is to be kept rather than the best of `earlier`.
bool is_best(const ValidationResult& result, std::span<const ValidationResult> earlier, const std::string& best_by);

/// What to say where best_by can not tell models apart, once in a run; empty otherwise. `validations` ends with the
/// newest.
std::string blind_choice(std::span<const ValidationResult> validations, const std::string& best_by,
                         const BleuSight& sight);

/// Calls none of them the best any more. False if none was.
bool forget_best(std::vector<ValidationResult>& validations);

}  // namespace heed
