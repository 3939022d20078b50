// SPDX-License-Identifier: Apache-2.0
#include "platform/http/entity_tag.hpp"
#include "platform/http/field_list.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace micro_sayur::http {
namespace {

request with(std::vector<std::string> values) {
  request made;
  for (auto& each : values) made.headers.emplace_back("if-none-match", std::move(each));
  return made;
}

bool matches_weakly(std::vector<std::string> values, std::string_view tag) {
  return read_named_tags(with(std::move(values)), "if-none-match").value().match_weakly(tag);
}

TEST(FieldList, IsSplitOutsideOfQuotes) {
  EXPECT_THAT(elements_of(" a ,\tb,, \"c,d\" ,"), testing::ElementsAre("a", "b", "\"c,d\""));
  EXPECT_THAT(elements_of(""), testing::IsEmpty());
}

TEST(EntityTags, AreAbsentWithoutTheHeader) { EXPECT_FALSE(read_named_tags({}, "if-none-match")); }

TEST(EntityTags, MatchAsRfc9110Compares) {
  for (const auto* same : {"\"7\"", "W/\"7\"", "\"6\", \"7\"", "\"6\" ,W/\"7\",", "*", " * "})
    EXPECT_TRUE(matches_weakly({same}, "7")) << same;
  for (const auto* other : {"\"6\"", "\"77\"", "\"\"", "W/\"6\", \"6,7\""}) EXPECT_FALSE(matches_weakly({other}, "7")) << other;
  EXPECT_TRUE(matches_weakly({"\"5\"", "\"7\""}, "7"));
  EXPECT_TRUE(matches_weakly({"\"6,7\""}, "6,7"));
}

TEST(EntityTags, SayWhetherTheyAreWeak) {
  const auto named = read_named_tags(with({"W/\"6\", \"7\""}), "if-none-match").value();
  ASSERT_EQ(named.tags.size(), 2U);
  EXPECT_TRUE(named.tags[0].weak);
  EXPECT_FALSE(named.tags[1].weak);
}

TEST(EntityTags, AreRefusedWhereTheyAreNone) {
  for (const auto* malformed :
       {"", "x", "7", "\"7", "7\"", "'7'", "w/\"7\"", "W/7", "\"a b\"", "*, \"7\"", "\"7\" \"8\"", "\"7\", x", ",", "\"a\"b\""})
    EXPECT_THROW(matches_weakly({malformed}, "7"), problem_error) << malformed;
}

}  // namespace
}  // namespace micro_sayur::http
