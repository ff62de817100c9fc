#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exchange.h"

namespace heed::serve {

using ExchangePointer = std::shared_ptr<Exchange>;

/// A path with what it answers to one method.
struct Route {
  std::string method;
  std::string path;  ///< "/models/*": the last part is any name that has no path of its own
  std::function<void(const ExchangePointer&)> answer;
  bool is_open = false;  ///< needs no key

  bool has_any_name() const { return path.ends_with('*'); }
};

/// Finds who answers a request, and refuses what nobody does.
class Router {
 public:
  explicit Router(std::vector<Route> routes) : routes_(std::move(routes)) {}

  /// Nothing: it is not refused. Also notes the route.
  std::optional<HttpResponse> admit(Exchange& exchange) const;
  /// Problems that it throws become the answer.
  void answer(const ExchangePointer& exchange) const;
  /// The one of the request, of any method if the method is none of its own; nullptr: none.
  const Route* find(const HttpRequest& request) const;
  /// "GET, POST": of the request's path.
  std::string methods_of(const HttpRequest& request) const;

 private:
  std::vector<const Route*> of_path(std::string_view path) const;

  std::vector<Route> routes_;
};

/// The name at the end of a path as "/models/en-fr".
std::string last_part(std::string_view path);

}  // namespace heed::serve
