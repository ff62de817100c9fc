#include "heed/translate/translator.h"

#include <fmt/format.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>

#include "answer.h"
#include "bindings.h"
#include "gil.h"
#include "heed/base/error.h"
#include "heed/base/held_signals.h"
#include "heed/base/symmetrization.h"
#include "heed/model/seq2seq.h"
#include "heed/translate/align.h"
#include "heed/translate/dictionary.h"
#include "heed/translate/shortlist.h"
#include "options.h"

namespace heed::python {
namespace {

// What a worker computes between two looks at Ctrl-C: so many batches, and no more hypotheses than those of the usual
// beam, which are several times what is decoded together.
constexpr std::size_t kBatchesInBlock = 8;
constexpr std::size_t kHypothesesInBlock = 1280;

void look_for_signals() {
  if (PyErr_CheckSignals() != 0) nb::raise_python_error();
}

/// Python's `on_step(sentence, tokens, text)`, which any worker calls. What it raises ends the call.
class StepCallback {
 public:
  StepCallback(nb::handle callback, std::size_t first) : callback_(callback), first_(first) {}

  bool operator()(const TranslationStep& step) {
    if (failed_) return false;
    const AcquiredGil acquired;
    try {
      return goes_on(called(callback_, first_ + step.sentence, texts_of(step.tokens), text_of(step.text)));
    } catch (...) {
      if (!failed_.exchange(true)) error_ = std::current_exception();
      return false;
    }
  }
  void rethrow() const {
    if (error_) std::rethrow_exception(error_);
  }

 private:
  nb::handle callback_;
  std::size_t first_;  // sentence of the call
  std::atomic<bool> failed_ = false;
  std::exception_ptr error_;
};

ErrorPlace moved(ErrorPlace place, std::size_t first) {
  if (place.sentence) *place.sentence += first;
  return place;
}

/// What `work` computes of the sentences from `first` on, which errors tell by their places in the call.
template <typename Work>
auto computed(std::size_t first, const Work& work) {
  const ReleasedGil released;
  const HeldSignals held;
  try {
    return work();
  } catch (const UsageError& error) {
    throw UsageError(error.what(), moved(error.place(), first), error.kind());
  } catch (const Error& error) {
    throw Error(error.kind(), error.what(), moved(error.place(), first));
  }
}

/// Parts of a call's sentences, the first one also where there are none, with a look at Ctrl-C between them.
template <typename Work>
void in_blocks(std::size_t sentences, int batch, int threads, int hypotheses, const Work& work) {
  const std::size_t most = std::max<std::size_t>(1, kHypothesesInBlock / std::max(1, hypotheses));
  const std::size_t block = std::min(std::max(1, batch) * kBatchesInBlock, most) * std::size_t(std::max(1, threads));
  for (std::size_t first = 0; first == 0 || first < sentences; first += block) {
    if (first > 0) look_for_signals();
    work(first, std::min(block, sentences - first));
  }
}

OutputConstraints constraints_of(nb::handle given) {
  const auto& from = nb::cast<nb::dict>(given);
  OutputConstraints out;
  read_given(from, "prefix", out.prefix);
  read_given(from, "must", out.must);
  read_given(from, "must_not", out.must_not);
  read_given(from, "allowed", out.allowed);
  return out;
}

/// A list of the caller's may have grown since its parts were counted, by another thread.
void check_count(const char* what, std::size_t found, std::size_t sentences) {
  if (found == 0 || found == sentences) return;
  throw UsageError(fmt::format("there are {} of {} of {} sentences: the list changed", what, found, sentences));
}

std::vector<OutputConstraints> constraints_of(const nb::dict& from, std::size_t sentences) {
  std::vector<OutputConstraints> out;
  if (!from.contains("constraints")) return out;
  for (const nb::handle each : nb::cast<nb::list>(from["constraints"])) out.push_back(constraints_of(each));
  check_count("constraints", out.size(), sentences);
  return out;
}

std::vector<FeatureValues> features_of(const nb::dict& from, std::size_t sentences) {
  std::vector<FeatureValues> out;
  read_given(from, "features", out);
  check_count("features", out.size(), sentences);
  return out;
}

class PyTranslator {
 public:
  PyTranslator(const nb::list& bundles, const nb::list& weights, nb::handle combine, nb::handle shortlist,
               nb::handle dictionary);

  nb::list translate(const nb::list& sentences, const nb::tuple& options, const nb::dict& more) const;
  nb::list score(const nb::list& sources, const nb::list& targets, const nb::dict& how) const;
  nb::list align(const nb::list& sources, const nb::list& targets, const nb::dict& how, nb::handle reverse) const;
  bool attends() const {
    return std::ranges::any_of(bundles_, [](const Bundle& b) { return b.model->decoder().attends(); });
  }

