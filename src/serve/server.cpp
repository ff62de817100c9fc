#include "heed/serve/server.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "access_log.h"
#include "admin.h"
#include "api.h"
#include "api_keys.h"
#include "feedback.h"
#include "heed/base/error.h"
#include "heed/base/regular_file.h"
#include "held_out.h"
#include "http_server.h"
#include "page.h"

namespace heed {
namespace {

/// "http://localhost:8080": "localhost".
std::string_view host_of(std::string_view origin) {
  if (const std::size_t scheme = origin.find("://"); scheme != origin.npos) origin.remove_prefix(scheme + 3);
  if (origin.starts_with('[')) return origin.substr(1, origin.find(']') - 1);
  return origin.substr(0, origin.find(':'));
}

constexpr std::array<std::string_view, 2> kLoopbackNames = {"localhost", "::1"};

bool is_loopback(std::string_view host) {
  return host.starts_with("127.") || std::ranges::find(kLoopbackNames, host) != kLoopbackNames.end();
}

}  // namespace

namespace serve {
namespace {

// How often calls that take too long are looked for.
constexpr std::chrono::milliseconds kTick{100};
constexpr std::chrono::milliseconds kLastWords{1000};  // for answers to reach who reads

QueueOptions queue_options(const ServeOptions& options) {
  return {.threads = options.threads,
          .batch = options.batch_sentences,
          .batch_wait = std::chrono::microseconds(static_cast<long>(1000 * options.batch_wait)),
          .most_lines = static_cast<std::size_t>(options.queue_sentences),
          .most_tokens = options.most_tokens};
}

RequestLimits request_limits(const ServeOptions& options) {
  return {.beam = options.most_beam,
          .sentences = static_cast<std::size_t>(options.most_sentences),
          .time = std::chrono::milliseconds(static_cast<long>(1000 * options.timeout))};
}

std::string file_text(const std::string& path) { return path.empty() ? "" : read_regular_file(path, kMostOfSmallFile); }

HttpOptions http_options(const ServeOptions& options) {
  return {.most_body = static_cast<std::size_t>(options.most_body),
          .most_bodies = 64 * static_cast<std::size_t>(options.most_body),
          .most_reading = std::chrono::milliseconds(static_cast<long>(1000 * options.timeout)),
          .most_idle = std::chrono::seconds(options.idle_timeout),
          .connections = static_cast<unsigned>(options.connections),
          .certificate = file_text(options.certificate),
          .key = file_text(options.certificate_key)};
}

}  // namespace

/// Calls something again and again.
class Ticker {
 public:
  explicit Ticker(std::function<void()> call)
      : call_(std::move(call)), thread_([this] {
          std::unique_lock lock(mutex_);
          while (!changed_.wait_for(lock, kTick, [this] { return ends_; })) tick();
        }) {}
  ~Ticker() {
    {
      const std::lock_guard lock(mutex_);
      ends_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }
  Ticker(const Ticker&) = delete;
  Ticker& operator=(const Ticker&) = delete;

 private:
  void tick() {
    try {
      call_();
    } catch (const std::bad_alloc&) {  // it is done the next time
    }
  }

  const std::function<void()> call_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ends_ = false;
  std::thread thread_;
};

}  // namespace serve

/// In the order in which they need each other: the last one is the first to go.
struct Server::Parts {
  const ServeOptions options;
  const std::function<void(const std::string&)> tell;
  serve::ApiKeys keys;
  serve::AccessLog log;
  serve::Metrics metrics;
  serve::ModelTable models;
  std::unique_ptr<serve::Watcher> watcher;
  std::unique_ptr<serve::Learner> learner;  // or nullptr
  serve::Router router;
  serve::Router admin_router;
  std::unique_ptr<serve::JobQueue> queue;
  std::atomic<bool> reloads{false};  // soon
  int port = 0;
  std::unique_ptr<serve::HttpServer> http;
  std::unique_ptr<serve::HttpServer> admin;
  std::unique_ptr<serve::Ticker> ticker;

