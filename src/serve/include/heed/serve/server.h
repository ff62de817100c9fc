#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "heed/base/export.h"
#include "heed/products/precision.h"

namespace HEED_ENGINE_API heed {

/// A model by a name of its own; several directories are an ensemble.
struct ServedModel {
  std::string name = {};
  std::vector<std::string> directories = {};
  std::string base = {};     ///< of a copy that learns: the name of the model that it was at first
  std::string project = {};  ///< and whose corrections taught it
};

/// Pairs that a model has not learnt from.
struct HeldOutFiles {
  std::string model = {};                ///< its name; empty: of all that have none of their own
  std::string source = {}, target = {};  ///< two files, or in `source` one of columns with tabs between them
};

/// Learning from corrections while serving: docs/serve.md.
struct LearnOptions {
  std::string folder = {};                  ///< where they are kept, with the copies that they taught; empty: none
  std::string program = "/proc/self/exe";   ///< whose `train` computes the updates, in a process of its own
  std::vector<HeldOutFiles> held_out = {};  ///< beside the validation text of a model's training
  double rate = 0.1;                        ///< of the updates, which are plain gradient descent
  double forget = 20;                       ///< by how many per cent perplexity and errors there may rise
  int projects = 100;                       ///< at most
};

struct ServeOptions {
  std::vector<ServedModel> models = {};  ///< the first answers where a request names none
  std::string folder = {};               ///< each bundle in it is a model, by the name of its directory; empty: none
  std::optional<Precision> precision = {};
  std::string address = "127.0.0.1";  ///< to listen on: a name or number of this machine
  int port = 8080;                    ///< 0: any free one
  std::string admin = {};             ///< path of a socket where models are loaded and dropped; empty: none
  std::string certificate = {}, certificate_key = {};  ///< files in PEM: TLS; empty: none
  std::string keys = {};                               ///< file of API keys; empty: everybody may ask
  std::vector<std::string> origins = {};               ///< whose pages may ask (CORS), or "*"
  std::string access_log = {};  ///< file that gets a line of JSON for each request; "-": standard output

  int threads = 1;             ///< that compute
  int batch_sentences = 32;    ///< answered together, at most
  double batch_wait = 0;       ///< milliseconds that a sentence waits for others, where there are fewer
  int queue_sentences = 1000;  ///< that wait; more are refused (429)
  int most_sentences = 100;    ///< of a request
  int most_tokens = 200;       ///< of a source sentence
  int most_beam = 20;          ///< hypotheses, and answers, that a request may ask for
  int most_body = 1 << 20;     ///< bytes of a request
  int connections = 20000;     ///< at once
  double timeout = 30;         ///< seconds for an answer, and for the body of a request to come
  int idle_timeout = 60;       ///< seconds until a connection that says nothing is closed
  LearnOptions learn = {};
};

/// Answers over HTTP what `heed translate`, `score` and `align` answer: docs/serve.md. Thread-safe.
class Server {
 public:
  /// Loads the models and listens. `tell` gets what happens later, a line each, from any thread. Throws Error for what
  /// cannot be loaded, read or listened on.
  Server(ServeOptions options, std::function<void(const std::string&)> tell);
  /// Stops at once: what is under way is not answered.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Where it listens: "http://127.0.0.1:8080/".
  std::string url() const;
  std::vector<std::string> model_names() const;
  /// Loads all models and the API keys anew. Requests in progress end with the models that they began with.
  void reload();
  /// Takes no more connections, answers all that has come, for so long at most, and stops.
  void stop(std::chrono::milliseconds most);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace heed
