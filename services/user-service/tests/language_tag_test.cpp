// SPDX-License-Identifier: Apache-2.0
#include "user-service/domain/language_tag.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

namespace micro_sayur::user_service {
namespace {

TEST(LanguageTag, IsLookedUpAsRfc4647Says) {
  for (const auto* tag : {"id", "ID", "id-ID", "in", "in-ID", "id-Latn-ID", "id-x-private", "id-u-nu-latn"})
    EXPECT_EQ(look_up_language(tag), "id") << tag;
  for (const auto* tag : {"en", "EN", "en-US", "en-GB-oxendict", "en-a-bbb-x-ccc"}) EXPECT_EQ(look_up_language(tag), "en") << tag;
  for (const auto* tag : {"fr", "ms-MY", "x-en", "i-en", "eng", "idn"}) EXPECT_EQ(look_up_language(tag), std::nullopt) << tag;
}

TEST(LanguageTag, HasAForm) {
  for (const auto* tag : {"id", "fr", "zh-Hans-CN", "sr-Latn", "de-1996", "x-private", "i-klingon", "en-US-u-ca-gregory", "EN"})
    EXPECT_TRUE(is_language_tag(tag)) << tag;
  for (const auto* text : {"", "i", "x", "-", "id-", "-id", "id_ID", "id--ID", "1d", "id-ID.UTF-8", "id ID", "abcdefghi", "en-u",
                           "en-abcdefghi", "\u0456d", "a-b"})
    EXPECT_FALSE(is_language_tag(text)) << text;
}

RC_GTEST_PROP(LanguageTag, AnyHeaderChoosesALanguageOfOurs, (const std::string& wanted, const std::string& header)) {
  const auto chosen = choose_language(wanted, header);
  RC_ASSERT(chosen == "id" || chosen == "en");
}

TEST(LanguageTag, FallsBackToAcceptLanguageAndThenToTheDefault) {
  EXPECT_EQ(choose_language("en-US", "id"), "en");
  EXPECT_EQ(choose_language("fr", "en-GB,en;q=0.9"), "en");
  EXPECT_EQ(choose_language(std::nullopt, "fr, en;q=0.5"), "en");
  EXPECT_EQ(choose_language(std::nullopt, "id;q=0.1, en;q=0.5"), "en");
  EXPECT_EQ(choose_language(std::nullopt, "en;q=0, id"), "id");
  EXPECT_EQ(choose_language(std::nullopt, "en;q=0"), "id");
  for (const auto* header : {"", "*", "fr", ",,;", "en;q=", "en;q=2", "en;q=x", "en;level=1"})
    EXPECT_EQ(choose_language(std::nullopt, header), "id") << header;
  EXPECT_EQ(choose_language("fr", std::string(100'000, ',')), "id");
}

}  // namespace
}  // namespace micro_sayur::user_service
