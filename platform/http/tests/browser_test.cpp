// SPDX-License-Identifier: Apache-2.0
#include "platform/http/browser.hpp"

#include <gtest/gtest.h>

namespace micro_sayur::http {
namespace {

request asking(std::string path, std::string accept) {
  request made;
  const auto mark = path.find('?');
  if (mark != std::string::npos) made.query = path.substr(mark + 1);
  made.path = path.substr(0, mark);
  made.headers.emplace_back("accept", std::move(accept));
  return made;
}

TEST(Browser, NamesHtmlInAccept) {
  for (const auto* accept :
       {"text/html", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "application/json, TEXT/HTML;q=0.1"})
    EXPECT_TRUE(is_of_a_browser(asking("/", accept))) << accept;
  for (const auto* accept : {"*/*", "text/*", "application/json", "", "text/html;q=0", "text/html; q=0.0", "text/htmlx"})
    EXPECT_FALSE(is_of_a_browser(asking("/", accept))) << accept;
  auto posting = asking("/", "text/html");
  posting.verb = method::post;
  EXPECT_FALSE(is_of_a_browser(posting));
}

TEST(Browser, IsLedFromTheSlashToThePage) {
  const handler none = [](request&) -> async::task<response> { co_return no_content(); };
  router routes;
  routes.add({{.verb = method::get, .path = "/", .handle = none},
              {.verb = method::get, .path = "/verify-email", .handle = none},
              {.verb = method::get, .path = "/help/start", .handle = none},
              {.verb = method::get, .path = "/health", .handle = none, .document = {.id = "getHealth"}}});
  EXPECT_EQ(page_without_slash(asking("/verify-email/?token=a%2Fb", ""), routes), "../verify-email?token=a%2Fb");
  EXPECT_EQ(page_without_slash(asking("/help/start/", ""), routes), "../start");
  for (const auto* path : {"/", "/verify-email", "/verify-email//", "/health/", "//evil.example/", "/none/"})
    EXPECT_EQ(page_without_slash(asking(path, ""), routes), std::nullopt) << path;
}

}  // namespace
}  // namespace micro_sayur::http
