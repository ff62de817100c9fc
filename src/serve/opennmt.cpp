#include <fmt/format.h>

#include "api.h"
#include "heed/base/error.h"

namespace heed::serve {
namespace {

// Models have numbers there: the first of its example configuration has this one.
constexpr std::int64_t kFirstId = 100;

/// The model of a number; the first without one.
std::string model_of(std::optional<std::int64_t> id, const ModelTable& models) {
  if (!id) return "";
  for (const ModelPointer& model : models.all()) {
    if (model->number + kFirstId == *id) return model->name;
  }
  throw Problem(404, "unknown_model", fmt::format("there is no model {}; GET /translator/models lists them", *id));
}

struct Sources {
  std::vector<std::string> texts;
  std::optional<std::int64_t> id;
};

/// [{"src": "a b", "id": 100}, ...]
Sources read_sources(const std::string& body) {
  const Json all = read_json(body);
  if (!all.is_array() || all.empty()) throw bad_request("the body is no list of objects with 'src'");
  Sources out;
  for (const Json& each : all) {
    if (!each.is_object()) throw bad_request("the body is no list of objects with 'src'");
    Fields fields(each);
    const std::optional<Json> text = fields.take("src");
    if (!text) throw bad_request("'src' is missing");
    out.texts.push_back(text_of("src", *text));
    if (each.contains("id")) {
      const std::int64_t id = fields.integer("id", 0, 0, 1'000'000);
      if (out.id.value_or(id) != id) throw unprocessable("the 'id' of all is one: a request asks one model");
      out.id = id;
    }
    fields.finish();
  }
  return out;
}

/// What OpenNMT says of an answer of ours: the best one.
OrderedJson answer_of(const std::string& source, const std::string& json) {
  const Json ours = Json::parse(json);
  OrderedJson out = {{"n_best", 1}, {"src", source}, {"tgt", ""}, {"pred_score", 0.0}};
  if (!ours.at("translations").empty()) {
    const Json& best = ours["translations"][0];
    out["tgt"] = best.at("text").get<std::string>();
    out["pred_score"] = best.at("log_probability");  // null where it is not finite
  }
  if (ours.contains("error")) out["error"] = ours["error"].get<std::string>();
  return out;
}

}  // namespace

std::vector<Route> OpenNmtApi::routes() const {
  return {
      {"POST", "/translator/translate", [self = *this](auto& exchange) { self.translate(exchange); }},
      {"GET", "/translator/models", [self = *this](auto& exchange) { self.list_models(exchange); }},
      {"GET", "/translator/health", [](auto& exchange) { exchange->answer({.body = "{\"status\":\"ok\"}\n"}); }, true},
  };
}

void OpenNmtApi::translate(const ExchangePointer& exchange) const {
  Sources sources = read_sources(exchange->request.body);
  check_count(sources.texts.size(), limits_);
  const std::shared_ptr<Job> job = new_job(Task::kTranslate, model_of(sources.id, models_), models_, limits_);
  if (!job->model->bundle().source.options().features().empty())
    throw unprocessable("the model reads features: POST /translate takes them");
  for (const std::string& text : sources.texts) job->lines.push_back({.source = text});
  job->search.beam = std::min(job->search.beam, limits_.beam);
  exchange->notes.model = job->model->name;
  exchange->notes.sentences = job->lines.size();
  const auto answers = std::make_shared<OrderedJson>(OrderedJson::array());
  for (std::size_t i = 0; i < job->lines.size(); ++i) answers->push_back(nullptr);
  job->on_answer = [answers, texts = std::move(sources.texts)](std::size_t line, const std::string& json) {
    (*answers)[line] = answer_of(texts[line], json);
  };
  job->on_end = [answers, exchange](const Problem* problem) {
    const OrderedJson lists = OrderedJson::array({*answers});  // a list for each of the n best
    exchange->answer(problem == nullptr ? HttpResponse{.body = dump(lists) + "\n"} : problem->response());
  };
  queue_.add(job);
}

void OpenNmtApi::list_models(const ExchangePointer& exchange) const {
  OrderedJson out = OrderedJson::array();
  for (const ModelPointer& model : models_.all()) {
    out.push_back(
        {{"model_id", kFirstId + model->number}, {"name", model->name}, {"status", "loaded"}, {"device", "cpu"}});
  }
  exchange->answer({.body = dump(out) + "\n"});
}

}  // namespace heed::serve
