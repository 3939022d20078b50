// SPDX-License-Identifier: Apache-2.0
#include "platform/base/time.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace micro_sayur {
namespace {

TEST(Rfc3339, PrintsMicrosecondsAndZ) {
  EXPECT_EQ(to_rfc3339(timestamp{std::chrono::microseconds{1'000'001}}), "1970-01-01T00:00:01.000001Z");
}

TEST(Rfc3339, ReadsWhatItPrints) {
  EXPECT_TRUE(rc::check([] {
    const auto count = *rc::gen::inRange<std::int64_t>(-62'000'000'000'000'000, 250'000'000'000'000'000);
    const timestamp time{std::chrono::microseconds{count}};
    RC_ASSERT(parse_rfc3339(to_rfc3339(time)) == std::optional{time});
  }));
}

TEST(Rfc3339, ReadsOffsetsAndFractions) {
  EXPECT_EQ(parse_rfc3339("1970-01-01T07:00:00.5+07:00"), timestamp{std::chrono::milliseconds{500}});
  EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:00Z"), timestamp{});
}

TEST(Rfc3339, RefusesOtherForms) {
  for (const auto* text : {"", "1970-01-01", "1970-01-01T00:00:00", "1970-13-01T00:00:00Z", "1970-02-30T00:00:00Z", "1970-01-01T24:00:00Z",
                           "1970-01-01T00:00:00.Z", "1970-01-01T00:00:00Zx", "1970-01-01 00:00:00Z", "1970-01-01T00:00:00+25:00"})
    EXPECT_FALSE(parse_rfc3339(text)) << text;
}

}  // namespace
}  // namespace micro_sayur
