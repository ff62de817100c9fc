#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>
#include <utility>

#include "commands.h"
#include "common_options.h"
#include "heed/base/error.h"
#include "heed/base/message.h"
#include "heed/data/data_check.h"
#include "heed/data/tokenizer_choice.h"
#include "heed/model/bundle.h"
#include "heed/model/config.h"
#include "output.h"

namespace heed::app {
namespace {

using Json = nlohmann::ordered_json;

struct DataCheckCommand {
  std::string config;
  std::vector<std::string> set;
  int first = 3;
  std::string output;
  bool json = false;

  void run() const;
};

/// What a training would say of its data.
using Said = std::vector<std::pair<LogLevel, std::string>>;

/// A line of the table: of each corpus if there are several, and of all.
std::string row(const std::string& name, const std::string& then, const std::vector<long>& counts) {
  std::string out = fmt::format("{:<56}{:<11}", name, then);
  for (const long count : counts) {
    if (counts.size() > 1) out += fmt::format("{:>10}", count);
  }
  return out + fmt::format("{:>10}\n", std::accumulate(counts.begin(), counts.end(), 0L));
}

std::string table(const DataCheck& check) {
  std::string out;
  std::string numbers;
  for (std::size_t c = 0; c < check.corpora.size(); ++c) {
    out += check.corpora.size() > 1 ? fmt::format("{}  {}\n", c + 1, check.corpora[c]) : check.corpora[c] + "\n";
    numbers += fmt::format("{:>10}", c + 1);
  }
  if (check.corpora.size() > 1) out += fmt::format("\n{:<67}{}{:>10}\n", "", numbers, "all");
  out += row("lines", "", check.lines);
  for (const DataCheck::Kind& kind : check.kinds) out += row(kind.name, kind.then, kind.counts);
  for (const DataCheck::Kind& kind : check.kinds) {
    if (kind.first.empty() || &kind == &check.kinds.front()) continue;
    out += fmt::format("\n{}:\n", kind.name);
    for (const std::string& line : kind.first) out += "  " + line + "\n";
    if (const long more = kind.sum() - static_cast<long>(kind.first.size()); more > 0)
      out += fmt::format("  and {} more\n", more);
  }
  return out;
}

std::string side_text(const char* name, const DataCheck::Side& side) {
  return fmt::format(
      "{}: {} tokens in the vocabulary; {:.1f} in a sentence, {} in 95 % of them at most, {} in the longest; {:.2f} % "
      "unknown, {:.2f} % in validation\n",
      name, side.vocabulary, side.mean, side.percentile_95, side.most, 100 * side.unknown,
      100 * side.validation_unknown);
}

std::string to_text(const DataCheck& check, const Said& said) {
  std::string out = table(check) + "\n";
  for (const auto& [level, text] : said) out += (level == LogLevel::kWarning ? "warning: " : "") + text + "\n";
  if (check.source.vocabulary > 0) {
    out += side_text("source", check.source) + side_text("target", check.target);
    out += fmt::format("validation: {}\n", count_of(static_cast<std::size_t>(check.validation_pairs), "pair"));
  }
  return out;
}

Json to_json(const DataCheck::Side& side) {
  return {{"vocabulary", side.vocabulary},
          {"mean", side.mean},
          {"percentile_95", side.percentile_95},
          {"most", side.most},
          {"unknown", side.unknown},
          {"validation_unknown", side.validation_unknown}};
}

std::string to_json(const DataCheck& check, const Said& said) {
  Json out = {{"corpora", check.corpora}, {"lines", check.lines}, {"kinds", Json::array()}, {"said", Json::array()}};
  for (const DataCheck::Kind& kind : check.kinds) {
    out["kinds"].push_back({{"name", kind.name}, {"then", kind.then}, {"counts", kind.counts}, {"first", kind.first}});
  }
  for (const auto& [level, text] : said) {
    out["said"].push_back({{"level", level == LogLevel::kWarning ? "warning" : "info"}, {"text", text}});
  }
  out["source"] = to_json(check.source);
  out["target"] = to_json(check.target);
  out["validation_pairs"] = check.validation_pairs;
  out["faults"] = check.faults;
  return out.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

void DataCheckCommand::run() const {
  Config loaded = Config::load(config, set);
  const TrainingOptions& training = loaded.training;
  Said said;
  const LogSink log = [&](LogLevel level, std::string_view text) { said.emplace_back(level, text); };
  choose_tokenizers(loaded.data, loaded.cuts_alike(), log);
  loaded.check_effect();
  const auto fits = [&](const TextSide& source, const TextSide& target) { check_tied(loaded.model, source, target); };
  const DataCheck check =
      check_data(loaded.data, training.start_from.kept_vocabulary(), static_cast<std::size_t>(first), log, fits);
  Output out(output, {config});
  out.write(json ? to_json(check, said) : to_text(check, said));
  out.finish();
  if (!check.faults.empty()) throw Error(fmt::format("nothing can be trained: {}", check.faults.back()));
}

}  // namespace

void add_data(CLI::App& app) {
  CLI::App* data = app.add_subcommand("data", "look at the texts of a training");
  data->require_subcommand(1);
  CLI::App* command = data->add_subcommand("check", "what a training would leave out, refuse or change, and where");
  auto options = std::make_shared<DataCheckCommand>();
  command->add_option("config", options->config, "YAML file of the training")->type_name("FILE")->required();
  command->add_option("--set", options->set, "KEY=VALUE instead of what the file says; can be given several times")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  command->add_option("--first", options->first, "lines of each kind that are named")
      ->check(in_range(0, 1000000))
      ->capture_default_str();
  add_output(*command, options->output);
  add_json_format(*command, options->json, "json");
  command->footer(
      "Counts every pair by what becomes of it, in the words of the training's log, and ends with status 0 if\n"
      "`heed train` could train on them, 1 if not.");
  command->callback([options] { options->run(); });
  add_data_cache(*data);
}

}  // namespace heed::app
