// SPDX-License-Identifier: Apache-2.0
#include "notification-service/domain/describe_time.hpp"

#include <gtest/gtest.h>

namespace micro_sayur::notification_service {
namespace {

TEST(DescribeTime, SpeaksBothLanguages) {
  const auto time = *parse_rfc3339("2026-11-23T09:26:55.999999Z");
  EXPECT_EQ(describe_time(time, locale::indonesian), "23 November 2026 pukul 09.26 UTC");
  EXPECT_EQ(describe_time(time, locale::english), "23 November 2026 at 09:26 UTC");
}

TEST(DescribeTime, KnowsTheFirstAndTheLastMonth) {
  EXPECT_EQ(describe_time(*parse_rfc3339("2027-01-01T00:00:00Z"), locale::indonesian), "1 Januari 2027 pukul 00.00 UTC");
  EXPECT_EQ(describe_time(*parse_rfc3339("2027-12-31T23:59:59Z"), locale::english), "31 December 2027 at 23:59 UTC");
}

TEST(Locale, IsIndonesianUnlessEnglish) {
  EXPECT_EQ(parse_locale("en"), locale::english);
  for (const auto* text : {"id", "", "EN", "fr"}) EXPECT_EQ(parse_locale(text), locale::indonesian) << text;
}

TEST(RecipientKey, ForgetsCaseAndSpaces) {
  EXPECT_EQ(recipient_key(" Budi@Example.COM\n"), "budi@example.com");
  EXPECT_EQ(recipient_key("  "), "");
}

}  // namespace
}  // namespace micro_sayur::notification_service