 private:
  TranslateOptions options_of(const nb::tuple& values, const nb::dict& more) const;
  void check_attention(bool asked) const;

  std::vector<Bundle> bundles_;  // copies share the models
  EnsembleOptions ensemble_;
  std::unique_ptr<const Translator> translator_;
  std::shared_ptr<const Shortlist> shortlist_;
  std::shared_ptr<const Dictionary> dictionary_;
};

PyTranslator::PyTranslator(const nb::list& bundles, const nb::list& weights, nb::handle combine,
                           nb::handle given_shortlist, nb::handle given_dictionary) {
  for (const nb::handle each : bundles) bundles_.push_back(nb::cast<const LoadedBundle&>(each).bundle);
  read(weights, "weights", ensemble_.weights);
  ensemble_.combine = static_cast<Combine>(choice_of(combine, "combine", {"mean", "log-linear"}));
  const auto shortlist = value_of<std::optional<std::string>>(given_shortlist, "shortlist");
  const auto dictionary = value_of<std::optional<std::string>>(given_dictionary, "dictionary");
  const ReleasedGil released;
  translator_ = std::make_unique<Translator>(bundles_, ensemble_);
  const Bundle& bundle = bundles_.front();
  if (shortlist) shortlist_ = std::make_shared<Shortlist>(Shortlist::load(*shortlist, bundle.source, bundle.target));
  if (dictionary) dictionary_ = std::make_shared<Dictionary>(Dictionary::load(*dictionary));
}

void PyTranslator::check_attention(bool asked) const {
  if (asked && !attends())
    throw UsageError("attention is asked for, and the model has none (model.attention.kind: none)");
}

/// With what is of the model's vocabularies: `more` has allowed answers and phrases that count for every sentence.
TranslateOptions PyTranslator::options_of(const nb::tuple& values, const nb::dict& more) const {
  TranslateOptions options = translate_options(values);
  check_attention(options.attention);
  options.shortlist = shortlist_;
  options.dictionary = dictionary_;
  std::vector<std::string> allowed, forbidden;
  read_given(more, "allowed", allowed);
  read_given(more, "must_not", forbidden);
  if (allowed.empty() && forbidden.empty()) return options;
  const ReleasedGil released;
  const TextSide& target = bundles_.front().target;
  if (!allowed.empty()) options.allowed = std::make_shared<AllowedOutputs>(target, allowed);
  if (!forbidden.empty()) options.forbidden = std::make_shared<ForbiddenPhrases>(target, forbidden);
  return options;
}

/// A part of a call's sentences, or all of them where there is one for each or none.
template <typename Value>
std::span<const Value> part(const std::vector<Value>& all, std::size_t first, std::size_t count) {
  return all.empty() ? std::span<const Value>() : std::span(all).subspan(first, count);
}

nb::list PyTranslator::translate(const nb::list& given, const nb::tuple& values, const nb::dict& more) const {
  const auto sentences = value_of<std::vector<std::string>>(given, "sentences");
  TranslateOptions options = options_of(values, more);
  const auto features = features_of(more, sentences.size());
  const auto constraints = constraints_of(more, sentences.size());
  const nb::object on_step = more.get("on_step", nb::none());
  nb::list out;
  const int hypotheses = options.sampling || options.alternatives ? options.nbest : options.beam;
  in_blocks(sentences.size(), options.batch_sentences, options.threads, hypotheses,
            [&](std::size_t first, std::size_t count) {
              StepCallback callback(on_step, first);
              if (!on_step.is_none()) options.on_step = std::ref(callback);
              options.first_sentence = first;
              std::vector<Translated> found = computed(first, [&] {
                return translator_->translate(std::span(sentences).subspan(first, count), options,
                                              part(features, first, count), part(constraints, first, count));
              });
              callback.rethrow();
              for (Translated& each : found) out.append(answers_of(std::move(each)));
            });
  return out;
}

std::vector<SentencePair> pairs_of(const nb::list& sources, const nb::list& targets, const nb::dict& how) {
  auto source = value_of<std::vector<std::string>>(sources, "sources");
  auto target = value_of<std::vector<std::string>>(targets, "targets");
  if (source.size() != target.size())
    throw UsageError(fmt::format("there are {} sources and {} targets", source.size(), target.size()));
  std::vector<FeatureValues> features = features_of(how, source.size());
  std::vector<SentencePair> out(source.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i].source = std::move(source[i]);
    out[i].target = std::move(target[i]);
    if (!features.empty()) out[i].features = std::move(features[i]);
  }
  return out;
}

ScoreOptions score_options(const nb::dict& how) {
  ScoreOptions out;
  read_given(how, "batch", out.batch_sentences);
  read_given(how, "threads", out.threads);
  read_given(how, "attention", out.attention);
  read_given(how, "max_length", out.max_length);
  return out;
}

nb::list PyTranslator::score(const nb::list& sources, const nb::list& targets, const nb::dict& how) const {
  const std::vector<SentencePair> pairs = pairs_of(sources, targets, how);
  ScoreOptions options = score_options(how);
  check_attention(options.attention);
  nb::list out;
  in_blocks(pairs.size(), options.batch_sentences, options.threads, 1, [&](std::size_t first, std::size_t count) {
    options.first_line = static_cast<long>(first) + 1;
    std::vector<Translated> scored = computed(
        first, [&] { return score_pairs(bundles_, std::span(pairs).subspan(first, count), options, ensemble_); });
    for (Translated& each : scored) out.append(answers_of(std::move(each))[0]);
  });
  return out;
}

nb::list PyTranslator::align(const nb::list& sources, const nb::list& targets, const nb::dict& how,
                             nb::handle given_reverse) const {
  const std::vector<SentencePair> pairs = pairs_of(sources, targets, how);
  const PyTranslator* reverse = given_reverse.is_none() ? nullptr : &nb::cast<const PyTranslator&>(given_reverse);
  AlignOptions options{.score = score_options(how)};
  read_given(how, "threshold", options.threshold);
  read_given(how, "shift", options.choice.shift);
  read_given(how, "layer", options.choice.layer);
  read_given(how, "head", options.choice.head);
  std::string symmetrize = "grow-diag-final-and";
  read_given(how, "symmetrize", symmetrize);
  const Symmetrization symmetrization = find_symmetrization(symmetrize);
  check_attention(true);
  if (reverse != nullptr) reverse->check_attention(true);
  nb::list out;
  in_blocks(pairs.size(), options.score.batch_sentences, options.score.threads, 1,
            [&](std::size_t first, std::size_t count) {
              options.score.first_line = static_cast<long>(first) + 1;
              const auto some = std::span(pairs).subspan(first, count);
              const std::vector<AlignedPair> aligned = computed(first, [&] {
                std::vector<AlignedPair> found = align_pairs(bundles_, some, options, ensemble_);
                if (reverse != nullptr)
                  symmetrize_pairs(found, align_reversed(reverse->bundles_, some, options, reverse->ensemble_),
                                   symmetrization);
                return found;
              });
              for (const AlignedPair& each : aligned) {
                const std::size_t columns = each.weights.empty() ? 0 : each.weights.front().size();
                out.append(nb::make_tuple(links_of(each.links), own_matrix(each.weights, columns)));
              }
            });
  return out;
}

}  // namespace

