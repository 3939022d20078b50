// SPDX-License-Identifier: Apache-2.0
#include "notification-service/domain/retry_schedule.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace micro_sayur::notification_service {
namespace {

using namespace std::chrono_literals;

TEST(RetrySchedule, GrowsFromSecondsToHours) {
  EXPECT_EQ(delay_after_failure(1, 0), 1s);
  EXPECT_EQ(delay_after_failure(4, 0), 10s);
  EXPECT_EQ(delay_after_failure(12, 0), 4h);
  EXPECT_EQ(delay_after_failure(1000, 0), 4h);
}

TEST(RetrySchedule, LastsAboutTwoDays) {
  std::chrono::milliseconds total{0};
  for (std::int64_t failures = 1; failures < most_failures; ++failures) total += delay_after_failure(failures, 0.5);
  EXPECT_GT(total, 24h);
  EXPECT_LT(total, 72h);
}

TEST(RetrySchedule, AnOutageIsOverWithinTwentySecondsOfItsEnd) {
  EXPECT_EQ(delay_after_outage(1, 0), 1s);
  for (std::int64_t attempts = 1; attempts < 100; ++attempts) EXPECT_LE(delay_after_outage(attempts, 1), 20s);
}

RC_GTEST_PROP(RetrySchedule, JitterStretchesByAtMostAQuarter, (std::int64_t failures, double jitter)) {
  const auto plain = delay_after_failure(failures, 0);
  const auto stretched = delay_after_failure(failures, jitter);
  RC_ASSERT(stretched >= plain);
  RC_ASSERT(stretched <= plain + plain / 4);
  RC_ASSERT(delay_after_outage(failures, jitter) >= 1s);
}

}  // namespace
}  // namespace micro_sayur::notification_service
