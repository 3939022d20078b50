// SPDX-License-Identifier: Apache-2.0
#include "user-service/pages/pages.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

namespace micro_sayur::user_service {
namespace {

using testing::HasSubstr;
using testing::Not;

const page& find(const std::vector<page>& pages, std::string_view path) {
  const auto found = std::ranges::find(pages, path, &page::path);
  if (found == pages.end()) throw std::runtime_error("no page " + std::string(path));
  return *found;
}

TEST(Pages, AreThere) {
  const auto pages = make_pages("");
  for (const auto* path : {"/", "/verify-email", "/reset-password", "/forgot-password", "/docs"})
    EXPECT_EQ(find(pages, path).content_type, "text/html; charset=utf-8") << path;
  EXPECT_EQ(find(pages, "/assets/style.css").content_type, "text/css; charset=utf-8");
  EXPECT_EQ(find(pages, "/assets/app.js").content_type, "text/javascript; charset=utf-8");
}

TEST(Pages, LinkTheMailboxOnlyWhereThereIsOne) {
  EXPECT_THAT(find(make_pages(""), "/").body, Not(HasSubstr("mailbox")));
  const auto body = find(make_pages("http://127.0.0.1:8081/mailbox?a=\"&b"), "/").body;
  EXPECT_THAT(body, HasSubstr(R"(href="http://127.0.0.1:8081/mailbox?a=&quot;&amp;b")"));
  EXPECT_THAT(body, Not(HasSubstr("{{")));
}

TEST(Pages, HoldNothingThatTheirPolicyForbids) {
  for (const auto& one : make_pages("http://127.0.0.1:8081/mailbox")) {
    if (!one.path.starts_with("/assets/")) {
      EXPECT_FALSE(std::regex_search(one.body, std::regex(R"re(<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)|javascript:)re")))
          << one.path;
    }
    EXPECT_THAT(one.body, Not(HasSubstr("innerHTML"))) << one.path;
    // Tokens that open something live with the page; a device token opens nothing.
    if (one.path != "/assets/devices.js") EXPECT_THAT(one.body, Not(HasSubstr("localStorage"))) << one.path;
  }
}

TEST(Pages, LinkTheirAssetsRelatively) {
  const auto pages = make_pages("");
  const std::regex link(R"re((?:src|href|data-endpoint)="([^"]*)")re");
  for (const auto& one : pages) {
    if (one.path.starts_with("/assets/")) continue;
    for (std::sregex_iterator match(one.body.begin(), one.body.end(), link), end; match != end; ++match) {
      const std::string target = (*match)[1];
      EXPECT_FALSE(target.starts_with("/") || target.starts_with("http")) << one.path << " links " << target;
      if (target.starts_with("assets/")) EXPECT_NO_THROW(find(pages, "/" + target));
    }
  }
}

TEST(Pages, HaveAnEnglishTextForEachIndonesianOne) {
  const auto pages = make_pages("http://127.0.0.1:8081/mailbox");
  const auto& dictionary = find(pages, "/assets/texts.js").body;
  const std::regex key(R"re(data-text="([^"]*)")re");
  for (const auto& one : pages)
    for (std::sregex_iterator match(one.body.begin(), one.body.end(), key), end; match != end; ++match)
      EXPECT_THAT(dictionary, HasSubstr("'" + (*match)[1].str() + "':")) << one.path;
}

}  // namespace
}  // namespace micro_sayur::user_service
