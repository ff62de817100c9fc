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
  const std::vector<ModelPointer> all = models.all();
  const std::int64_t place = *id - kFirstId;
  if (place >= 0 && place < static_cast<std::int64_t>(all.size())) return all[static_cast<std::size_t>(place)]->name;
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
    if (each.contains("id")) out.id = fields.integer("id", 0, 0, 1'000'000);
    fields.finish();
  }
  return out;
}

/// What OpenNMT says of an answer of ours: the best one.
Json answer_of(const std::string& source, const std::string& json) {
  const Json ours = Json::parse(json);
  Json out = {{"n_best", 1}, {"src", source}, {"tgt", ""}, {"pred_score", 0.0}};
  if (!ours.at("translations").empty()) {
    out["tgt"] = ours["translations"][0].at("text");
    out["pred_score"] = ours["translations"][0].at("log_probability");
  }
  if (ours.contains("error")) out["error"] = ours["error"];
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
  const auto answers = std::make_shared<Json>(Json::array());
  for (std::size_t i = 0; i < job->lines.size(); ++i) answers->push_back(nullptr);
  job->on_answer = [answers, texts = std::move(sources.texts)](std::size_t line, const std::string& json) {
    (*answers)[line] = answer_of(texts[line], json);
  };
  job->on_end = [answers, exchange](const Problem* problem) {
    const Json lists = Json::array({*answers});  // a list for each of the n best
    exchange->answer(problem == nullptr
                         ? HttpResponse{.body = lists.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"}
                         : problem->response());
  };
  queue_.add(job);
}

void OpenNmtApi::list_models(const ExchangePointer& exchange) const {
  Json out = Json::array();
  for (const ModelPointer& model : models_.all()) {
    out.push_back({{"model_id", kFirstId + static_cast<std::int64_t>(out.size())},
                   {"name", model->name},
                   {"status", "loaded"},
                   {"device", "cpu"}});
  }
  exchange->answer({.body = out.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"});
}

}  // namespace heed::serve
