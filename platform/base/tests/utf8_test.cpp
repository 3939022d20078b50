// SPDX-License-Identifier: Apache-2.0
#include "platform/base/utf8.hpp"

#include <gtest/gtest.h>

namespace micro_sayur {
namespace {

using namespace std::string_view_literals;

TEST(Utf8, IsWellFormed) {
  for (const auto good : {""sv, "sayur \xf0\x9f\xa5\xac"sv, "\0"sv, "\xf4\x8f\xbf\xbf"sv, "\xed\x9f\xbf"sv})
    EXPECT_TRUE(is_utf8(good)) << good;
  for (const auto bad : {"\x80"sv, "\xc0\x80"sv, "\xed\xa0\x80"sv, "\xf4\x90\x80\x80"sv, "\xe2\x82"sv, "a\xff"sv})
    EXPECT_FALSE(is_utf8(bad)) << bad;
}

TEST(Utf8, IsCountedInCodePoints) {
  EXPECT_EQ(code_points(""), 0U);
  EXPECT_EQ(code_points("bo\u00eete"), 5U);
  EXPECT_EQ(code_points("e\u0301\U0001f44d\U0001f3fd"), 4U);
}

}  // namespace
}  // namespace micro_sayur
