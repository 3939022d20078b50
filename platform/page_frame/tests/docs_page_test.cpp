// SPDX-License-Identifier: Apache-2.0
#include "platform/page_frame/tests/page_rules.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace micro_sayur {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(DocsPage, IsThereWithWhatItLoads) {
  const auto pages = pages_of(docs_page_files);
  EXPECT_EQ(find_page(pages, "/docs").content_type, "text/html; charset=utf-8");
  EXPECT_EQ(find_page(pages, "/assets/docs.js").content_type, "text/javascript; charset=utf-8");
  EXPECT_EQ(find_page(pages, "/assets/docs.css").content_type, "text/css; charset=utf-8");
  EXPECT_EQ(find_page(pages_of(page_frame_files), "/assets/leaf.svg").content_type, "image/svg+xml");
}

TEST(DocsPage, KeepsTheRulesOfPages) {
  const auto pages = pages_of(docs_page_files);
  expect_nothing_that_the_policy_forbids(pages);
  expect_nothing_that_the_policy_forbids(pages_of(page_frame_files));
  expect_relative_links(pages);
  expect_english_texts(pages, find_page(pages, "/assets/docs_texts.js").body);
  for (const auto& one : pages) EXPECT_THAT(one.body, Not(HasSubstr("localStorage"))) << one.path << ": the token lives with the page";
}

}  // namespace
}  // namespace micro_sayur
