#include "heed/view/report.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "heed/base/error.h"

namespace heed {
namespace {

ReportSample sample_of(const std::string& source, const std::string& reference, const std::string& text) {
  ReportSample out;
  out.reference = reference;
  out.translated.source = source;
  out.translated.source_tokens = {"a", "</s>"};
  Translation& translation = out.translated.translations.emplace_back();
  translation.text = text;
  translation.tokens = {"c"};
  translation.attention = {{0.123456F, 0.876544F}};
  return out;
}

Report small_report() {
  ReportRun run;
  run.name = "runs/</script><b>&";
  run.points = {{0.5, 10, 0.1, 5.25, 0.001, 2.5, 1000}};
  ReportValidation validation;
  validation.epoch = 1;
  validation.perplexity = std::numeric_limits<double>::infinity();
  validation.samples = {sample_of("a <script>", "b", "c {data} /*{script}*/")};
  run.validations = {validation};
  run.config = "output: x\n";
  return {"a title", "words", "made", {run}};
}

nlohmann::json report_data(const std::string& page) {
  const std::string begin = "<script id=\"data\" type=\"application/json\">";
  const std::size_t at = page.find(begin) + begin.size();
  return nlohmann::json::parse(page.substr(at, page.find("</script>", at) - at));
}

TEST(Report, DataComeBackAsTheyWere) {
  const nlohmann::json data = report_data(render_report(small_report()));
  const nlohmann::json& run = data.at("runs").at(0);
  EXPECT_EQ(run.at("name"), "runs/</script><b>&");
  EXPECT_EQ(run.at("points").at(0).at("loss"), 5.25);
  const nlohmann::json& validation = run.at("validations").at(0);
  EXPECT_TRUE(validation.at("perplexity").is_null());
  EXPECT_EQ(validation.at("samples").at(0).at("text"), "c {data} /*{script}*/");
  EXPECT_EQ(validation.at("samples").at(0).at("attention").at(0).at(0), 0.1235);
}

TEST(Report, WhatWouldMoveTextIsVisible) {
  const std::string text = "a\x1b[2J\x07 \u202eb\u00ad\u061c";
  const std::string visible = "a␛[2J␇ \\u{202e}b\\u{ad}\\u{61c}";
  Report report = small_report();
  report.runs[0].validations[0].samples = {sample_of(text, text, text)};
  report.runs[0].validations[0].samples[0].translated.source_tokens = {text, ""};
  report.runs[0].validations[0].samples[0].translated.translations[0].tokens = {text};
  report.runs[0].quality.worst = {{text, text, text, 0, {{text, 1}}}};
  const nlohmann::json run = report_data(render_report(report)).at("runs").at(0);
  const nlohmann::json& sample = run.at("validations").at(0).at("samples").at(0);
  for (const char* key : {"source", "reference", "text"}) {
    EXPECT_EQ(sample.at(key), visible);
    EXPECT_EQ(run.at("quality").at("worst").at(0).at(key), visible);
  }
  EXPECT_EQ(sample.at("source_tokens"), (std::vector<std::string>{visible, "\"\""}));
  EXPECT_EQ(sample.at("tokens").at(0), visible);
  EXPECT_EQ(run.at("quality").at("worst").at(0).at("words").at(0).at(0), visible);
}

TEST(Report, SaysOfHowManyHeadsWeightsAreTheMean) {
  Report report = small_report();
  EXPECT_EQ(report_data(render_report(report)).at("runs").at(0).at("measure"), "");
  report.runs[0].measure = "mean of 4 heads";
  EXPECT_EQ(report_data(render_report(report)).at("runs").at(0).at("measure"), "mean of 4 heads");
}

TEST(Report, IsOneFileThatAsksForNothing) {
  const std::string page = render_report(small_report());
  EXPECT_NE(page.find("default-src 'none'"), std::string::npos);
  EXPECT_EQ(page.find("src=\"http"), std::string::npos);
  EXPECT_EQ(page.find("<b>&"), std::string::npos);
  EXPECT_EQ(page.find("/*{css}*/"), std::string::npos);
}

TEST(Report, IsOfOneRunToSix) {
  Report report = small_report();
  report.runs.resize(6, report.runs.front());
  EXPECT_EQ(report_data(render_report(report)).at("runs").size(), 6U);
  report.runs.resize(7);
  EXPECT_THROW(render_report(report), Error);
  report.runs.clear();
  EXPECT_THROW(render_report(report), Error);
}

}  // namespace
}  // namespace heed
