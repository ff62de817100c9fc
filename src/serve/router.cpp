#include "router.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "problem.h"

namespace heed::serve {
namespace {

bool matches(const Route& route, std::string_view path) {
  if (!route.has_any_name()) return route.path == path;
  const std::string_view front = std::string_view(route.path).substr(0, route.path.size() - 1);
  return path.starts_with(front) && path.size() > front.size() && path.find('/', front.size()) == path.npos;
}

/// HEAD is answered as GET is, without the body.
std::string_view method_of(const HttpRequest& request) {
  return request.method == "HEAD" ? std::string_view("GET") : std::string_view(request.method);
}

bool has_json(const HttpRequest& request) {
  std::string type(request.header("content-type"));
  std::ranges::transform(type, type.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return type == "application/json" || type.starts_with("application/json;") || type.starts_with("application/json ");
}

}  // namespace

std::vector<const Route*> Router::of_path(std::string_view path) const {
  std::vector<const Route*> out;
  for (const Route& route : routes_) {
    if (matches(route, path)) out.push_back(&route);
  }
  if (std::ranges::any_of(out, [](const Route* route) { return !route->has_any_name(); }))
    std::erase_if(out, [](const Route* route) { return route->has_any_name(); });
  return out;
}

const Route* Router::find(const HttpRequest& request) const {
  const std::vector<const Route*> all = of_path(request.path);
  const auto found = std::ranges::find(all, method_of(request), [](const Route* route) { return route->method; });
  if (found != all.end()) return *found;
  return all.empty() ? nullptr : all.back();
}

std::string Router::methods_of(const HttpRequest& request) const {
  std::vector<std::string> out;
  for (const Route* route : of_path(request.path)) out.push_back(route->method);
  return fmt::format("{}", fmt::join(out, ", "));
}

std::optional<HttpResponse> Router::admit(Exchange& exchange) const {
  const HttpRequest& request = exchange.request;
  const Route* route = find(request);
  if (route == nullptr) return Problem(404, "not_found", "there is nothing at this path").response();
  exchange.notes.route = route->path;
  if (route->method != method_of(request)) {
    const std::string methods = methods_of(request);
    return Problem(405, "method_not_allowed", "this path is for " + methods, {{"Allow", methods}}).response();
  }
  // A page of another site may send a body of another type without asking.
  if (route->method == "POST" && !has_json(request))
    return Problem(415, "unsupported_media_type", "expected Content-Type: application/json").response();
  return std::nullopt;
}

void Router::answer(const ExchangePointer& exchange) const {
  try {
    find(exchange->request)->answer(exchange);
  } catch (const std::exception& error) {
    exchange->answer(problem_of(error).response());
  }
}

std::string last_part(std::string_view path) { return std::string(path.substr(path.rfind('/') + 1)); }

}  // namespace heed::serve