void bind_translator(nb::module_& module) {
  module.def("option_names", option_names, nb::sig("def option_names() -> tuple[str, ...]"));
  nb::class_<PyTranslator>(module, "Translator")
      .def(nb::init<const nb::list&, const nb::list&, nb::handle, nb::handle, nb::handle>(), nb::arg("bundles"),
           nb::arg("weights"), nb::arg("combine"), nb::arg("shortlist").none() = nb::none(),
           nb::arg("dictionary").none() = nb::none(),
           nb::sig(
               "def __init__(self, bundles: list[Bundle], weights: list[float], combine: str, shortlist: str | None = "
               "None, dictionary: str | None = None) -> None"))
      .def("translate", &PyTranslator::translate, nb::arg("sentences"), nb::arg("options"), nb::arg("more"),
           nb::sig("def translate(self, sentences: list[str], options: tuple[typing.Any, ...], more: "
                   "dict[str, typing.Any]) -> list[list[Translation]]"))
      .def("score", &PyTranslator::score, nb::arg("sources"), nb::arg("targets"), nb::arg("how"),
           nb::sig("def score(self, sources: list[str], targets: list[str], how: dict[str, typing.Any]) -> "
                   "list[Translation]"))
      .def("align", &PyTranslator::align, nb::arg("sources"), nb::arg("targets"), nb::arg("how"),
           nb::arg("reverse").none() = nb::none(),
           nb::sig("def align(self, sources: list[str], targets: list[str], how: dict[str, typing.Any], reverse: "
                   "Translator | None = None) -> list[tuple[list[tuple[int, int]], "
                   "numpy.typing.NDArray[numpy.float32]]]"))
      .def_prop_ro("attends", &PyTranslator::attends);
}

}  // namespace heed::python
