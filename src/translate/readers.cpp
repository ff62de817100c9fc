#include "readers.h"

#include <algorithm>

#include "fmt/format.h"
#include "heed/base/error.h"
#include "heed/model/seq2seq.h"
#include "translate_checks.h"

namespace heed {
namespace {

/// How two sides make different ids of the same text; empty: they do not.
std::string difference(const TextSide& a, const TextSide& b) {
  if (!a.options().cuts_like(b.options())) return "they cut sentences in different ways";
  if (a.vocabulary_size() != b.vocabulary_size())
    return fmt::format("one has {} tokens and the other {}", a.vocabulary_size(), b.vocabulary_size());
  for (int id = 0; id < a.vocabulary_size(); ++id) {
    if (a.token(id) != b.token(id)) return fmt::format("token {} is '{}' and '{}'", id, a.token(id), b.token(id));
  }
  return "";
}

bool cut_alike(const TextSide& a, const TextSide& b) {
  return a.options().cuts_like(b.options()) && a.sentencepiece() == b.sentencepiece();
}

bool read_alike(const TextSide& a, const TextSide& b) {
  return cut_alike(a, b) && difference(a, b).empty() && a.has_features_of(b) &&
         a.options().end.always == b.options().end.always;
}

void check_pair(const Bundle& first, const Bundle& other) {
  if (const std::string how = difference(first.target, other.target); !how.empty()) {
    throw Error(ErrorKind::kModel,
                "the models of an ensemble must have the same target vocabulary, but on the target side " + how);
  }
  if (first.target.options().reversed != other.target.options().reversed) {
    throw Error(
        ErrorKind::kModel,
        "the models of an ensemble must write in one direction, but data.target.reversed is true of one and false "
        "of another");
  }
  const std::string features = first.source.options().feature_names(), others = other.source.options().feature_names();
  if (features == others) return;
  throw Error(ErrorKind::kModel,
              fmt::format("the models of an ensemble must read the same features, but one reads ({}) and another ({})",
                          features, others));
}

}  // namespace

Readers::Readers(std::span<const Bundle> bundles, const EnsembleOptions& options) {
  if (bundles.empty()) throw UsageError("no model is given");
  for (const Bundle& bundle : bundles) {
    check_loaded(bundle);
    check_pair(bundles.front(), bundle);
    copy.push_back(bundle.model->output_kind().copies);
  }
  options.shares(bundles.size());  // or throws
  const auto lead = std::find_if(bundles.begin(), bundles.end(),
                                 [](const Bundle& bundle) { return bundle.model->decoder().attends(); });
  of_reading.push_back(lead == bundles.end() ? &bundles.front() : &*lead);
  for (const Bundle& bundle : bundles) {
    const auto same = std::find_if(of_reading.begin(), of_reading.end(), [&](const Bundle* other) {
      return other == &bundle || read_alike(other->source, bundle.source);
    });
    of_model.push_back(static_cast<std::size_t>(same - of_reading.begin()));
    if (same == of_reading.end()) of_reading.push_back(&bundle);
  }
  for (std::size_t m = 0; m < bundles.size(); ++m) {
    if (!copy[m]) continue;
    if (!any_copies) copying = of_model[m];
    any_copies = true;
    if (cut_alike(of_reading[copying]->source, bundles[m].source)) continue;
    throw Error(ErrorKind::kModel, "models of an ensemble that copy must cut the source in the same way");
  }
  if (options.combine == Combine::kLogLinear && any_copies &&
      std::find(copy.begin(), copy.end(), false) != copy.end()) {
    throw UsageError(
        "log-linear: only some of the models can copy; to the others the words that are copied are impossible");
  }
}

}  // namespace heed
