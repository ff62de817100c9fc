#include "translating.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <memory>

#include "common_options.h"
#include "heed/base/error.h"
#include "heed/base/utf8.h"
#include "heed/data/lines.h"
#include "heed/model/seq2seq.h"
#include "heed/translate/constraints.h"
#include "heed/translate/shortlist.h"
#include "messages.h"

namespace heed::app {
namespace {

// Batches of a worker that are made from the lines read so far, before their answers are written: enough that sentences
// of like length meet, few enough that answers come early.
constexpr std::size_t kBatchesInBlock = 8;

constexpr std::array<std::pair<const char*, CoverageScore>, 2> kCoverageScores = {
    {{"gnmt", CoverageScore::kGnmt}, {"summary", CoverageScore::kSummary}}};
constexpr std::array<std::pair<const char*, StopRule>, 3> kStopRules = {
    {{"bound", StopRule::kBound}, {"first", StopRule::kFirst}, {"all", StopRule::kAll}}};

/// One of some words; the one that means what the value is is the default.
template <typename Value, std::size_t kCount>
void add_choice(CLI::App& command, const char* flag, Value& value,
                const std::array<std::pair<const char*, Value>, kCount>& words, const char* help) {
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

/// The lines of a file that are not blank.
std::vector<std::string> read_phrases(const std::string& path) {
  std::vector<std::string> out = read_lines(path);
  std::erase_if(out, [](const std::string& line) { return utf8::is_blank(line); });
  return out;
}

}  // namespace

void TranslatingCommand::add_search(CLI::App& command) {
  command.add_option("--beam", options.beam, "hypotheses that are kept at each step; 1 is greedy search, the fastest")
      ->check(in_range(1, 1000))
      ->capture_default_str();
  add_ranking(command);
  add_beam(command);
  add_sampling(command);
  add_rules(command);
}

void TranslatingCommand::add_ranking(CLI::App& command) {
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
  command
      .add_option("--coverage-penalty", options.ranking.coverage_penalty,
                  "factor of what the attention of a finished hypothesis adds to its score; 0: nothing")
      ->check(in_range(0.0, 100.0))
      ->capture_default_str();
  add_choice(command, "--coverage", options.ranking.coverage, kCoverageScores,
             "what costs with --coverage-penalty: source tokens that are attended to less than once, or more");
}

void TranslatingCommand::add_beam(CLI::App& command) {
  add_choice(command, "--stop", options.ranking.stop, kStopRules,
             "when a search ends: nothing can be better than what is finished, the first --nbest are finished, or as "
             "many as --patience allows");
  command
      .add_option("--patience", options.ranking.patience,
                  "so many times --beam hypotheses are followed to their end at most")
      ->check(in_range(0.001, 1000.0))
      ->capture_default_str();
  command
      .add_option("--prune", options.prune,
                  "drop a hypothesis whose log-probability is so far below the best one's of its step; 0: none")
      ->check(in_range(0.0, 1000.0))
      ->capture_default_str();
  command
      .add_option("--groups", options.groups,
                  "parts of the beam, each of which avoids tokens that those before it take in the same step")
      ->check(in_range(1, 1000))
      ->capture_default_str();
  command.add_option("--diversity", options.diversity, "what such a token costs, for each time it was taken")
      ->check(in_range(0.0, 1000.0))
      ->capture_default_str();
}

void TranslatingCommand::add_sampling(CLI::App& command) {
  command.add_flag("--sample", sample, "draw --nbest answers, each token by its probability, instead of a beam");
  command
      .add_option("--temperature", sampling.temperature,
                  "T of --sample: probabilities to the power of 1/T; less than 1 prefers what is probable")
      ->check(in_range(0.01, 100.0))
      ->capture_default_str();
  command.add_option("--top-k", sampling.top_k, "draw among so many most probable tokens; 0: all")
      ->check(in_range(0, 1000000))
      ->capture_default_str();
  command.add_option("--top-p", sampling.top_p, "draw among the fewest that have so much of the probability together")
      ->check(in_range(0.0001, 1.0))
      ->capture_default_str();
  command
      .add_option("--min-p", sampling.min_p,
                  "draw among those that have so much of the probability of the most probable one")
      ->check(in_range(0.0, 1.0))
      ->capture_default_str();
  command.add_option("--seed", sampling.seed, "of --sample: another number, other answers")
      ->check(in_range(0, 1000000000))
      ->capture_default_str();
}

void TranslatingCommand::add_rules(CLI::App& command) {
  add_min_length(command, options.min_output);
  command.add_flag("--forbid-unknown", options.forbid_unknown, "never write <unk>");
  command.add_option("--forbid", forbid, "file of phrases, one a line, that no answer has")->type_name("FILE");
  command.add_option("--allowed", allowed, "file of the only answers that there may be, one a line")->type_name("FILE");
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
          "file of `heed shortlist`: compute only likely target tokens of each sentence, which is faster; several "
          "models must read the source alike")
      ->type_name("FILE");
}

void TranslatingCommand::refuse_idle_options(const CLI::App& command) const {
  const char* const without = sample                 ? "with --sample, which draws"
                              : options.alternatives ? "with --alternatives, which are searched for without a beam"
                                                     : "with --beam 1, which has no other translation to prefer: take "
                                                       "a larger --beam";
  for (const char* flag : {"--stop", "--patience", "--prune", "--groups", "--coverage-penalty"}) {
    refuse_idle(command, flag, has_no_beam(), without);
  }
  refuse_idle(command, "--beam", draws_or_lists(), without);
  for (const char* flag : {"--normalize", "--length-penalty", "--word-reward"}) {
    refuse_idle(command, flag, has_no_beam() && (options.beam == 1 || options.nbest == 1), without);
  }
  refuse_idle(command, "--coverage", options.ranking.coverage_penalty == 0, "without --coverage-penalty");
  refuse_idle(command, "--diversity", options.groups == 1, "without --groups");
  for (const char* flag : {"--temperature", "--top-k", "--top-p", "--min-p", "--seed"}) {
    refuse_idle(command, flag, !sample, "without --sample");
  }
  if (options.beam % options.groups != 0)
    throw UsageError(fmt::format("--groups {}: it must divide --beam, which is {}", options.groups, options.beam));
  const Normalization by = options.ranking.normalization;
  refuse_idle(command, "--length-penalty", by == Normalization::kNone || by == Normalization::kAverage,
              "with --normalize none or average, which know no penalty");
  refuse_idle_models(command);
}

Translator TranslatingCommand::load(bool attention) const { return Translator(load_bundles(attention), ensemble); }

void TranslatingCommand::check_nbest() const {
  if (options.nbest > options.beam && !draws_or_lists())
    throw UsageError(fmt::format("--nbest {}: no more than --beam, which is {}", options.nbest, options.beam));
  if (!draws_or_lists() && std::ceil(options.ranking.patience * options.beam) < options.nbest)
    throw UsageError(fmt::format("--patience {}: of a --beam of {} fewer finish than --nbest, {}",
                                 options.ranking.patience, options.beam, options.nbest));
}

TranslateOptions TranslatingCommand::options_for(const Translator& translator) const {
  TranslateOptions out = options;
  if (sample) out.sampling = sampling;
  const Bundle& bundle = translator.bundle();
  if (!shortlist.empty()) {
    check_serves_shortlist(*bundle.model);
    out.shortlist = std::make_shared<Shortlist>(Shortlist::load(shortlist, bundle.source, bundle.target));
  }
  if (!forbid.empty()) {
    const std::vector<std::string> phrases = read_phrases(forbid);
    out.forbidden = std::make_shared<ForbiddenPhrases>(bundle.target, phrases);
  }
  if (!allowed.empty()) {
    const std::vector<std::string> answers = read_phrases(allowed);
    if (answers.empty()) throw Error(shown(allowed) + " has no answer");
    out.allowed = std::make_shared<AllowedOutputs>(bundle.target, answers);
    if (const auto& left_out = out.allowed->left_out(); !left_out.empty()) {
      warn(
          fmt::format("{} of {} answers of --allowed have tokens that the model lacks, so that it never gives them: "
                      "'{}' is the first",
                      left_out.size(), answers.size(), answers[left_out.front()]));
    }
  }
  return out;
}

std::size_t TranslatingCommand::block_sentences() const {
  return kBatchesInBlock * static_cast<std::size_t>(options.batch_sentences) *
         static_cast<std::size_t>(options.threads);
}

}  // namespace heed::app
