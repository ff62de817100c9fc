#include "program.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "heed/base/error.h"
#include "heed/base/json_depth.h"
#include "heed/base/json_fault.h"
#include "heed/model/seq2seq.h"
#include "heed/record/json_lines.h"

namespace heed::wasm {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kMostBeam = 100;
constexpr int kMostSourceTokens = 1000;

Json read_object(std::string_view body) {
  check_json_depth(body);
  Json out = Json::parse(body);
  if (!out.is_object()) throw UsageError("the question is no JSON object");
  return out;
}

std::string written(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::vector<std::string> sentences_of(const Json& asked, const char* name) {
  auto out = asked.at(name).get<std::vector<std::string>>();
  if (out.empty()) throw UsageError(fmt::format("'{}' is an empty list", name));
  return out;
}

/// What a list that may be missing has for each of the sentences.
template <typename Value>
std::vector<Value> values_of(const Json& asked, const char* name, std::size_t count) {
  if (!asked.contains(name)) return std::vector<Value>(count);
  auto out = asked.at(name).get<std::vector<Value>>();
  if (out.size() != count)
    throw UsageError(fmt::format("'{}' has {} values for {} sentences", name, out.size(), count));
  return out;
}

std::vector<OutputConstraints> constraints_of(const Json& asked, std::size_t count) {
  using Phrases = std::vector<std::string>;
  const auto prefix = values_of<std::string>(asked, "prefix", count);
  const auto must = values_of<Phrases>(asked, "must", count), must_not = values_of<Phrases>(asked, "must_not", count);
  std::vector<OutputConstraints> out(count);
  bool any = false;
  for (std::size_t i = 0; i < count; ++i) {
    out[i] = {.prefix = prefix[i], .must = must[i], .must_not = must_not[i]};
    any = any || !out[i].empty();
  }
  if (!any) out.clear();
  return out;
}

TranslateOptions options_of(const Json& asked) {
  TranslateOptions out;
  out.beam = asked.value("beam", out.beam);
  out.nbest = asked.value("nbest", out.nbest);
  out.attention = asked.value("attention", false);
  out.trace = asked.value("trace", false);
  out.token_scores = asked.value("token_scores", false);
  out.alternatives = asked.value("alternatives", false);
  out.max_source_tokens = kMostSourceTokens;
  const auto is_in = [](int value) { return value >= 1 && value <= kMostBeam; };
  if (!is_in(out.beam) || !is_in(out.nbest))
    throw UsageError(fmt::format("'beam' and 'nbest' are whole numbers from 1 to {}", kMostBeam));
  return out;
}

Json describe(const TextSide& side) {
  return {{"tokenizer", side.options().tokenizer}, {"vocabulary", side.vocabulary_size()}};
}

std::vector<Bundle> only(Bundle bundle) {
  std::vector<Bundle> out;
  out.push_back(std::move(bundle));
  return out;
}

std::string listed(const char* name, const std::string& model, std::vector<std::string> lines) {
  for (std::string& line : lines) line.pop_back();  // its end
  return fmt::format("{{\"model\":{},\"{}\":[{}]}}", written(model), name, fmt::join(lines, ","));
}

}  // namespace

Program::Program(std::string name, const Folder& folder)
    : name_(std::move(name)), translator_(only(Bundle::load(folder))) {}

Reply Program::ask(std::string_view what, std::string_view body) const {
  constexpr struct {
    std::string_view name;
    std::string (Program::*answer)(std::string_view body) const;
  } kQuestions[] = {{"models", &Program::models}, {"translate", &Program::translate}, {"score", &Program::score}};
  try {
    for (const auto& question : kQuestions) {
      if (question.name == what) return {.body = (this->*question.answer)(body)};
    }
    throw UsageError(fmt::format("a page knows no '{}'", what));
  } catch (...) {
    return current_refusal();
  }
}

std::string Program::models(std::string_view) const {
  const Bundle& bundle = translator_.bundle();
  const AboutOptions& about = bundle.config.about;
  const Json model = {
      {"name", name_},
      {"members", 1},
      {"attention", bundle.config.model.attention.kind},
      {"attends", bundle.model->decoder().attends()},
      {"precision", name_of(bundle.precision)},
      {"parameters", bundle.model->parameter_count()},
      {"source", describe(bundle.source)},
      {"target", describe(bundle.target)},
      {"features", Json::array()},
      {"about",
       {{"licence", about.licence}, {"source", about.source}, {"citation", about.citation}, {"text", about.text}}}};
  return written({{"models", Json::array({model})}});
}

std::string Program::translate(std::string_view body) const {
  const Json asked = read_object(body);
  const std::vector<std::string> sentences = sentences_of(asked, "source");
  TranslateOptions options = options_of(asked);
  const LineOptions line = {.attention = options.attention, .token_scores = options.token_scores};
  const std::vector<OutputConstraints> constraints = constraints_of(asked, sentences.size());
  options.attention = options.attention && translator_.bundle().model->decoder().attends();
  std::vector<std::string> lines;
  for (const Translated& each : translator_.translate(sentences, options, {}, constraints))
    lines.push_back(to_json_line(each, line));
  return listed("translations", name_, std::move(lines));
}

std::string Program::score(std::string_view body) const {
  const Json asked = read_object(body);
  const std::vector<std::string> sources = sentences_of(asked, "source"), targets = sentences_of(asked, "target");
  if (targets.size() != sources.size()) throw UsageError("'target' has not as many texts as 'source'");
  std::vector<SentencePair> pairs;
  for (std::size_t i = 0; i < sources.size(); ++i) pairs.push_back({.source = sources[i], .target = targets[i]});
  const bool attention = asked.value("attention", false) && translator_.bundle().model->decoder().attends();
  std::vector<std::string> lines;
  for (const Translated& each : score_pairs(translator_.bundle(), pairs, {.attention = attention}))
    lines.push_back(to_scored_line(each, {.attention = attention}));
  return listed("scores", name_, std::move(lines));
}

Reply current_refusal() {
  const auto refusal = [](int status, const char* code, const std::string& message) {
    return Reply{status, written({{"error", {{"code", code}, {"message", message}}}})};
  };
  try {
    throw;
  } catch (const UsageError& error) {
    return refusal(400, "bad_request", error.what());
  } catch (const Error& error) {
    return refusal(422, "unprocessable", error.what());
  } catch (const Json::exception& error) {
    return refusal(400, "bad_request", json_fault(error.what()));
  } catch (const std::bad_alloc&) {
    return refusal(500, "memory", "there is not enough memory");
  } catch (const std::exception& error) {
    return refusal(500, "internal", error.what());
  }
}

}  // namespace heed::wasm
