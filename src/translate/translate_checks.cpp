#include "translate_checks.h"

#include <algorithm>

#include "fmt/format.h"
#include "heed/base/error.h"
#include "heed/model/seq2seq.h"
#include "heed/translate/shortlist.h"
#include "readers.h"

namespace heed {
namespace {

void check_numbers(const TranslateOptions& options) {
  const auto at_least_one = [](const char* name, int value) {
    if (value < 1) throw UsageError(fmt::format("{} is {}; it must be at least 1", name, value));
  };
  const auto up_to_most = [&](const char* name, int value) {
    constexpr int kMost = 1000;  // hypotheses of a sentence: memory is taken for all at once
    at_least_one(name, value);
    if (value > kMost) throw UsageError(fmt::format("{} is {}; it must be at most {}", name, value, kMost));
  };
  up_to_most("beam", options.beam);
  up_to_most("nbest", options.nbest);
  at_least_one("batch", options.batch_sentences);
  at_least_one("threads", options.threads);
  if (options.max_source_tokens < 0)
    throw UsageError(fmt::format("max_length is {}; it must not be negative", options.max_source_tokens));
  if (options.nbest > options.beam && !options.sampling && !options.alternatives) {
    throw UsageError(fmt::format("nbest is {}; it can not be more than the beam, {}", options.nbest, options.beam));
  }
}

void check_shortlist(const Shortlist& shortlist, std::span<const Bundle> bundles, const Readers& readers) {
  for (const Bundle& bundle : bundles) check_serves_shortlist(*bundle.model);
  if (readers.of_reading.size() > 1) {
    throw UsageError(
        "a shortlist is of one source vocabulary; the models of the ensemble read the source in several ways");
  }
  const int source = bundles.front().source.vocabulary_size();
  const int target = bundles.front().target.vocabulary_size();
  if (shortlist.source_vocabulary() == source && shortlist.target_vocabulary() == target) return;
  throw UsageError(
      fmt::format("the shortlist is of vocabularies of {} and {} tokens, those of the model have {} and {}",
                  shortlist.source_vocabulary(), shortlist.target_vocabulary(), source, target));
}

void check_attends(const char* what, const Bundle& bundle) {
  if (bundle.model->decoder().attends()) return;
  throw UsageError(fmt::format("{} attention, and the model has none (model.attention.kind: none)", what));
}

void check_replacing(const Bundle& bundle) {
  check_attends("unknown words are replaced by", bundle);
  const std::string& source = bundle.source.options().tokenizer;
  const std::string& target = bundle.target.options().tokenizer;
  if (source != target) {
    throw UsageError(
        fmt::format("unknown words are replaced by source tokens, which the tokenizer {} of the source cuts in another "
                    "way than {} of the target",
                    source, target));
  }
}

}  // namespace

void check_options(const TranslateOptions& options, std::span<const Bundle> bundles, const Readers& readers) {
  check_numbers(options);
  const Bundle& lead = *readers.of_reading.front();  // which attends if any model does
  if (options.shortlist != nullptr) check_shortlist(*options.shortlist, bundles, readers);
  if (options.replace_unknown) check_replacing(lead);
  if (options.alternatives && lead.target.options().reversed) {
    throw UsageError(
        "alternatives are of how a text goes on, and the model writes it from its end (data.target.reversed)");
  }
  if (options.ranking.coverage_penalty > 0) check_attends("coverage_penalty is of", lead);
}

void check_loaded(const Bundle& bundle) {
  if (bundle.model == nullptr) throw UsageError("the bundle has no model: Bundle::load() reads one");
}

}  // namespace heed
