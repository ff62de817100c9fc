#include "translating.h"

#include <fmt/format.h>

#include <memory>

#include "common_options.h"
#include "heed/base/error.h"
#include "heed/model/seq2seq.h"
#include "heed/translate/shortlist.h"

namespace heed::app {
namespace {

// Batches of a worker that are made from the lines read so far, before their answers are written: enough that sentences
// of like length meet, few enough that answers come early.
constexpr std::size_t kBatchesInBlock = 8;

constexpr std::pair<const char*, Normalization> kNormalizations[] = {{"none", Normalization::kNone},
                                                                     {"length", Normalization::kLength},
                                                                     {"gnmt", Normalization::kGnmt},
                                                                     {"average", Normalization::kAverage}};
constexpr std::pair<const char*, StopRule> kStopRules[] = {
    {"bound", StopRule::kBound}, {"first", StopRule::kFirst}, {"all", StopRule::kAll}};

/// One of some words; the one that means what the value is is the default.
template <typename Value, std::size_t kCount>
void add_choice(CLI::App& command, const char* flag, Value& value, const std::pair<const char*, Value> (&words)[kCount],
                const char* help) {
  std::vector<std::string> names;
  std::string usual;
  for (const auto& [name, meaning] : words) {
    names.emplace_back(name);
    if (meaning == value) usual = name;
  }
  const auto read = [&value, &words](const std::string& text) {
    for (const auto& [name, meaning] : words) {
      if (name == text) value = meaning;
    }
  };
  command.add_option_function<std::string>(flag, read, help)->check(one_of(names))->default_str(usual);
}

}  // namespace

void TranslatingCommand::add_models(CLI::App& command) {
  command.add_option("-m,--model", models, "directory of a trained model; given several times, an ensemble")
      ->type_name("DIR")
      ->required()
      ->allow_extra_args(false);
}

void TranslatingCommand::add_search(CLI::App& command) {
  command.add_option("--beam", options.beam, "hypotheses that are kept at each step; 1 is greedy search, the fastest")
      ->check(in_range(1, 1000))
      ->capture_default_str();
  add_choice(command, "--normalize", options.ranking.normalization, kNormalizations,
             "a hypothesis of N tokens is ranked by its log-probability divided by 1, N^P, ((5 + N) / 6)^P or N");
  command
      .add_option("--length-penalty", options.ranking.length_penalty,
                  "P of --normalize length and gnmt: 0 prefers short translations")
      ->check(in_range(0.0, 10.0))
      ->capture_default_str();
  command
      .add_option("--word-reward", options.ranking.word_reward,
                  "added to the score for each token: more than 0 prefers long translations")
      ->check(in_range(-100.0, 100.0))
      ->capture_default_str();
  add_choice(command, "--stop", options.ranking.stop, kStopRules,
             "when a search ends: nothing can be better than what is finished, the first --nbest are finished, or the "
             "beam is full of finished ones");
  add_min_length(command, options.min_output);
  command.add_flag("--forbid-unknown", options.forbid_unknown, "never write <unk>");
  command
      .add_option("--no-repeat-ngram", options.no_repeat_ngram,
                  "no sequence of so many tokens occurs twice in an answer; 0: all may")
      ->check(in_range(0, 1000))
      ->capture_default_str();
  command
      .add_option("--repetition-penalty", options.repetition_penalty,
                  "factor of the log-probability of a token that the answer has already; 1: none")
      ->check(in_range(1.0, 100.0))
      ->capture_default_str();
}

void TranslatingCommand::add_computing(CLI::App& command, const std::string& longer) {
  add_batch(command, options.batch_sentences);
  add_threads(command, options.threads);
  add_max_length(command, options.max_source_tokens, longer);
  add_max_output(command, options.max_output);
  add_precision(command, precision);
  command
      .add_option(
          "--shortlist", shortlist,
          "file of `heed shortlist`: compute only likely target tokens of each sentence, which is faster; not with "
          "several models")
      ->type_name("FILE");
}

void TranslatingCommand::refuse_idle_options(const CLI::App& command) const {
  for (const char* flag : {"--normalize", "--length-penalty", "--word-reward", "--stop"}) {
    refuse_idle(command, flag, options.beam == 1,
                "with --beam 1, which has no other translation to prefer: take a larger --beam");
  }
  const Normalization by = options.ranking.normalization;
  refuse_idle(command, "--length-penalty", by == Normalization::kNone || by == Normalization::kAverage,
              "with --normalize none or average, which know no penalty");
  if (!shortlist.empty() && models.size() > 1) {
    throw UsageError(fmt::format("--shortlist: serves one --model, not an ensemble of {}", models.size()));
  }
}

Translator TranslatingCommand::load(bool attention) const {
  std::vector<Bundle> bundles;
  bool attends = false;
  for (const std::string& directory : models) {
    bundles.push_back(Bundle::load(directory, chosen_precision(precision)));
    attends = attends || bundles.back().model->decoder().attends();
  }
  if (attention && !attends) check_attends(bundles.front(), models.front());
  return Translator(std::move(bundles));
}

TranslateOptions TranslatingCommand::options_for(const Translator& translator) const {
  TranslateOptions out = options;
  if (shortlist.empty()) return out;
  const Bundle& bundle = translator.bundle();
  check_serves_shortlist(*bundle.model);
  out.shortlist = std::make_shared<Shortlist>(Shortlist::load(shortlist, bundle.source, bundle.target));
  return out;
}

std::size_t TranslatingCommand::block_sentences() const {
  return kBatchesInBlock * static_cast<std::size_t>(options.batch_sentences) *
         static_cast<std::size_t>(options.threads);
}

}  // namespace heed::app
