#include "options.h"

#include <array>

namespace heed::python {

namespace {

using Options = TranslateOptions;

struct Argument {
  const char* name;
  void (*take)(Options& options, nb::handle value, const char* name);
};

template <auto kMember>
void take(Options& options, nb::handle value, const char* name) {
  read(value, name, options.*kMember);
}
template <auto kMember>
void take_ranking(Options& options, nb::handle value, const char* name) {
  read(value, name, options.ranking.*kMember);
}
/// None, or what heed/translator.py makes of how is drawn.
void take_sample(Options& options, nb::handle value, const char* name) {
  if (value.is_none()) return;
  if (!nb::isinstance<nb::tuple>(value) || nb::len(value) != 5) refuse_type(name, "a bool", value);
  const auto given = nb::borrow<nb::tuple>(value);
  Sampling& sampling = options.sampling.emplace();
  read(given[0], "temperature", sampling.temperature);
  read(given[1], "top_k", sampling.top_k);
  read(given[2], "top_p", sampling.top_p);
  read(given[3], "min_p", sampling.min_p);
  read(given[4], "seed", sampling.seed);
}

// The words stand in the order of the enumerations.
void take_normalize(Options& options, nb::handle value, const char* name) {
  options.ranking.normalization =
      static_cast<Normalization>(choice_of(value, name, {"none", "length", "gnmt", "average"}));
}
void take_coverage(Options& options, nb::handle value, const char* name) {
  options.ranking.coverage = static_cast<CoverageScore>(choice_of(value, name, {"gnmt", "summary"}));
}
void take_stop(Options& options, nb::handle value, const char* name) {
  options.ranking.stop = static_cast<StopRule>(choice_of(value, name, {"bound", "first", "all"}));
}
/// None, a number of tokens, or "x1.5+30".
std::optional<OutputLimit> output_limit_of(nb::handle value, std::string_view argument) {
  if (value.is_none()) return std::nullopt;
  if (nb::isinstance<nb::str>(value)) return OutputLimit::parse(value_of<std::string>(value, argument));
  return OutputLimit{.ratio = 0, .extra = value_of<int>(value, argument)};
}
void take_most(Options& options, nb::handle value, const char* name) {
  options.max_output = output_limit_of(value, name);
}
void take_fewest(Options& options, nb::handle value, const char* name) {
  options.min_output = output_limit_of(value, name).value_or(options.min_output);
}

// A row for each keyword of Translator.translate() that is not of a sentence's own, in the order of heed/translator.py.
constexpr std::array kArguments = {
    Argument{"beam", take<&Options::beam>},
    Argument{"nbest", take<&Options::nbest>},
    Argument{"batch", take<&Options::batch_sentences>},
    Argument{"threads", take<&Options::threads>},
    Argument{"attention", take<&Options::attention>},
    Argument{"trace", take<&Options::trace>},
    Argument{"token_scores", take<&Options::token_scores>},
    Argument{"normalize", take_normalize},
    Argument{"length_penalty", take_ranking<&Ranking::length_penalty>},
    Argument{"word_reward", take_ranking<&Ranking::word_reward>},
    Argument{"coverage", take_coverage},
    Argument{"coverage_penalty", take_ranking<&Ranking::coverage_penalty>},
    Argument{"stop", take_stop},
    Argument{"patience", take_ranking<&Ranking::patience>},
    Argument{"prune", take<&Options::prune>},
    Argument{"groups", take<&Options::groups>},
    Argument{"diversity", take<&Options::diversity>},
    Argument{"alternatives", take<&Options::alternatives>},
    Argument{"sample", take_sample},
    Argument{"max_length", take<&Options::max_source_tokens>},
    Argument{"max_output", take_most},
    Argument{"min_output", take_fewest},
    Argument{"forbid_unknown", take<&Options::forbid_unknown>},
    Argument{"no_repeat_ngram", take<&Options::no_repeat_ngram>},
    Argument{"repetition_penalty", take<&Options::repetition_penalty>},
    Argument{"replace_unknown", take<&Options::replace_unknown>},
};

}  // namespace

nb::tuple option_names() {
  nb::list out;
  for (const Argument& argument : kArguments) out.append(argument.name);
  return nb::tuple(out);
}

TranslateOptions translate_options(const nb::tuple& values) {
  if (nb::len(values) != kArguments.size()) throw nb::type_error("translate() has other options than its extension");
  TranslateOptions options;
  for (std::size_t i = 0; i < kArguments.size(); ++i) kArguments[i].take(options, values[i], kArguments[i].name);
  return options;
}

}  // namespace heed::python
