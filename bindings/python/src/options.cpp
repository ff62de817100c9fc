#include "options.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace heed::python {

std::optional<OutputLimit> output_limit_of(nb::handle value, const std::string& argument) {
  if (value.is_none()) return std::nullopt;
  if (nb::isinstance<nb::str>(value)) return OutputLimit::parse(value_of<std::string>(value, argument));
  return OutputLimit{.ratio = 0, .extra = value_of<int>(value, argument)};
}

namespace {

using Options = TranslateOptions;

Sampling& sampling_of(Options& options) { return options.sampling ? *options.sampling : options.sampling.emplace(); }

struct Argument {
  std::string_view name;
  void (*take)(Options& options, nb::handle value, const std::string& name);
};

template <auto kMember>
void take(Options& options, nb::handle value, const std::string& name) {
  read(value, name, options.*kMember);
}
template <auto kMember>
void take_ranking(Options& options, nb::handle value, const std::string& name) {
  read(value, name, options.ranking.*kMember);
}
template <auto kMember>
void take_sampling(Options& options, nb::handle value, const std::string& name) {
  read(value, name, sampling_of(options).*kMember);
}

// The words stand in the order of the enumerations.
void take_normalize(Options& options, nb::handle value, const std::string& name) {
  options.ranking.normalization =
      static_cast<Normalization>(choice_of(value, name, {"none", "length", "gnmt", "average"}));
}
void take_coverage(Options& options, nb::handle value, const std::string& name) {
  options.ranking.coverage = static_cast<CoverageScore>(choice_of(value, name, {"gnmt", "summary"}));
}
void take_stop(Options& options, nb::handle value, const std::string& name) {
  options.ranking.stop = static_cast<StopRule>(choice_of(value, name, {"bound", "first", "all"}));
}
void take_most(Options& options, nb::handle value, const std::string& name) {
  options.max_output = output_limit_of(value, name);
}
void take_fewest(Options& options, nb::handle value, const std::string& name) {
  options.min_output = output_limit_of(value, name).value_or(options.min_output);
}

// A row for each keyword of Translator.translate() that is not of a sentence's own.
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
    Argument{"temperature", take_sampling<&Sampling::temperature>},
    Argument{"top_k", take_sampling<&Sampling::top_k>},
    Argument{"top_p", take_sampling<&Sampling::top_p>},
    Argument{"min_p", take_sampling<&Sampling::min_p>},
    Argument{"seed", take_sampling<&Sampling::seed>},
    Argument{"alternatives", take<&Options::alternatives>},
    Argument{"max_length", take<&Options::max_source_tokens>},
    Argument{"max_output", take_most},
    Argument{"min_output", take_fewest},
    Argument{"forbid_unknown", take<&Options::forbid_unknown>},
    Argument{"no_repeat_ngram", take<&Options::no_repeat_ngram>},
    Argument{"repetition_penalty", take<&Options::repetition_penalty>},
    Argument{"replace_unknown", take<&Options::replace_unknown>},
};

}  // namespace

TranslateOptions translate_options(const nb::dict& arguments) {
  TranslateOptions options;
  for (const auto& [key, value] : arguments) {
    const auto name = value_of<std::string>(key, "argument");
    const auto* row =
        std::find_if(kArguments.begin(), kArguments.end(), [&](const Argument& a) { return a.name == name; });
    if (row == kArguments.end()) throw nb::type_error(("translate() has no argument '" + name + "'").c_str());
    row->take(options, value, name);
  }
  return options;
}

}  // namespace heed::python
