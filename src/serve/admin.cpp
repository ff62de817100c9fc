#include "admin.h"

#include <fmt/format.h>

#include "fields.h"
#include "problem.h"

namespace heed::serve {
namespace {

ServedModel read_model(const std::string& body) {
  Fields fields(read_object(body));
  ServedModel out{.name = fields.text("name", "")};
  if (out.name.empty() || out.name.find('/') != std::string::npos) throw bad_request("'name' is missing, or has a '/'");
  const std::optional<Json> path = fields.take("path");
  if (!path) throw bad_request("'path' is missing: the directory of a model, or a list of them for an ensemble");
  out.directories = path->is_string() ? std::vector{text_of("path", *path)} : texts_of("path", *path);
  if (out.directories.empty()) throw bad_request("'path' is an empty list");
  fields.finish();
  return out;
}

/// Answers when the watcher has done it, which loads one model after the other.
void in_watcher(Watcher& watcher, const ExchangePointer& exchange, std::function<HttpResponse()> task) {
  watcher.run([exchange, task = std::move(task)](bool ends) {
    try {
      if (ends) throw stopping();
      exchange->answer(task());
    } catch (const std::exception& error) {
      exchange->answer(problem_of(error).response());
    }
  });
}

}  // namespace

std::vector<Route> admin_routes(ModelTable& models, Watcher& watcher, const std::function<void()>& reload) {
  const auto load = [&](const ExchangePointer& exchange) {
    in_watcher(watcher, exchange, [&models, model = read_model(exchange->request.body)] {
      models.load(model);
      return HttpResponse{.status = 201, .body = models.find(model.name)->description + "\n"};
    });
  };
  const auto drop = [&](const ExchangePointer& exchange) {
    in_watcher(watcher, exchange, [&models, name = last_part(exchange->request.path)] {
      if (!models.drop(name)) throw Problem(404, "unknown_model", fmt::format("there is no model '{}'", name));
      return HttpResponse{.body = "{}\n"};
    });
  };
  const auto reload_all = [&watcher, reload](const ExchangePointer& exchange) {
    in_watcher(watcher, exchange, [reload] {
      reload();
      return HttpResponse{.body = "{}\n"};
    });
  };
  const auto list = [&models](const ExchangePointer& exchange) {
    OrderedJson names = OrderedJson::array();
    for (const ModelPointer& model : models.all())
      names.push_back({{"name", model->name}, {"path", model->directories}});
    exchange->answer({.body = dump({{"models", names}}) + "\n"});
  };
  return {{"GET", "/models", list},
          {"POST", "/models", load},
          {"DELETE", "/models/*", drop},
          {"POST", "/reload", reload_all}};
}

}  // namespace heed::serve
