#include "router.h"

#include <gtest/gtest.h>

#include "problem.h"

namespace heed::serve {
namespace {

Router router() {
  const auto answer = [](const char* text) {
    return [text](const ExchangePointer& exchange) { exchange->answer({.body = text}); };
  };
  return Router({{"GET", "/models", answer("all")},
                 {"POST", "/models", answer("load")},
                 {"DELETE", "/models/*", answer("drop")},
                 {"POST", "/models/all", answer("all")},
                 {"POST", "/fails", [](const ExchangePointer&) { throw unprocessable("no"); }}});
}

int refused(const std::string& method, const std::string& path, const std::string& type = "application/json") {
  Exchange exchange;
  exchange.request.method = method;
  exchange.request.path = path;
  exchange.request.headers["content-type"] = type;
  const std::optional<HttpResponse> response = router().admit(exchange);
  return response ? response->status : 0;
}

TEST(Router, KnowsPathsAndMethods) {
  EXPECT_EQ(refused("GET", "/models"), 0);
  EXPECT_EQ(refused("HEAD", "/models"), 0);
  EXPECT_EQ(refused("POST", "/models"), 0);
  EXPECT_EQ(refused("DELETE", "/models"), 405);
  EXPECT_EQ(refused("DELETE", "/models/en-fr"), 0);
  EXPECT_EQ(refused("GET", "/models/en-fr"), 405);
  EXPECT_EQ(refused("DELETE", "/models/"), 404);
  EXPECT_EQ(refused("DELETE", "/models/a/b"), 404);
  EXPECT_EQ(refused("GET", "/"), 404);
  EXPECT_EQ(refused("DELETE", "/models/all"), 405);  // a path of its own
  EXPECT_EQ(refused("POST", "/models/all"), 0);
  EXPECT_EQ(refused("POST", "/models/any"), 405);
}

TEST(Router, BodiesAreJson) {
  EXPECT_EQ(refused("POST", "/models", "text/plain"), 415);
  EXPECT_EQ(refused("POST", "/models", "application/jsonp"), 415);
  EXPECT_EQ(refused("POST", "/models", "Application/JSON; charset=utf-8"), 0);
  EXPECT_EQ(refused("GET", "/models", "text/plain"), 0);
}

TEST(Router, ProblemsBecomeAnswers) {
  const auto exchange = std::make_shared<Exchange>();
  exchange->request.method = "POST";
  exchange->request.path = "/fails";
  router().answer(exchange);
  EXPECT_EQ(exchange->status(), 422);
  exchange->answer({.status = 200});  // the first one counts
  EXPECT_EQ(exchange->status(), 422);
  EXPECT_EQ(last_part("/models/en-fr"), "en-fr");
}

}  // namespace
}  // namespace heed::serve
