#include "translate_checks.h"

#include <algorithm>

#include "fmt/format.h"
#include "heed/base/error.h"
#include "heed/model/seq2seq.h"
#include "heed/translate/shortlist.h"

namespace heed {
namespace {

void check_numbers(const TranslateOptions& options) {
  const auto at_least_one = [](const char* name, int value) {
    if (value < 1) throw UsageError(fmt::format("{} is {}; it must be at least 1", name, value));
  };
  at_least_one("beam", options.beam);
  constexpr int kMostBeam = 1000;
  if (options.beam > kMostBeam)
    throw UsageError(fmt::format("beam is {}; it must be at most {}", options.beam, kMostBeam));
  at_least_one("nbest", options.nbest);
  at_least_one("batch", options.batch_sentences);
  at_least_one("threads", options.threads);
  if (options.nbest > options.beam && !options.sampling && !options.alternatives) {
    throw UsageError(fmt::format("nbest is {}; it can not be more than the beam, {}", options.nbest, options.beam));
  }
}

void check_shortlist(const Shortlist& shortlist, std::span<const Bundle> bundles) {
  check_serves_shortlist(*bundles.front().model);
  const int source = bundles.front().source.vocabulary_size();
  const int target = bundles.front().target.vocabulary_size();
  if (shortlist.source_vocabulary() == source && shortlist.target_vocabulary() == target) return;
  throw UsageError(
      fmt::format("the shortlist is of vocabularies of {} and {} tokens, those of the model have {} and {}",
                  shortlist.source_vocabulary(), shortlist.target_vocabulary(), source, target));
}

void check_attends(const char* what, std::span<const Bundle> bundles) {
  const auto attends = [](const Bundle& bundle) { return bundle.model->decoder().attends(); };
  if (std::ranges::any_of(bundles, attends)) return;
  throw UsageError(fmt::format("{} attention, and the model has none (model.attention.kind: none)", what));
}

void check_replacing(std::span<const Bundle> bundles) {
  check_attends("unknown words are replaced by", bundles);
  const std::string& source = bundles.front().source.options().tokenizer;
  const std::string& target = bundles.front().target.options().tokenizer;
  if (source != target) {
    throw UsageError(
        fmt::format("unknown words are replaced by source tokens, which the tokenizer {} of the source cuts in another "
                    "way than {} of the target",
                    source, target));
  }
}

/// Throws Error unless both sides give the same ids for the same text.
void check_same(const TextSide& a, const TextSide& b, const char* side) {
  const auto differ = [&](const std::string& how) {
    throw Error(
        ErrorKind::kModel,
        fmt::format("the models of an ensemble must share their vocabularies, but on the {} side {}", side, how));
  };
  if (!a.options().cuts_like(b.options())) differ("they cut sentences in different ways");
  if (a.vocabulary_size() != b.vocabulary_size()) {
    differ(fmt::format("one has {} tokens and the other {}", a.vocabulary_size(), b.vocabulary_size()));
  }
  for (int id = 0; id < a.vocabulary_size(); ++id) {
    if (a.token(id) != b.token(id)) differ(fmt::format("token {} is '{}' and '{}'", id, a.token(id), b.token(id)));
  }
}

}  // namespace

void check_options(const TranslateOptions& options, std::span<const Bundle> bundles) {
  check_numbers(options);
  if (options.shortlist != nullptr) check_shortlist(*options.shortlist, bundles);
  if (options.replace_unknown) check_replacing(bundles);
  if (options.ranking.coverage_penalty > 0) check_attends("coverage_penalty is of", bundles);
}

void check_loaded(const Bundle& bundle) {
  if (bundle.model == nullptr) throw UsageError("the bundle has no model: Bundle::load() reads one");
}

void check_ensemble(std::span<const Bundle> bundles) {
  if (bundles.empty()) throw UsageError("no model is given");
  for (const Bundle& bundle : bundles) {
    check_loaded(bundle);
    check_same(bundles.front().source, bundle.source, "source");
    check_same(bundles.front().target, bundle.target, "target");
    if (bundles.front().source.has_features_of(bundle.source)) continue;
    const auto features = [](const Bundle& each) { return each.source.options().feature_names(); };
    throw Error(ErrorKind::kModel,
                fmt::format("the models of an ensemble must read the same features with the same values, but one reads "
                            "({}) and another ({})",
                            features(bundles.front()), features(bundle)));
  }
}

}  // namespace heed
