#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "commands.h"
#include "common_options.h"
#include "heed/base/error.h"
#include "heed/base/nearest.h"
#include "heed/base/settings.h"
#include "heed/metrics/registry.h"
#include "heed/model/bridge.h"
#include "heed/model/config.h"
#include "heed/model/output.h"
#include "heed/nn/attention.h"
#include "heed/optim/optimizer.h"
#include "heed/text/tokenizer.h"
#include "output.h"

namespace heed::app {
namespace {

struct Row {
  std::string name;
  std::string description;
};

/// Of a table whose lines have a name, a description and a paper, which may be empty.
template <typename Kinds>
std::vector<Row> rows_of(const Kinds& kinds) {
  std::vector<Row> out;
  for (const auto& kind : kinds) {
    out.push_back({kind.name, kind.description + (kind.paper.empty() ? "" : " (" + kind.paper + ")")});
  }
  return out;
}

/// What each mechanism reads of model.attention, beside what is of all.
std::vector<Row> attention_options() {
  std::vector<Row> out;
  for (const auto& kind : attention_kinds()) {
    out.push_back({kind.name, fmt::format("{}", fmt::join(options_read(kind, {}), " "))});
  }
  return out;
}

std::vector<Row> tokenizers() {
  const std::vector<Row> known = {
      {"words", "letters, digits and punctuation apart; the joiner U+FFED marks where no space stood"},
      {"characters", "code points; a space is U+2581"},
      {"spaces", "split at white space, for tokenised text"},
      {"sentencepiece", "pieces of words, learnt from the training text (Kudo and Richardson 2018)"},
  };
  std::vector<Row> out = {{kAuto,
                           "chosen for a training: spaces for few symbols, characters for single words, or "
                           "sentencepiece"}};
  for (const std::string& name : tokenizer_kinds()) {
    const auto found = std::find_if(known.begin(), known.end(), [&](const Row& row) { return row.name == name; });
    out.push_back(found == known.end() ? Row{name, ""} : *found);
  }
  return out;
}

std::string to_text(const std::vector<Row>& rows) {
  std::size_t width = 0;
  for (const Row& row : rows) width = std::max(width, row.name.size());
  std::string out;
  for (const Row& row : rows) out += fmt::format("{:<{}}  {}\n", row.name, width, row.description);
  return out;
}

struct Topic {
  const char* name;
  const char* description;
  std::string (*text)();
};

const std::vector<Topic>& topics() {
  static const std::vector<Topic> all = {
      {"attentions", "values of model.attention.kind", [] { return to_text(rows_of(attention_kinds())); }},
      {"attention-options",
       "the keys of model.attention that each kind reads, beside kind, entry, layers, source, hops, combine",
       [] { return to_text(attention_options()); }},
      {"normalizers", "values of model.attention.normalizer", [] { return to_text(rows_of(normalizer_kinds())); }},
      {"cells", "values of model.encoder.cell and model.decoder.cell", [] { return to_text(rows_of(cell_kinds())); }},
      {"bridges", "values of model.decoder.bridge", [] { return to_text(rows_of(bridge_kinds())); }},
      {"outputs", "values of model.output", [] { return to_text(rows_of(output_kinds())); }},
      {"optimizers", "values of training.optimizer.kind", [] { return to_text(rows_of(optimizer_kinds())); }},
      {"metrics", "names for heed evaluate --metrics", [] { return to_text(rows_of(metric_table())); }},
      {"tokenizers", "values of data.source.tokenizer and data.target.tokenizer", [] { return to_text(tokenizers()); }},
      {"settings", "every key of a config file, with its default",
       [] {
         Config config;
         return config.settings().describe();
       }},
  };
  return all;
}

void list(const std::string& what, const std::string& output) {
  std::vector<Row> rows;
  std::vector<std::string> names;
  Output out(output);
  const auto write = [&](const std::string& text) {
    out.write(text);
    out.finish();
  };
  for (const Topic& topic : topics()) {
    if (what == topic.name) return write(topic.text());
    rows.push_back({topic.name, topic.description});
    names.emplace_back(topic.name);
  }
  if (what.empty()) return write(to_text(rows));
  throw UsageError(
      fmt::format("unknown list '{}'; known are {}{}", what, fmt::join(names, ", "), did_you_mean(what, names)));
}

}  // namespace

void add_list(CLI::App& app) {
  CLI::App* command = app.add_subcommand("list", "what there is to choose from: attentions, optimizers, metrics, ...");
  auto what = std::make_shared<std::string>();
  auto output = std::make_shared<std::string>();
  std::vector<std::string> names;
  for (const Topic& topic : topics()) names.emplace_back(topic.name);
  const std::string last = names.back();
  names.pop_back();
  command->add_option("what", *what, fmt::format("{} or {}; without it, these names", fmt::join(names, ", "), last));
  add_output(*command, *output);
  command->callback([what, output] { list(*what, *output); });
}

}  // namespace heed::app
