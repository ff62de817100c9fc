#include "heed/view/live_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <regex>

namespace heed {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::size_t count_of(const std::string& text, const std::string& what) {
  std::size_t count = 0;
  for (std::size_t at = text.find(what); at != text.npos; at = text.find(what, at + what.size())) ++count;
  return count;
}

TEST(LivePage, LoadsUnder100KB) { EXPECT_LT(live_page().size(), 100'000u); }

TEST(LivePage, IsOneFileThatAPolicyCanNameByItsHashes) {
  const std::string page = live_page();
  EXPECT_EQ(count_of(page, "<style"), 1u);
  EXPECT_EQ(count_of(page, "<script>"), 1u);
  EXPECT_EQ(count_of(page, "<script"), 2u);   // with that of the data, which is not run
  EXPECT_EQ(count_of(page, "</script"), 2u);  // none in the script's own text, which would end it
  const std::string markup = page.substr(page.find("<body>"), page.find("<script") - page.find("<body>"));
  EXPECT_THAT(markup, Not(HasSubstr(" style=")));
  EXPECT_FALSE(std::regex_search(markup, std::regex(" on[a-z]+=")));
  EXPECT_FALSE(std::regex_search(page, std::regex("<(link|script|img)[^>]*(href|src)=\"(?!data:)")));
}

TEST(LivePage, EveryPlaceOfItsTemplateIsFilled) {
  const std::string page = live_page();
  EXPECT_THAT(page, Not(HasSubstr("{{")));
  EXPECT_THAT(page, HasSubstr("data-switch=\"heatmap\""));
}

TEST(LivePage, ItsDataAreWhatThePicturesNeed) {
  const std::string page = live_page();
  const std::string begin = "<script type=\"application/json\" id=\"data\">";
  const std::size_t at = page.find(begin) + begin.size();
  const nlohmann::json data = nlohmann::json::parse(page.substr(at, page.find("</script>", at) - at));
  EXPECT_EQ(data["steps"], 10000);
  EXPECT_EQ(data["space_mark"], "\u2581");
  EXPECT_EQ(data["scales"]["dark"].size(), data["scales"]["light"].size());
}

}  // namespace
}  // namespace heed
