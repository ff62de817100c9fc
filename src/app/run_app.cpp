#include "heed/app/run_app.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <new>
#include <span>
#include <sstream>
#include <system_error>
#include <thread>

#include "command_tree.h"
#include "commands.h"
#include "heed/base/address_space.h"
#include "heed/base/error.h"
#include "heed/base/nearest.h"
#include "heed/base/settings.h"
#include "heed/base/version.h"
#include "heed/model/config.h"
#include "heed/ranks/ranks.h"
#include "help.h"
#include "manual.h"
#include "messages.h"
#include "output.h"
#include "stop_signals.h"

namespace heed::app {
namespace {

constexpr int kFailed = 1;
constexpr int kWrongUsage = 2;
// mpirun ends all processes as soon as one has ended: whoever tells why is given time for it.
constexpr std::chrono::milliseconds kToTell(300);

/// " translate", " bench train" or "".
std::string command_of(const CLI::App& app) {
  std::string out;
  for (const CLI::App* at = &app; !at->get_subcommands().empty();) {
    at = at->get_subcommands().front();
    out += " " + at->get_name();
  }
  return out;
}

const CLI::App& deepest(const CLI::App& app) {
  const CLI::App* at = &app;
  while (!at->get_subcommands().empty()) at = at->get_subcommands().front();
  return *at;
}

/// One line of bounded length, whatever a file or an exception had in it.
void complain(const CLI::App& app, std::string_view message) {
  const std::string command = command_of(app);
  tell(fmt::format("heed:{}{} {}\n", command, command.empty() ? "" : ":", one_line(message)));
}

bool is_training(const CLI::App& command) { return command.get_name() == "train"; }

/// Much that is an option of other toolkits is a key of the config here.
std::string option_hint(const CLI::App& command, const std::string& word, const std::vector<std::string>& options) {
  if (!is_training(command)) return did_you_mean(word, options);
  Config config;
  std::vector<std::string> all = config.settings().keys();
  all.insert(all.end(), options.begin(), options.end());
  std::string hint = did_you_mean(word.substr(0, word.find('=')), all);
  if (const std::size_t key = hint.find(" '"); key != std::string::npos && hint[key + 2] != '-') {
    hint.insert(key + 2, "--set ");
  }
  return hint;
}

/// What a word that nobody expected could have been: an option or a command.
std::string unexpected(const CLI::App& command, const std::string& word) {
  std::vector<std::string> known;
  if (word.starts_with('-')) {
    for (const CLI::Option* option : command.get_options()) {
      for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
    }
    return fmt::format("unknown option '{}'{}", word, option_hint(command, word, known));
  }
  for (const CLI::App* sub : command.get_subcommands([](const CLI::App*) { return true; }))
    known.push_back(sub->get_name());
  if (known.empty()) return fmt::format("unexpected argument '{}'", word);
  return fmt::format("unknown command '{}'{}", word, did_you_mean(word, known));
}

/// What has no value, or one too many, in words of ours: CLI11's tell the type.
std::string mismatch(const CLI::ArgumentMismatch& error) {
  std::string text = error.what();  // "--beam: At Most 1 required but received 2", "--beam: 1 required INT missing"
  const std::string option = text.substr(0, text.find(':'));
  if (text.ends_with(" missing")) return option + ": a value is missing";
  const std::size_t count = text.rfind(' ');
  if (text.find("At Most 1 ") == text.npos || count == text.npos) return text;
  return fmt::format("{}: is given {} times; it has one value", option, text.substr(count + 1));
}

std::string explain(const CLI::App& app, const CLI::ParseError& error) {
  const std::string help = fmt::format(" (see heed{} --help)", command_of(app));
  const std::vector<std::string> rest = app.remaining(true);
  const bool wants_command = deepest(app).get_require_subcommand_min() > 0;
  // What is missing is often what was misspelt.
  const bool misspelt = wants_command || dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr ||
                        dynamic_cast<const CLI::RequiredError*>(&error) != nullptr;
  if (misspelt && !rest.empty()) return unexpected(deepest(app), rest.front()) + help;
  if (wants_command) return "a command is missing" + help;
  const auto* counts = dynamic_cast<const CLI::ArgumentMismatch*>(&error);
  return (counts != nullptr ? mismatch(*counts) : error.what()) + help;
}

/// What would need less, where something would.
std::string out_of_memory(const CLI::App& app) {
  const CLI::App& command = deepest(app);
  const CLI::Option* batch = command.get_option_no_throw("--batch");
  const bool may_be_smaller =
      batch != nullptr && (batch->count() > 0 ? batch->results().back() : batch->get_default_str()) != "1";
  const char* advice = may_be_smaller ? "; a smaller --batch needs less"
                       : is_training(command)
                           ? "; a smaller training.batch_sentences, or a larger training.accumulate, needs less"
                           : "";
  return "not enough memory" + address_limit() + advice;
}

/// `heed help bench train` says what `heed bench train --help` says; with --man as a manual page.
void explain_command(const CLI::App& app, std::span<char*> words) {
  const bool as_page = !words.empty() && std::string_view(words.front()) == "--man";
  const Command tree = command_tree(app);
  const Command* described = &tree;
  const CLI::App* command = &app;
  std::string above;
  for (const char* word : as_page ? words.subspan(1) : words) {
    const auto found = command->get_subcommands([&](const CLI::App* sub) { return sub->get_name() == word; });
    if (found.empty()) throw UsageError("help: " + unexpected(*command, word));
    above += (above.empty() ? "" : " ") + command->get_name();
    command = found.front();
    described = &*std::ranges::find(described->commands, word, &Command::name);
  }
  Output("").write(as_page ? manual_page(*described) : command->help(above));
}

void parse_and_run(CLI::App& app, int argc, char** argv) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {  // --help, --version
    std::ostringstream text;
    app.exit(success, text, text);
    Output("").write(text.str());
  }
}

/// As other filters end where `| head` has enough: by SIGPIPE, unless the caller ignores that.
int end_for_reader(const CLI::App& app, const ReaderGone& error, bool ignored) {
  if (!ignored) {
    std::signal(SIGPIPE, SIG_DFL);
    std::raise(SIGPIPE);
  }
  complain(app, error.what());
  return kFailed;
}

int run(CLI::App& app, int argc, char** argv) {
  // A reader that went away is an error of writing, so that nothing is left behind.
  // So is a file that grows over the limit on its size.
  std::signal(SIGXFSZ, SIG_IGN);
  const bool ignores_pipe = std::signal(SIGPIPE, SIG_IGN) == SIG_IGN;
  try {
    if (argc > 1 && std::string_view(argv[1]) == "help") {
      explain_command(app, std::span(argv + 2, static_cast<std::size_t>(argc) - 2));
    } else {
      parse_and_run(app, argc, argv);
    }
  } catch (const CLI::ParseError& error) {
    complain(app, explain(app, error));
    return kWrongUsage;
  } catch (const UsageError& error) {
    complain(app, error.what());
    return kWrongUsage;
  } catch (const Interrupted& error) {
    complain(app, error.what());
    return 128 + stop_signal();
  } catch (const EndedElsewhere& end) {
    std::this_thread::sleep_for(kToTell);
    return end.status();
  } catch (const ReaderGone& error) {
    return end_for_reader(app, error, ignores_pipe);
  } catch (const std::bad_alloc&) {
    complain(app, out_of_memory(app));
    return kFailed;
  } catch (const std::filesystem::filesystem_error& error) {
    complain(app, fmt::format("'{}': {}", error.path1().string(), error.code().message()));
    return kFailed;
  } catch (const std::system_error& error) {
    const bool thread = error.code() == std::errc::resource_unavailable_try_again;
    complain(app, (thread ? "cannot start a thread: " : "") + error.code().message() + address_limit());
    return kFailed;
  } catch (const std::exception& error) {
    complain(app, error.what());
    return kFailed;
  }
  return 0;
}

}  // namespace
}  // namespace heed::app

