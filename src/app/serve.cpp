#include <fmt/format.h>
#include <fmt/ranges.h>

#include <csignal>
#include <filesystem>
#include <future>
#include <memory>
#include <set>

#include "commands.h"
#include "common_options.h"
#include "heed/base/error.h"
#include "heed/serve/server.h"
#include "messages.h"

namespace heed::app {
namespace {

struct ServeCommand {
  std::vector<std::string> models;
  std::vector<std::string> held_out;
  std::string precision;
  double grace = 30;
  ServeOptions options;

  void run(const CLI::App& command) const;
};

std::vector<std::string> split(const std::string& text, char by) {
  std::vector<std::string> out;
  std::size_t begin = 0;
  for (std::size_t end = 0; end != std::string::npos; begin = end + 1) {
    end = text.find(by, begin);
    out.push_back(text.substr(begin, end - begin));
  }
  return out;
}

/// What stands before the '=' of "en-fr=runs/1", and behind it; of "runs/en-fr" nothing, and all.
std::pair<std::string, std::string> named(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || text.find('/') < equals) return {"", text};
  return {text.substr(0, equals), text.substr(equals + 1)};
}

/// "runs/en-fr", "en-fr=runs/1", "en-fr=runs/1,runs/2".
ServedModel model_of(const std::string& text) {
  const auto [name, directories] = named(text);
  ServedModel out{.name = name, .directories = split(directories, ',')};
  for (const std::string& directory : out.directories) {
    if (directory.empty())
      throw UsageError(fmt::format("--model {}: no directory; expected [NAME=]DIR[,DIR...]", text));
  }
  if (text.starts_with('=')) throw UsageError(fmt::format("--model {}: no name; expected [NAME=]DIR[,DIR...]", text));
  if (out.name.empty()) {
    const std::filesystem::path directory = std::filesystem::absolute(out.directories.front()).lexically_normal();
    out.name = directory.has_filename() ? directory.filename() : directory.parent_path().filename();
  }
  return out;
}

std::vector<ServedModel> models_of(const std::vector<std::string>& texts) {
  std::vector<ServedModel> out;
  std::set<std::string> names;
  for (const std::string& text : texts) {
    out.push_back(model_of(text));
    if (!names.insert(out.back().name).second) {
      throw UsageError(
          fmt::format("--model {}: another model is named '{}'; give them names: NAME=DIR", text, out.back().name));
    }
  }
  return out;
}

/// "dev.en,dev.fr", "dev.tsv", "en-fr=dev.en,dev.fr".
HeldOutFiles held_out_of(const std::string& text) {
  const auto [model, files] = named(text);
  const std::vector<std::string> names = split(files, ',');
  if (names.size() > 2 || std::ranges::any_of(names, &std::string::empty))
    throw UsageError(fmt::format("--held-out {}: expected [NAME=]SOURCE,TARGET or [NAME=]FILE.tsv", text));
  return {.model = model, .source = names.front(), .target = names.size() == 2 ? names.back() : ""};
}

/// Signals that are waited for: every thread that is started from now on leaves them to this one.
sigset_t held_signals() {
  sigset_t out;
  sigemptyset(&out);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&out, signal);
  pthread_sigmask(SIG_BLOCK, &out, nullptr);
  return out;
}

/// Ends when all is answered, or at once at a second signal.
void stop(std::unique_ptr<Server> server, const sigset_t& signals, double grace) {
  tell("heed: serve: stopping, when what has come is answered\n");
  const auto stopped = std::async(std::launch::async, [&] {
    server->stop(std::chrono::milliseconds(static_cast<long>(1000 * grace)));
    server.reset();
  });
  constexpr timespec kMoment = {.tv_sec = 0, .tv_nsec = 20'000'000};
  while (stopped.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
    const int signal = sigtimedwait(&signals, nullptr, &kMoment);
    if (signal == SIGINT || signal == SIGTERM) _exit(128 + signal);
  }
}

void ServeCommand::run(const CLI::App& command) const {
  for (const char* flag : {"--held-out", "--forget", "--learn-rate", "--projects"})
    refuse_idle(command, flag, options.learn.folder.empty(), "without --learn, which is off");
  if (models.empty() && options.folder.empty())
    throw UsageError("--model or --models: what is to be served is missing");
  if (options.certificate.empty() != options.certificate_key.empty())
    throw UsageError("--tls-certificate and --tls-key: each needs the other");
  ServeOptions how = options;
  how.models = models_of(models);
  for (const std::string& text : held_out) how.learn.held_out.push_back(held_out_of(text));
  how.precision = chosen_precision(precision);
  const sigset_t signals = held_signals();
  auto server = std::make_unique<Server>(
      how, [](const std::string& text) { tell(fmt::format("heed: serve: {}\n", one_line(text))); });
  const std::vector<std::string> names = server->model_names();
  tell(
      one_line(fmt::format("heed: serving {} at {}",
                           names.empty() ? "no model yet" : fmt::format("{}", fmt::join(names, ", ")), server->url())) +
      "\n");
  while (true) {
    int signal = 0;
    sigwait(&signals, &signal);
    if (signal != SIGHUP) break;
    server->reload();
  }
  stop(std::move(server), signals, grace);
}

