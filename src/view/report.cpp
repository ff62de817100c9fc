#include "heed/view/report.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "heed/base/error.h"
#include "heed/text/escapes.h"
#include "heed/view/page.h"
#include "heed/view/visible_text.h"
#include "labels.h"
#include "page_data.h"
#include "page_files.h"

namespace heed {
namespace {

using Json = nlohmann::ordered_json;

// What is not finite has no JSON: null.
Json number(double value, double steps = 1e6) {
  if (!std::isfinite(value)) return nullptr;
  return std::round(value * steps) / steps;
}

Json to_json(const ReportSample& sample) {
  constexpr double kSteps = 1e4;
  const Translated& translated = sample.translated;
  const Translation& translation = translated.translations.front();
  AttentionPicture picture{translated.source_tokens, translation.tokens, {}};
  if (!translation.attention.empty()) picture = picture_of(translated, {.merging = Merging::kPieces});
  Json weights = Json::array();
  for (const auto& row : picture.weights) {
    Json& numbers = weights.emplace_back(Json::array());
    for (const float weight : row) numbers.push_back(number(static_cast<double>(weight), kSteps));
  }
  return {{"source", visible_text(translated.source, true)},
          {"reference", visible_text(sample.reference, true)},
          {"text", visible_text(translation.text, true)},
          {"source_tokens", view::visible_labels(picture.source)},
          {"tokens", view::visible_labels(picture.target)},
          {"attention", std::move(weights)},
          {"entropy", translation.attention.empty() ? Json(nullptr) : number(sample.entropy)}};
}

Json to_json(const ReportValidation& v) {
  Json samples = Json::array();
  for (const ReportSample& sample : v.samples) samples.push_back(to_json(sample));
  Json metrics = Json::object();
  for (const auto& [title, value] : v.metrics) metrics[title] = number(value);
  return {{"epoch", v.epoch},
          {"update", v.update},
          {"minutes", number(v.minutes)},
          {"train_loss", number(v.train_loss)},
          {"perplexity", number(v.perplexity)},
          {"loss", number(std::log(v.perplexity))},
          {"metrics", std::move(metrics)},
          {"best", v.best},
          {"attention_entropy", v.attention_maximum > 0 ? number(v.attention_entropy) : Json(nullptr)},
          {"attention_maximum", v.attention_maximum > 0 ? number(v.attention_maximum) : Json(nullptr)},
          {"samples", std::move(samples)}};
}

Json to_json(const ReportPoint& p) {
  return {{"epoch", number(p.epoch)},
          {"update", p.update},
          {"minutes", number(p.minutes)},
          {"loss", number(p.loss)},
          {"learning_rate", number(p.learning_rate, 1e12)},
          {"gradient_norm", number(p.gradient_norm)},
          {"words_per_second", number(p.words_per_second, 10)}};
}

Json to_json(const std::vector<ReportSentence>& sentences) {
  Json out = Json::array();
  for (const ReportSentence& sentence : sentences) {
    Json words = Json::array();
    for (const ReportWord& word : sentence.words)
      words.push_back({view::visible_label(word.text, true), number(word.attention, 1e3)});
    out.push_back({{"source", visible_text(sentence.source, true)},
                   {"reference", visible_text(sentence.reference, true)},
                   {"text", visible_text(sentence.text, true)},
                   {"chrf", number(sentence.chrf, 1e2)},
                   {"words", std::move(words)}});
  }
  return out;
}

Json to_json(const ReportQuality& q) {
  Json buckets = Json::array();
  for (const ReportBucket& b : q.buckets) {
    buckets.push_back({{"first", b.first},
                       {"last", b.last},
                       {"sentences", b.sentences},
                       {"bleu", number(b.bleu)},
                       {"chrf", number(b.chrf)},
                       {"accuracy", number(b.accuracy)}});
  }
  return {{"note", q.note},
          {"sentences", q.sentences},
          {"bleu", number(q.bleu)},
          {"chrf", number(q.chrf)},
          {"by_accuracy", q.by_accuracy},
          {"buckets", std::move(buckets)},
          {"attends", q.attends},
          {"entropy", number(q.entropy)},
          {"entropy_bins", q.entropy_bins},
          {"never_below", q.never_below},
          {"often_above", q.often_above},
          {"coverage_step", q.coverage_step},
          {"coverage_bins", q.coverage_bins},
          {"never", number(q.never)},
          {"often", number(q.often)},
          {"worst", to_json(q.worst)},
          {"under", to_json(q.under)},
          {"over", to_json(q.over)}};
}

template <typename Item>
Json list(const std::vector<Item>& items) {
  Json out = Json::array();
  for (const Item& item : items) out.push_back(to_json(item));
  return out;
}

Json to_json(const ReportRun& run) {
  Json facts = Json::array();
  for (const auto& [name, value] : run.facts) facts.push_back({name, value});
  return {{"name", visible_text(run.name, true)},
          {"measure", run.measure},
          {"facts", std::move(facts)},
          {"points", list(run.points)},
          {"validations", list(run.validations)},
          {"quality", to_json(run.quality)},
          {"commands", run.commands},
          {"config", run.config}};
}

// Nothing in a string of the data can end the script element that holds them.
std::string script_data(const Json& data) {
  std::string out;
  for (const char c : data.dump(-1, ' ', false, Json::error_handler_t::replace)) {
    out += c == '<' ? std::string("\\u003c") : std::string(1, c);
  }
  return out;
}

// In the order of their places: what was put in is not searched again.
std::string put_in(std::string_view html, const std::vector<std::pair<std::string_view, std::string_view>>& parts) {
  std::string out;
  for (const auto& [mark, text] : parts) {
    const std::size_t at = html.find(mark);
    if (at == html.npos) throw Error("report.html has no " + std::string(mark));
    out.append(html.substr(0, at)).append(text);
    html.remove_prefix(at + mark.size());
  }
  return out.append(html);
}

}  // namespace

std::string render_report(const Report& report) {
  if (report.runs.empty() || report.runs.size() > kMostReportRuns) {
    throw Error("a report is of one to " + std::to_string(kMostReportRuns) + " runs, not of " +
                std::to_string(report.runs.size()));
  }
  Json runs = Json::array();
  for (const ReportRun& run : report.runs) runs.push_back(to_json(run));
  const Json data = {
      {"title", visible_text(report.title, true)}, {"space_mark", kSpaceMark},  {"scales", view::page_scales()},
      {"length_unit", report.length_unit},         {"made_by", report.made_by}, {"runs", std::move(runs)}};
  const view::PageFiles& files = view::kReportFiles;
  return put_in(files.html, {{"/*{css}*/", files.css}, {"{data}", script_data(data)}, {"/*{script}*/", files.script}});
}

}  // namespace heed