int heed::run_app(int argc, char** argv) {
  app::keep_standard_streams();
  share_a_heap_in_limited_space();
  CLI::App program(
      "heed: train attentional LSTM sequence-to-sequence models, translate with them, and see what they attend to",
      "heed");
  program.set_version_flag("--version", std::string("heed ") + kVersion);
  program.require_subcommand(1);
  program.formatter(std::make_shared<app::HelpFormatter>());
  program.footer(
      "`heed help COMMAND` or `heed COMMAND --help` explains a command, `heed help --man COMMAND` as a manual page. "
      "Text is UTF-8, one sentence a line; '-' is "
      "standard input or output.\n"
      "Exit status: 0 done, 1 a failure, 2 a wrong command line or config, 128 + N ended by signal N.");
  app::add_train(program);
  app::add_translate(program);
  app::add_distill(program);
  app::add_score(program);
  app::add_rescore(program);
  app::add_align(program);
  app::add_evaluate(program);
  app::add_view(program);
  app::add_report(program);
  app::add_probe(program);
  app::add_serve(program);
  app::add_info(program);
  app::add_list(program);
  app::add_average(program);
  app::add_quantize(program);
  app::add_export(program);
  app::add_shortlist(program);
  app::add_tokenize(program);
  app::add_detokenize(program);
  app::add_data(program);
  app::add_bench(program);
  app::add_completion(program);
  return app::run(program, argc, argv);
}