void add_models(CLI::App& command, ServeCommand& to) {
  command
      .add_option("-m,--model", to.models,
                  "directory of a trained model, which is served by the name of the directory, or by the one given; "
                  "several directories are an ensemble; to be given for each model")
      ->type_name("[NAME=]DIR[,DIR...]")
      ->allow_extra_args(false);
  command
      .add_option("--models", to.options.folder,
                  "folder of which each bundle is served, by the name of its directory; what comes, changes and goes "
                  "there is loaded, loaded anew and dropped")
      ->type_name("DIR")
      ->check(is_named());
  add_precision(command, to.precision);
}

void add_listening(CLI::App& command, ServeOptions& to) {
  command.add_option("--host", to.address, "address to listen on; 0.0.0.0: all of this machine")
      ->check(is_named())
      ->capture_default_str();
  command.add_option("--port", to.port, "its port; 0: any that is free")
      ->check(in_range(0, 65535))
      ->capture_default_str();
  command.add_option("--admin", to.admin, "path of a socket where models are loaded and dropped, for this user alone")
      ->type_name("PATH")
      ->check(is_named());
  command.add_option("--tls-certificate", to.certificate, "file of the certificate, in PEM: answer over TLS")
      ->type_name("FILE")
      ->check(is_named());
  command.add_option("--tls-key", to.certificate_key, "file of its key, in PEM")->type_name("FILE")->check(is_named());
  command.add_option("--keys", to.keys, "file of API keys, lines 'NAME KEY': only who sends one is answered")
      ->type_name("FILE")
      ->check(is_named());
  command
      .add_option("--cors", to.origins, "origin whose pages may ask, as https://example.org, or *; may be given again")
      ->type_name("ORIGIN")
      ->allow_extra_args(false);
  command
      .add_option("--access-log", to.access_log, "file that gets a line of JSON for each request; -: standard output")
      ->type_name("FILE")
      ->check(is_named());
}

void add_work(CLI::App& command, ServeOptions& to) {
  add_threads(command, to.threads);
  add_batch(command, to.batch_sentences);
  command
      .add_option("--batch-wait", to.batch_wait,
                  "milliseconds that a sentence waits for others, where there are fewer; 0: it is taken as soon as a "
                  "thread is free")
      ->check(in_range(0.0, 10000.0))
      ->capture_default_str();
}

void add_learning(CLI::App& command, ServeCommand& to) {
  LearnOptions& learn = to.options.learn;
  command
      .add_option("--learn", learn.folder,
                  "folder where corrections are kept (POST /feedback), with a copy of the model for each project that "
                  "gives some, which learns from them")
      ->type_name("DIR")
      ->check(is_named());
  command
      .add_option("--held-out", to.held_out,
                  "pairs that tell what a copy forgets, the first 200 of two files or one of columns; to be given for "
                  "each model (default: the validation text of its training)")
      ->type_name("[NAME=]SOURCE,TARGET")
      ->allow_extra_args(false);
  command
      .add_option("--forget", learn.forget,
                  "per cent by which perplexity and errors of the held-out pairs may rise; what would make them rise "
                  "more is not learnt")
      ->check(in_range(0.0, 10000.0))
      ->capture_default_str();
  command.add_option("--learn-rate", learn.rate, "learning rate of the copies, by gradient descent")
      ->check(in_range(1e-6, 10.0))
      ->capture_default_str();
  command.add_option("--projects", learn.projects, "copies, at most")
      ->check(in_range(1, 100'000))
      ->capture_default_str();
}

void add_limits(CLI::App& command, ServeCommand& command_options) {
  ServeOptions& to = command_options.options;
  const auto add = [&](const char* flag, int& value, int most, const char* help) {
    command.add_option(flag, value, help)->check(in_range(1, most))->capture_default_str();
  };
  add("--queue", to.queue_sentences, 1'000'000, "sentences that wait for a thread; more are refused: 429");
  add("--max-sentences", to.most_sentences, 1'000'000, "sentences of a request");
  add("--max-length", to.most_tokens, 100'000, "tokens of a source sentence");
  add("--max-beam", to.most_beam, 1000, "hypotheses, and translations of a sentence, that may be asked for");
  add("--max-body", to.most_body, 1 << 30, "bytes of a request");
  add("--connections", to.connections, 1'000'000, "that are open at once");
  command
      .add_option("--timeout", to.timeout,
                  "seconds for an answer, and for the body of a request; what takes longer is refused")
      ->check(in_range(0.1, 86400.0))
      ->capture_default_str();
  command.add_option("--idle-timeout", to.idle_timeout, "seconds until a connection that says nothing is closed")
      ->check(in_range(1, 86400))
      ->capture_default_str();
  command.add_option("--grace", command_options.grace, "seconds to answer what has come, after SIGTERM")
      ->check(in_range(0.0, 86400.0))
      ->capture_default_str();
}

}  // namespace

void add_serve(CLI::App& app) {
  CLI::App* command = app.add_subcommand("serve", "answer over HTTP, for programs and as a live page");
  auto options = std::make_shared<ServeCommand>();
  add_models(*command, *options);
  add_listening(*command, options->options);
  add_work(*command, options->options);
  add_limits(*command, *options);
  add_learning(*command, *options);
  command->footer(
      "POST /translate, /score, /align; GET /models, /metrics, /health, /openapi.json: docs/serve.md. SIGHUP loads\n"
      "models and keys anew; SIGTERM answers what has come, and ends.\n\n"
      "  heed serve --model runs/en-fr\n"
      "  curl --json '{\"source\": \"Insert a new sheet.\"}' http://127.0.0.1:8080/translate");
  command->callback([options, command] { options->run(*command); });
}

}  // namespace heed::app