  Parts(ServeOptions given, std::function<void(const std::string&)> to);
  ~Parts();
  std::vector<serve::Route> routes();
  std::optional<serve::HttpResponse> admit(serve::Exchange& exchange) const;
  std::optional<serve::HttpResponse> allow_origin(serve::Exchange& exchange) const;
  bool is_rebound(const serve::Exchange& exchange) const;
  serve::HttpServer::Handlers handlers(const serve::Router& router, bool is_admin);
  void tell_who_does_not_learn() const;
  void reload();
};

Server::Parts::Parts(ServeOptions given, std::function<void(const std::string&)> to)
    : options(std::move(given)),
      tell(std::move(to)),
      keys(options.keys),
      log(options.access_log),
      models(options.precision,
             [this](const serve::Model& model) {
               return options.learn.folder.empty() ? "the server does not learn"
                                                   : serve::why_not_learning(model, options.learn.held_out);
             }),
      router({}),
      admin_router({}) {
  for (const ServedModel& model : options.models) models.load(model);
  watcher = std::make_unique<serve::Watcher>(models, options.folder, tell);
  if (!options.learn.folder.empty()) {
    learner = std::make_unique<serve::Learner>(options.learn, serve::request_limits(options).time,
                                               serve::Learner::Parts{models, *watcher, metrics, tell});
    tell_who_does_not_learn();
  }
  queue = std::make_unique<serve::JobQueue>(serve::queue_options(options), metrics);
  router = serve::Router(routes());
  // What may fail comes first: connections that wait must be answered before their server goes.
  const int socket = serve::listen_on(options.address, options.port);
  port = serve::port_of(socket);
  if (!options.admin.empty()) {
    admin_router = serve::Router(serve::admin_routes(models, *watcher, [this] { reload(); }));
    admin = std::make_unique<serve::HttpServer>(serve::listen_on_path(options.admin), serve::HttpOptions(),
                                                handlers(admin_router, true));
  }
  http = std::make_unique<serve::HttpServer>(socket, serve::http_options(options), handlers(router, false));
  ticker = std::make_unique<serve::Ticker>([this] {
    queue->end_what_is_late();
    http->close_slow_heads();
    if (learner != nullptr) learner->end_what_is_late();
  });
}

Server::Parts::~Parts() {
  // All that waits gets an answer, before the connections are closed: libmicrohttpd ends the process otherwise.
  queue->end();
  if (learner != nullptr) learner->end();
  http->wait_until_sent(serve::kLastWords);
  watcher->end();
  if (!options.admin.empty()) unlink(options.admin.c_str());
}

/// What the first correction would tell too late.
void Server::Parts::tell_who_does_not_learn() const {
  for (const serve::ModelPointer& model : models.all()) {
    if (!model->learns()) tell(fmt::format("model '{}' does not learn: {}", model->name, model->why_not_learning));
  }
  for (const HeldOutFiles& files : options.learn.held_out) {
    if (!files.model.empty() && models.find(files.model) == nullptr)
      tell(fmt::format("there is no model '{}' yet, for which a held-out text is named", files.model));
  }
}

std::vector<serve::Route> Server::Parts::routes() {
  const serve::RequestLimits limits = serve::request_limits(options);
  std::vector<serve::Route> out = serve::Api(models, *queue, limits).routes();
  const auto add = [&](const std::vector<serve::Route>& more) { out.insert(out.end(), more.begin(), more.end()); };
  add(serve::OpenNmtApi(models, *queue, limits).routes());
  if (learner != nullptr) add(serve::FeedbackApi(models, *learner, limits).routes());
  out.push_back({"GET", "/metrics", [this](auto& exchange) {
                   const serve::Gauges now = {queue->waiting(), models.all().size()};
                   exchange->answer({.body = metrics.text(now), .type = "text/plain; version=0.0.4; charset=utf-8"});
                 }});
  out.push_back({"GET", "/", [](const serve::ExchangePointer& exchange) { exchange->answer(serve::page()); }, true});
  return out;
}

/// Whether a browser asks for a page of a name that leads to this machine by its own will (DNS rebinding).
bool Server::Parts::is_rebound(const serve::Exchange& exchange) const {
  const std::string_view origin = exchange.request.header("origin");
  if (!is_loopback(options.address) || origin.empty()) return false;
  return std::ranges::find(options.origins, "*") == options.origins.end() &&
         std::ranges::find(options.origins, origin) == options.origins.end() && !is_loopback(host_of(origin));
}

/// CORS, the Fetch standard's. Pages of other sites may only ask what they are allowed to.
std::optional<serve::HttpResponse> Server::Parts::allow_origin(serve::Exchange& exchange) const {
  const std::string origin(exchange.request.header("origin"));
  if (origin.empty() || options.origins.empty()) return std::nullopt;
  const bool all = std::ranges::find(options.origins, "*") != options.origins.end();
  exchange.headers.emplace_back("Vary", "Origin");
  if (!all && std::ranges::find(options.origins, origin) == options.origins.end()) return std::nullopt;
  exchange.headers.emplace_back("Access-Control-Allow-Origin", all ? "*" : origin);
  if (exchange.request.method != "OPTIONS") return std::nullopt;
  exchange.headers.emplace_back("Access-Control-Allow-Methods", router.methods_of(exchange.request));
  exchange.headers.emplace_back("Access-Control-Allow-Headers", "Authorization, Content-Type");
  exchange.headers.emplace_back("Access-Control-Max-Age", "600");
  return serve::HttpResponse{.status = 204};
}

std::optional<serve::HttpResponse> Server::Parts::admit(serve::Exchange& exchange) const {
  exchange.headers.emplace_back("X-Content-Type-Options", "nosniff");
  if (std::optional<serve::HttpResponse> allowed = allow_origin(exchange)) return allowed;
  if (std::optional<serve::HttpResponse> refused = router.admit(exchange)) return refused;
  if (is_rebound(exchange)) {
    return serve::Problem(403, "forbidden", "pages of another site may not ask").response();
  }
  if (router.find(exchange.request)->is_open) return std::nullopt;
  const std::optional<std::string> user = keys.user_of(exchange.request.header("authorization"));
  if (!user) {
    return serve::Problem(401, "unauthorized", "expected Authorization: Bearer KEY", {{"WWW-Authenticate", "Bearer"}})
        .response();
  }
  exchange.notes.user = *user;
  return std::nullopt;
}

serve::HttpServer::Handlers Server::Parts::handlers(const serve::Router& by, bool is_admin) {
  return {
      .admit = [this, &by,
                is_admin](serve::Exchange& exchange) { return is_admin ? by.admit(exchange) : admit(exchange); },
      .handle = [&by](const serve::ExchangePointer& exchange) { by.answer(exchange); },
      .connected = [this](int change) { metrics.add_connection(change); },
      .ended =
          [this](const serve::Exchange& exchange) {
            log.add(exchange);
            metrics.add_request(exchange.notes.route.empty() ? "other" : exchange.notes.route, exchange.status(),
                                serve::Exchange::Clock::now() - exchange.begin);
          },
  };
}

void Server::Parts::reload() {
  try {
    keys.reload();
  } catch (const std::exception& error) {
    tell(fmt::format("the API keys stay as they were: {}", error.what()));
  }
  watcher->reload();
}

Server::Server(ServeOptions options, std::function<void(const std::string&)> tell)
    : parts_(std::make_unique<Parts>(std::move(options), std::move(tell))) {}
Server::~Server() = default;

std::string Server::url() const {
  const std::string& address = parts_->options.address;
  return fmt::format("{}://{}:{}/", parts_->options.certificate.empty() ? "http" : "https",
                     address.find(':') == std::string::npos ? address : "[" + address + "]", parts_->port);
}

std::vector<std::string> Server::model_names() const {
  std::vector<std::string> out;
  for (const serve::ModelPointer& model : parts_->models.all()) out.push_back(model->name);
  return out;
}

void Server::reload() {
  if (parts_->reloads.exchange(true)) return;
  parts_->watcher->run([this](bool ends) {
    parts_->reloads = false;
    if (!ends) parts_->reload();
  });
}

void Server::stop(std::chrono::milliseconds most) {
  if (parts_->admin != nullptr) parts_->admin->drain(std::chrono::milliseconds(0));
  parts_->http->drain(most);
}

}  // namespace heed
