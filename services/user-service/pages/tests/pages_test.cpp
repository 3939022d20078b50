// SPDX-License-Identifier: Apache-2.0
#include "user-service/pages/pages.hpp"

#include "platform/page_frame/tests/page_rules.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace micro_sayur::user_service {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Pages, AreThere) {
  const auto pages = make_pages("");
  for (const auto* path : {"/", "/verify-email", "/reset-password", "/forgot-password"})
    EXPECT_EQ(find_page(pages, path).content_type, "text/html; charset=utf-8") << path;
  EXPECT_EQ(find_page(pages, "/assets/app.js").content_type, "text/javascript; charset=utf-8");
}

TEST(Pages, LinkTheMailboxOnlyWhereThereIsOne) {
  EXPECT_THAT(find_page(make_pages(""), "/").body, Not(HasSubstr("mailbox")));
  const auto body = find_page(make_pages("http://127.0.0.1:8081/mailbox?a=\"&b"), "/").body;
  EXPECT_THAT(body, HasSubstr(R"(href="http://127.0.0.1:8081/mailbox?a=&quot;&amp;b")"));
  EXPECT_THAT(body, Not(HasSubstr("{{")));
}

TEST(Pages, HoldNothingThatTheirPolicyForbids) {
  const auto pages = make_pages("http://127.0.0.1:8081/mailbox");
  expect_nothing_that_the_policy_forbids(pages);
  // Tokens that open something live with the page; a device token opens nothing.
  for (const auto& one : pages)
    if (one.path != "/assets/devices.js") EXPECT_THAT(one.body, Not(HasSubstr("localStorage"))) << one.path;
}

TEST(Pages, LinkTheirAssetsRelatively) { expect_relative_links(make_pages("")); }

TEST(Pages, HaveAnEnglishTextForEachIndonesianOne) {
  const auto pages = make_pages("http://127.0.0.1:8081/mailbox");
  expect_english_texts(pages, find_page(pages, "/assets/texts.js").body);
}

}  // namespace
}  // namespace micro_sayur::user_service
