#include "fields.h"

#include <fmt/format.h>

#include <algorithm>

#include "heed/base/error.h"
#include "heed/base/json_depth.h"
#include "heed/base/json_fault.h"
#include "heed/base/nearest.h"
#include "problem.h"

namespace heed::serve {

std::string dump(const OrderedJson& json) { return json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace); }

Json read_json(std::string_view body) {
  try {
    check_json_depth(body);
    return Json::parse(body);
  } catch (const Json::exception& error) {
    throw bad_request("the body is not right: " + json_fault(error.what()));
  } catch (const Error& error) {
    throw bad_request(std::string("the body is not right: ") + error.what());
  }
}

Json read_object(std::string_view body) {
  Json out = read_json(body);
  if (!out.is_object()) throw bad_request("the body is no JSON object");
  return out;
}

std::optional<Json> Fields::take(const char* name) {
  known_.emplace_back(name);
  const auto found = object_.find(name);
  if (found == object_.end()) return std::nullopt;
  Json out = std::move(*found);
  object_.erase(found);
  return out;
}

bool Fields::flag(const char* name, bool usual) {
  const std::optional<Json> json = take(name);
  if (!json) return usual;
  if (!json->is_boolean()) throw bad_request(fmt::format("'{}' is neither true nor false", name));
  return json->get<bool>();
}

std::int64_t Fields::integer(const char* name, std::int64_t usual, std::int64_t least, std::int64_t most) {
  const std::optional<Json> json = take(name);
  if (!json) return usual;
  const bool fits =
      json->is_number_integer() &&
      !(json->is_number_unsigned() && json->get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX)) &&
      json->get<std::int64_t>() >= least && json->get<std::int64_t>() <= most;
  if (!fits) throw bad_request(fmt::format("'{}' is no whole number from {} to {}", name, least, most));
  return json->get<std::int64_t>();
}

double Fields::number(const char* name, double usual, double least, double most) {
  const std::optional<Json> json = take(name);
  if (!json) return usual;
  if (!json->is_number() || !(json->get<double>() >= least && json->get<double>() <= most))
    throw bad_request(fmt::format("'{}' is no number from {} to {}", name, least, most));
  return json->get<double>();
}

std::string Fields::text(const char* name, std::string usual) {
  const std::optional<Json> json = take(name);
  return json ? text_of(name, *json) : std::move(usual);
}

std::string Fields::word(const char* name, const std::vector<std::string>& words) {
  const bool is_there = has(name);
  std::string out = text(name, "");
  if (is_there && std::ranges::find(words, out) == words.end()) {
    throw bad_request(fmt::format("'{}' is not right; expected: {}", name, fmt::join(words, ", ")));
  }
  return out;
}

void Fields::finish() const {
  if (object_.empty()) return;
  const std::string& name = object_.begin().key();
  throw bad_request(fmt::format("unknown key '{}'{}; there are: {}", name.substr(0, 100), did_you_mean(name, known_),
                                fmt::join(known_, ", ")));
}

std::string text_of(const std::string& name, const Json& json) {
  if (!json.is_string()) throw bad_request(fmt::format("'{}' is no text", name));
  auto out = json.get<std::string>();
  if (out.find('\0') != std::string::npos) throw bad_request(fmt::format("'{}' has a NUL byte", name));
  return out;
}

std::vector<std::string> texts_of(const std::string& name, const Json& json) {
  if (!json.is_array()) throw bad_request(fmt::format("'{}' is no list of texts", name));
  std::vector<std::string> out;
  for (const Json& each : json) out.push_back(text_of(name, each));
  return out;
}

}  // namespace heed::serve
