#include "metrics.h"

#include <gtest/gtest.h>

namespace heed::serve {
namespace {

TEST(Histogram, CountsWhatIsAtMostTheBound) {
  constexpr std::array kBounds = {1.0, 2.0};
  Histogram histogram(kBounds);
  for (const double value : {0.5, 1.0, 1.5, 7.0}) histogram.add(value);
  EXPECT_EQ(histogram.text("h", ""),
            "h_bucket{le=\"1\"} 2\nh_bucket{le=\"2\"} 3\nh_bucket{le=\"+Inf\"} 4\nh_sum 10\nh_count 4\n");
  EXPECT_EQ(histogram.text("h", "a=\"b\"").substr(0, 30), "h_bucket{a=\"b\",le=\"1\"} 2\nh_buc");
}

TEST(Metrics, RequestsByRouteAndStatus) {
  Metrics metrics;
  metrics.add_request("/translate", 200, std::chrono::milliseconds(3));
  metrics.add_request("/translate", 200, std::chrono::milliseconds(3));
  metrics.add_request("other", 404, std::chrono::milliseconds(3));
  metrics.add_connection(1);
  const std::string text = metrics.text({.waiting = 5, .models = 2});
  for (const char* line :
       {"heed_requests_total{route=\"/translate\",status=\"200\"} 2\n",
        "heed_requests_total{route=\"other\",status=\"404\"} 1\n", "heed_queue_sentences 5\n", "heed_models 2\n",
        "heed_connections 1\n", "heed_request_seconds_bucket{route=\"/translate\",le=\"0.0025\"} 0\n",
        "heed_request_seconds_bucket{route=\"/translate\",le=\"0.005\"} 2\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line;
  }
}

}  // namespace
}  // namespace heed::serve
