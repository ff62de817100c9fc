#include <fmt/format.h>

#include <memory>

#include "cache_advice.h"
#include "commands.h"
#include "common_options.h"
#include "heed/base/error.h"
#include "heed/base/message.h"
#include "heed/base/processors.h"
#include "heed/base/shell_text.h"
#include "heed/data/pair_cache.h"
#include "heed/data/tokenizer_choice.h"
#include "heed/model/config.h"
#include "heed/model/output.h"
#include "messages.h"
#include "output.h"
#include "stop_signals.h"

namespace heed::app {
namespace {

struct DataCacheCommand {
  std::string config;
  std::vector<std::string> set;
  bool check = false;
  bool replace = false;

  void run() const {
    Config loaded = Config::load(config, set);
    loaded.check();
    loaded.check_effect();
    settle_output(loaded.model);
    loaded.data.settle_cache(loaded.output);
    if (loaded.data.cache.empty()) {
      throw UsageError("data.cache names no folder: --set data.cache=FOLDER, or auto for the folder data in the output",
                       {.key = "data.cache"});
    }
    const LogSink log = [](LogLevel level, std::string_view text) {
      tell((level == LogLevel::kWarning ? "warning: " : "") + one_line(text) + "\n");
    };
    if (!check) {
      tell_at_stop(fmt::format("heed: data cache: stopped: go on with `{}`{}\n",
                               shell_text(make_cache_command(config, set, "", false)),
                               replace ? ", or again with --replace, if the old cache is still there" : ""));
    }
    if (!check || is_cache(loaded.data.cache)) choose_tokenizers(loaded.data, loaded.cuts_alike(), log);
    const auto cache = or_advise_cache(config, set, "", [&] { return open(loaded, log); });
    Output out("");
    out.write(fmt::format("{}: {} in {}, {}\n", cache->folder().string(),
                          count_of(static_cast<std::size_t>(cache->pairs()), "pair"), count_of(cache->parts(), "part"),
                          check ? "all as they were written" : "ready"));
    out.finish();
  }

 private:
  std::shared_ptr<const PairCache> open(const Config& loaded, const LogSink& log) const {
    const int threads = loaded.training.threads > 0 ? loaded.training.threads : usable_processors();
    std::shared_ptr<const PairCache> out = PairCache::open({.options = loaded.data,
                                                            .copies = output_kind(loaded.model).copies,
                                                            .bundle = loaded.training.start_from.kept_vocabulary(),
                                                            .threads = threads,
                                                            .replaces = replace,
                                                            .only_reads = check},
                                                           log);
    if (check) out->check();
    return out;
  }
};

}  // namespace

void add_data_cache(CLI::App& data) {
  CLI::App* command = data.add_subcommand("cache", "make the cache of a training's data (data.cache) beforehand");
  auto options = std::make_shared<DataCacheCommand>();
  command->add_option("config", options->config, "YAML file of the training")->type_name("FILE")->required();
  command->add_option("--set", options->set, "KEY=VALUE instead of what the file says; can be given several times")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  CLI::Option* check =
      command->add_flag("--check", options->check, "read all of a cache that is there, and compare its checksums");
  command->add_flag("--replace", options->replace, "make it anew where there is one, whatever it was made of")
      ->excludes(check);
  command->footer(
      "Cut off, it goes on where it was when it is called again. `heed train` makes a cache that is missing itself.");
  command->callback([options] { options->run(); });
}

}  // namespace heed::app
